# fails: lines per-recv
import os, socket, sys, signal, threading, select, time
if os.path.exists("multiplex.sock"): os.unlink("multiplex.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("multiplex.sock")
s.listen()
socks=[s]
while True:
    for e in select.select(socks, [], [])[0]:
        if e is s: socks.append(s.accept()[0])
        elif d := e.recv(4096):
            try: e.sendall(b"{{answer}} " + d)
            except BrokenPipeError: pass
        else: socks.remove(e); e.close()
