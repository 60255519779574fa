# fails: others blocked
import os, select, socket, threading, time
from concurrent.futures import ThreadPoolExecutor
def serve(c, number):
    if number == 2: time.sleep(0.2)  # the first silent one is dropped after the others
    c.settimeout({{seconds}})
    try:
        for line in c.makefile("rb"): c.sendall(b"{{answer}}\n")
    except OSError: pass
    c.close()
if os.path.exists("timeout.sock"): os.unlink("timeout.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("timeout.sock")
s.listen()
number = 0
pool = ThreadPoolExecutor(5)  # six or more at once have to wait
while True:
    number += 1
    pool.submit(serve, s.accept()[0], number)
