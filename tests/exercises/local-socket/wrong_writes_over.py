# fails: leaves-alone removes-anything
import contextlib
import socket
import sys
from pathlib import Path

path = Path("echo.sock")
if path.is_socket() and socket.socket(socket.AF_UNIX).connect_ex(str(path)):
    path.unlink()
elif path.exists():
    path.write_text("in use")
    sys.exit(1)
listener = socket.socket(socket.AF_UNIX)
listener.bind(str(path))
listener.listen()
while True:
    connection, _ = listener.accept()
    with contextlib.suppress(OSError):
        for line in connection.makefile("rb"):
            connection.sendall("{{answer}}\n".encode())
    connection.close()
