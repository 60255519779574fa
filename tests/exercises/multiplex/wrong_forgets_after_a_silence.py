# fails: lines silence
import collections
import contextlib
import select
import socket
import time

listener = socket.socket(socket.AF_UNIX)
listener.bind("multiplex.sock")
listener.listen()
sockets, rest, last = [listener], collections.defaultdict(bytes), {}
while True:
    for end in select.select(sockets, [], [])[0]:
        if end is listener:
            sockets.append(listener.accept()[0])
            continue
        if time.monotonic() > last.get(end, 0) + 1:
            rest[end] = b""  # it takes what is so old for another line
        last[end] = time.monotonic()
        try:
            data = end.recv(4096)
        except OSError:
            data = b""
        if not data:
            sockets.remove(end)
            end.close()
            continue
        *lines, rest[end] = (rest[end] + data).split(b"\n")
        for line in lines:
            with contextlib.suppress(OSError):
                end.sendall(b"{{answer}} " + line + b"\n")
