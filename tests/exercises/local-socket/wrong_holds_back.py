# fails: lines holds-back
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
        data = b""
        while more := connection.recv(4096):
            data += more
            if data.endswith(b"\n"):  # and until then not even the lines before
                connection.sendall("{{answer}}\n".encode() * data.count(b"\n"))
                data = b""
