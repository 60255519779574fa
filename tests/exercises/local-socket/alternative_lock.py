# Whether another is alive is known by a lock, not by a connection.
import fcntl, os, sys, socket, stat
lock = open("echo.lock", "w")
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    sys.exit("alive")
if os.path.lexists("echo.sock") and stat.S_ISSOCK(os.lstat("echo.sock").st_mode):
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
