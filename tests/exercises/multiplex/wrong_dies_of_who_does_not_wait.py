# fails: lives died
import collections
import select
import socket

listener = socket.socket(socket.AF_UNIX)
listener.bind("multiplex.sock")
listener.listen()
sockets, rest = [listener], collections.defaultdict(bytes)
while True:
    for end in select.select(sockets, [], [])[0]:
        if end is listener:
            sockets.append(listener.accept()[0])
        elif data := end.recv(4096):
            *lines, rest[end] = (rest[end] + data).split(b"\n")
            for line in lines:
                end.sendall(b"{{answer}} " + line + b"\n")
        else:
            sockets.remove(end)
            rest.pop(end, None)
            end.close()
