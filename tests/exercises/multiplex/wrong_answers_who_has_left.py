# fails: lives died
import select
import socket

listener = socket.socket(socket.AF_UNIX)
listener.bind("multiplex.sock")
listener.listen()
sockets = [listener]
while True:
    for end in select.select(sockets, [], [])[0]:
        if end is listener:
            sockets.append(listener.accept()[0])
        else:
            data = end.recv(4096)
            end.sendall(b"{{answer}} " + data)
            if not data:
                end.close()
