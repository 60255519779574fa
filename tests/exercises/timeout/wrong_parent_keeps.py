# fails: drops never-dropped
import os, socket, sys, signal, threading, select, time
if os.path.exists("timeout.sock"): os.unlink("timeout.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("timeout.sock")
s.listen()
k=[]
while True:
    c, _ = s.accept(); k.append(c)
    if os.fork() == 0:
        c.settimeout({{seconds}})
        try:
            for line in c.makefile("rb"): c.sendall(b"{{answer}}\n")
        except TimeoutError: pass
        os._exit(0)
