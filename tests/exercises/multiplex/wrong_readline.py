# fails: answers waits-for-the-rest
import os, socket, sys, signal, threading, select, time
if os.path.exists("multiplex.sock"): os.unlink("multiplex.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("multiplex.sock")
s.listen()
socks=[s]; f={}
while True:
    for e in select.select(socks, [], [])[0]:
        if e is s: c = s.accept()[0]; socks.append(c); f[c] = c.makefile("rb", 0)
        elif l := f[e].readline(): e.sendall(b"{{answer}} " + l)
        else: socks.remove(e); e.close()
