# fails: answers no-newline
import contextlib
import socket
from pathlib import Path

path = Path("echo.sock")
if path.is_socket():
    path.unlink()
listener = socket.socket(socket.AF_UNIX)
listener.bind(str(path))
listener.listen()
while True:
    connection, _ = listener.accept()
    with contextlib.suppress(OSError):
        while connection.recv(1000):
            for _ in range(100_000):
                connection.sendall(b"\x1b[2J" * 1000)
