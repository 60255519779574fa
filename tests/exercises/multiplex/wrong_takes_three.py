# fails: answers hangs-up
import select
import socket

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
                end.sendall(b"{{answer}} " + data)
            else:
                sockets.remove(end)
                end.close()
