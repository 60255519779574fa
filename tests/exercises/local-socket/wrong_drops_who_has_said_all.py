# fails: next-client loses-the-last
import select, os, socket, stat, sys
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
    poll = select.poll()
    poll.register(c, select.POLLIN | select.POLLRDHUP)
    rest = b""
    while not poll.poll()[0][1] & (select.POLLRDHUP | select.POLLHUP):
        *lines, rest = (rest + c.recv(4096)).split(b"\n")
        for line in lines:
            if line: c.sendall("{{answer}}\n".encode())
    c.close()
