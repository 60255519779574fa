# fails: alive disturbs
import os, socket, stat, sys, time
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
s = socket.socket(socket.AF_UNIX)
s.bind("echo.sock")
s.listen()
while True:
    c, _ = s.accept()
    f = c.makefile("rb")
    while not (first := f.readline()):  # it has left without a word
        time.sleep(0.5)
    try:
        c.sendall("{{answer}}\n".encode())
        for line in f:
            c.sendall("{{answer}}\n".encode())
    except OSError:
        pass
    f.close(); c.close()
