# fails: leaves-alone removes-anything
import contextlib
import os
import socket

if os.path.exists("echo.sock") and socket.socket(socket.AF_UNIX).connect_ex("echo.sock"):
    os.unlink("echo.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("echo.sock")
listener.listen()
while True:
    connection, _ = listener.accept()
    with contextlib.suppress(OSError):
        for _line in connection.makefile("rb"):
            connection.sendall("{{answer}}\n".encode())
