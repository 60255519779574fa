import collections
import os
import select
import socket


def is_served(end):
    try:
        data = end.recv(4096)
        *lines, rest[end] = (rest[end] + data).split(b"\n")
        for line in lines:
            end.sendall(b"{{answer}} " + line + b"\n")
    except OSError:  # it has left with its answers unread
        return False
    return data != b""


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
        elif not is_served(end):
            sockets.remove(end)
            rest.pop(end, None)
            end.close()
