import os
import socket

if os.path.exists("timeout.sock"):
    os.unlink("timeout.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("timeout.sock")
listener.listen()
while True:
    connection, _ = listener.accept()  # and who serves the others meanwhile?
    while connection.recv(4096):  # for how long?
        connection.sendall(b"{{answer}}\n")
    connection.close()
