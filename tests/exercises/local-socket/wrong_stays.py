# fails: leaves-alone stays
import contextlib
import socket
import time
from pathlib import Path

path = Path("echo.sock")
listener = socket.socket(socket.AF_UNIX)
is_bound = False
while not is_bound:
    if path.is_socket() and socket.socket(socket.AF_UNIX).connect_ex(str(path)):
        path.unlink()
    with contextlib.suppress(OSError if not path.is_socket() else ()):
        listener.bind(str(path))
        is_bound = True
    time.sleep(0.05)
listener.listen()
while True:
    connection, _ = listener.accept()
    with contextlib.suppress(OSError):
        for line in connection.makefile("rb"):
            connection.sendall("{{answer}}\n".encode())
    connection.close()
