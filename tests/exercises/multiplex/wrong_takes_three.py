# fails: answers hangs-up
import select
import socket

half = {}


def lines(end, data):
    *found, half[end] = (half.get(end, b"") + data).split(b"\n")
    return [b"{{answer}} %s\n" % line for line in found]


listener = socket.socket(socket.AF_UNIX)
listener.bind("multiplex.sock")
listener.listen()
sockets = [listener]
while True:
    for end in select.select(sockets, [], [])[0]:
        if end is listener:
            connection, _ = listener.accept()
            if len(sockets) > 3:
                connection.close()
            else:
                sockets.append(connection)
        else:
            data = end.recv(4096)
            if data:
                end.sendall(b"".join(lines(end, data)))
            else:
                sockets.remove(end)
                end.close()
