# fails: lives died
import os, select, signal, socket, sys
if os.path.exists("chat-room.sock"): os.unlink("chat-room.sock")
s = socket.socket(socket.AF_UNIX); s.bind("chat-room.sock"); s.listen(20)
names, buf = {}, {}
def send(c, text):
    try:
        c.send((text + "\n").encode(), socket.MSG_DONTWAIT)
    except OSError:
        pass
def tell(text, but=None):
    for c in list(names):
        if c is not but:
            send(c, text)
def drop(c):
    buf.pop(c); c.close()
    tell(names.pop(c) + " {{logout}}")
def line(c, text):
    if c in names:
        tell(names[c] + " : " + text, c)
    elif text in names.values():
        send(c, "* error: taken")
    else:
        send(c, "* welcome " + text)
        tell(text + " {{login}}")
        names[c] = text
while True:
    for r in select.select([s, sys.stdin, *buf], [], [])[0]:
        if r is s:
            buf[s.accept()[0]] = b""
        elif r is sys.stdin:
            tell("{{admin}} : " + sys.stdin.readline().rstrip("\n"))
        elif r in buf:
            try: d = r.recv(4096)
            except OSError: d = b""
            if not d:
                drop(r); continue
            *ls, buf[r] = (buf[r] + d).split(b"\n")
            for l in ls: line(r, l.decode())
