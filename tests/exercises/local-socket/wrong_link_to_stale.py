# fails: leaves-alone removes-anything
import contextlib
import socket
from pathlib import Path

path = Path("echo.sock")
if path.is_socket() and socket.socket(socket.AF_UNIX).connect_ex(str(path)):  # is_socket follows a link
    path.unlink()
listener = socket.socket(socket.AF_UNIX)
listener.bind(str(path))
listener.listen()
while True:
    connection, _ = listener.accept()
    with connection, contextlib.suppress(OSError):
        for _line in connection.makefile("rb"):
            connection.sendall("{{answer}}\n".encode())
