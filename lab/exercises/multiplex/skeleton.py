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
    connection, _ = listener.accept()  # what if somebody else speaks? | 如果是别人在说话呢？
    data = connection.recv(4096)
    connection.sendall(b"{{answer}} " + data)
