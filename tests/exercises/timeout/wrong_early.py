# fails: values other-time
import os, select, socket, threading
from concurrent.futures import ThreadPoolExecutor
def serve(c):
    c.settimeout({{seconds}} - 0.14)
    try:
        for line in c.makefile("rb"): c.sendall(b"{{answer}}\n")
    except OSError: pass
    c.close()
if os.path.exists("timeout.sock"): os.unlink("timeout.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("timeout.sock")
s.listen()
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
