# fails: taken hangs-up
import os
import select
import signal
import socket
import sys

path = os.path.expanduser("chat-room.sock")
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
s.bind(path)
s.listen(5)


def reap(number, frame):
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


signal.signal(signal.SIGCHLD, reap)
r, w = os.pipe()
if os.fork() == 0:
    os.close(r)
    s.close()
    while line := sys.stdin.readline():
        os.write(w, line.encode())
    os._exit(0)
os.close(w)

names, come, queued = {}, {}, {}


def tell(text, but=None):
    for c in names:
        if c is not but:
            queued[c] += (text + "\n").encode()


def drop(c):
    name = names.pop(c, None)
    del come[c], queued[c]
    c.close()
    if name is not None:
        tell(name + " {{logout}}")


while 1:
    rs, ws, _ = select.select([s, r, *come], [c for c in queued if queued[c]], [])
    for c in ws:
        try:
            queued[c] = queued[c][c.send(queued[c]):]
        except BlockingIOError:
            pass
        except OSError:
            queued[c] = b""
    for c in rs:
        if c is s:
            new, _ = s.accept()
            new.setblocking(False)
            come[new], queued[new] = b"", b""
            continue
        if c == r:
            for line in os.read(r, 4096).decode().splitlines():
                tell("{{admin}} : " + line)
            continue
        try:
            data = c.recv(4096)
        except OSError:
            data = b""
        if not data:
            drop(next(iter(names)) if c in names else c)  # not this one
            continue
        *lines, come[c] = (come[c] + data).split(b"\n")
        for line in lines:
            line = line.decode()
            if c in names:
                tell(names[c] + " : " + line, c)
            elif line in names.values():
                queued[c] += b"* error: taken\n"
            else:
                tell(line + " {{login}}")
                names[c] = line
                queued[c] += ("* welcome " + line + "\n").encode()
