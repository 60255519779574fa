# fails: lines loses-parts
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
    rest = b""
    while data := c.recv(4096):
        rest += data
        if b"\n" in rest:
            for line in rest.split(b"\n")[:-1]:
                if line: c.sendall("{{answer}}\n".encode())
            rest = b""  # what came behind the newline is lost
    c.close()
