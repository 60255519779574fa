# fails: lives daemon
import os
if os.fork(): os._exit(0)
os.setsid()
import os, socket, sys, signal, threading, select, time
if os.path.exists("timeout.sock"): os.unlink("timeout.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("timeout.sock")
s.listen()
def h(c):
    c.settimeout({{seconds}})
    try:
        for line in c.makefile("rb"):
            c.sendall(b"{{answer}}\n")
    except TimeoutError: pass
    c.shutdown(socket.SHUT_RDWR)
    c.close()
while True:
    threading.Thread(target=h, args=(s.accept()[0],), daemon=True).start()
