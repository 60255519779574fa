# fails: lives daemon
import os, socket, stat, sys
def clear(p):
    try:
        st = os.lstat(p)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(st.st_mode):
        sys.exit("in the way")
    s = socket.socket(socket.AF_UNIX)
    try:
        s.connect(p)
    except ConnectionRefusedError:
        os.unlink(p)
    else:
        sys.exit("alive")
    finally:
        s.close()
clear("echo.sock")
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
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
