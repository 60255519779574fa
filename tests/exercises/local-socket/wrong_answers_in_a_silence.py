# fails: lines silence
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
    c.settimeout(1)
    rest = b""
    while True:
        try:
            data = c.recv(4096)
        except TimeoutError:
            if rest: c.sendall("{{answer}}\n".encode())  # half a line, which it takes for one
            rest = b""
            continue
        if not data: break
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            if line: c.sendall("{{answer}}\n".encode())
    c.close()
