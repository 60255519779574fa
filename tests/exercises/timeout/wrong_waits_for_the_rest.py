# fails: values waits-for-the-rest
import os, select, socket, threading
from concurrent.futures import ThreadPoolExecutor
def serve(c):
    f = c.makefile("rb", 0)
    try:  # the limit is one for the beginning of a line only
        while select.select([c], [], [], {{seconds}})[0] and f.readline(): c.sendall(b"{{answer}}\n")
    except OSError: pass
    c.close()
if os.path.exists("timeout.sock"): os.unlink("timeout.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("timeout.sock")
s.listen()
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
