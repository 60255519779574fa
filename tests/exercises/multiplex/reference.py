import os
import select
import socket

if os.path.exists("multiplex.sock"):
    os.unlink("multiplex.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("multiplex.sock")
listener.listen()
sockets = [listener]
while True:
    ready, _, _ = select.select(sockets, [], [])
    for end in ready:
        if end is listener:
            sockets.append(listener.accept()[0])
        elif data := end.recv(4096):
            end.sendall(b"{{answer}} " + data)
        else:
            sockets.remove(end)
            end.close()
