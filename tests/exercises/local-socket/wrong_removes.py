# fails: leaves-alone removes-anything
import os
import socket

if os.path.exists("echo.sock"):
    os.unlink("echo.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("echo.sock")
listener.listen()
while True:
    connection, _ = listener.accept()
    while connection.recv(4096):
        connection.sendall("{{answer}}\n".encode())
