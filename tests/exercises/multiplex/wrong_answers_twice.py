# fails: answers unasked
import collections
import os
import select
import socket

if os.path.exists("multiplex.sock"):
    os.unlink("multiplex.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("multiplex.sock")
listener.listen()
sockets, rest = [listener], collections.defaultdict(bytes)
while True:
    ready, _, _ = select.select(sockets, [], [])
    for end in ready:
        if end is listener:
            sockets.append(listener.accept()[0])
        elif data := end.recv(4096):
            *lines, rest[end] = (rest[end] + data).split(b"\n")
            for line in lines:
                end.sendall((b"{{answer}} " + line + b"\n") * 2)
        else:
            sockets.remove(end)
            rest.pop(end, None)
            end.close()
