# fails: values other-time
import os, socket, sys, signal, threading, select, time
if os.path.exists("timeout.sock"): os.unlink("timeout.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("timeout.sock")
s.listen()
import selectors
sel = selectors.DefaultSelector(); sel.register(s, 1)
last = {}
while True:
    for k, _ in sel.select(1.7):
        e = k.fileobj
        if e is s:
            c = s.accept()[0]; sel.register(c, 1); last[c] = time.monotonic(); continue
        d = e.recv(4096)
        if not d:
            sel.unregister(e); e.close(); del last[e]
        else:
            last[e] = time.monotonic()
            try: e.sendall(b"{{answer}}\n" * d.count(b"\n"))
            except BrokenPipeError: pass
    for e in list(last):
        if time.monotonic() - last[e] > {{seconds}}:
            sel.unregister(e); e.close(); del last[e]
