# fails: next-client listens-once
import os
import socket

if os.path.exists("echo.sock"):
    os.unlink("echo.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("echo.sock")
listener.listen()
connection, _ = listener.accept()
for _line in connection.makefile("rb"):
    connection.sendall("{{answer}}\n".encode())
