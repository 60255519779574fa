# fails: answers wrong-answer
import os, socket, sys, signal, threading, select, time
if os.path.exists("multiplex.sock"): os.unlink("multiplex.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("multiplex.sock")
s.listen()
socks=[s]; half={}
while True:
    for e in select.select(socks, [], [])[0]:
        if e is s:
            c = s.accept()[0]; socks.append(c); half[c] = b""
            continue
        d = e.recv(4096)
        if not d:
            socks.remove(e); e.close(); continue
        half[e] += d
        while b"\n" in half[e]:
            line, half[e] = half[e].split(b"\n", 1)
            try: e.sendall(b"{{answer}}" + b"\n")
            except BrokenPipeError: pass
