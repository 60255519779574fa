# fails: answers half-line
import os, socket, sys, signal, threading, select, time
if os.path.exists("timeout.sock"): os.unlink("timeout.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("timeout.sock")
s.listen()
def h(c):
    c.settimeout({{seconds}})
    try:
        while data := c.recv(4096):
            for _ in data.splitlines():
                c.sendall(b"{{answer}}\n")
    except TimeoutError: pass
    c.shutdown(socket.SHUT_RDWR)
    c.close()
while True:
    threading.Thread(target=h, args=(s.accept()[0],), daemon=True).start()
