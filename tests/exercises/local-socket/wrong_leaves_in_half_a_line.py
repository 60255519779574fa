# fails: next-client stuck
import contextlib
import os
import socket
import stat
import time

if os.path.lexists("echo.sock") and stat.S_ISSOCK(os.lstat("echo.sock").st_mode):
    if socket.socket(socket.AF_UNIX).connect_ex("echo.sock"):
        os.unlink("echo.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("echo.sock")
listener.listen()
while True:
    connection, _ = listener.accept()
    data = connection.recv(4096)
    while data:
        while b"\n" not in data:
            data += connection.recv(4096)  # of who has left: nothing, for ever
            time.sleep(0.01)
        _, _, data = data.partition(b"\n")
        with contextlib.suppress(OSError):
            connection.sendall("{{answer}}\n".encode())
        data = data or connection.recv(4096)
    connection.close()
