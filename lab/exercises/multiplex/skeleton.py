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
    connection, _ = listener.accept()  # and if nobody new comes, but somebody speaks?
    data = connection.recv(4096)
    connection.sendall(b"{{answer}} " + data)
