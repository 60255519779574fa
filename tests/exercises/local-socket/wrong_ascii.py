# fails: lines not-ascii
import os, socket, stat, sys
def clear(p):
    if not os.path.lexists(p): return
    if not stat.S_ISSOCK(os.lstat(p).st_mode): sys.exit("in the way")
    s = socket.socket(socket.AF_UNIX)
    try: s.connect(p)
    except ConnectionRefusedError: os.unlink(p)
    else: sys.exit("alive")
    finally: s.close()
clear("echo.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("echo.sock")
s.listen()
while True:
    c, _ = s.accept()
    for line in c.makefile(encoding="ascii", errors="ignore"):
        if line.strip(): c.sendall("{{answer}}\n".encode())
    c.close()
