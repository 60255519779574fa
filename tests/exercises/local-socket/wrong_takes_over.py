# fails: alive takes-over
import os, socket
from pathlib import Path
if Path("echo.sock").is_socket(): os.unlink("echo.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("echo.sock")
s.listen()
while True:
    c, _ = s.accept()
    try:
        for line in c.makefile("rb"):
            c.sendall("{{answer}}\n".encode())
    except OSError:
        pass
    c.close()
