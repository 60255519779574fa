# fails: lines half-line
import contextlib
import os
import socket
import stat

if os.path.lexists("echo.sock") and stat.S_ISSOCK(os.lstat("echo.sock").st_mode):
    if socket.socket(socket.AF_UNIX).connect_ex("echo.sock"):
        os.unlink("echo.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("echo.sock")
listener.listen()
while True:
    connection, _ = listener.accept()
    with connection, contextlib.suppress(OSError):
        while data := connection.recv(4096):
            if not data.endswith(b"\n"):
                data += connection.recv(4096)  # the rest, if there are no more than two parts
            for _line in data.splitlines():
                connection.sendall("{{answer}}\n".encode())
