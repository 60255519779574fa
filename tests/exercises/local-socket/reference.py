import contextlib
import socket
from pathlib import Path


def is_alive(path):
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return False
    return True


path = Path("echo.sock")
if path.is_socket() and not path.is_symlink() and not is_alive(path):
    path.unlink()
listener = socket.socket(socket.AF_UNIX)
listener.bind(str(path))  # fails if anything has the name
listener.listen()
while True:
    connection, _ = listener.accept()
    with connection, contextlib.suppress(OSError):  # it may leave before it is answered
        for line in connection.makefile("rb"):
            connection.sendall("{{answer}}\n".encode())
