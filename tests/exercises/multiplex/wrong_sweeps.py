# fails: rests polls
import os, socket, sys, signal, threading, select, time
if os.path.exists("multiplex.sock"): os.unlink("multiplex.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("multiplex.sock")
s.listen()
s.setblocking(False); cs=[]; half={}
while True:
    try:
        c = s.accept()[0]; c.setblocking(False); cs.append(c); half[c] = b""
    except BlockingIOError: pass
    for c in list(cs):
        try:
            d = c.recv(4096)
        except BlockingIOError: continue
        if not d: cs.remove(c); c.close(); continue
        half[c] += d
        while b"\n" in half[c]:
            l, half[c] = half[c].split(b"\n", 1)
            try: c.sendall(b"{{answer}} " + l + b"\n")
            except BrokenPipeError: pass
    time.sleep(0.1)
