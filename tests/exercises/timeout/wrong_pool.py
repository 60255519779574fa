# fails: others blocked
import os, select, socket, threading
from concurrent.futures import ThreadPoolExecutor
def serve(c):
    c.settimeout({{seconds}})
    try:
        for line in c.makefile("rb"): c.sendall(b"{{answer}}\n")
    except OSError: pass
    c.close()
if os.path.exists("timeout.sock"): os.unlink("timeout.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("timeout.sock")
s.listen()
pool = ThreadPoolExecutor(5)  # six or more at once have to wait
while True:
    pool.submit(serve, s.accept()[0])
