# fails: leaves-alone removes-anything
import os, socket, sys
if os.path.isfile("echo.sock"): sys.exit(1)
if os.path.lexists("echo.sock"):
    if socket.socket(socket.AF_UNIX).connect_ex("echo.sock") == 0: sys.exit(1)
    os.unlink("echo.sock")
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
