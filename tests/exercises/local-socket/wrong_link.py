# fails: leaves-alone removes-anything
import os, socket, sys, stat
try:
    if stat.S_ISFIFO(os.lstat("echo.sock").st_mode) or stat.S_ISREG(os.lstat("echo.sock").st_mode): sys.exit(1)
    if socket.socket(socket.AF_UNIX).connect_ex("echo.sock") == 0: sys.exit(1)
    os.unlink("echo.sock")
except FileNotFoundError: pass
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
