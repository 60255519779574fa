# fails: lines half-line
import collections, os, select, socket
if os.path.exists("multiplex.sock"): os.unlink("multiplex.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("multiplex.sock")
s.listen()
socks, rest = [s], collections.defaultdict(bytes)
while True:
    for e in select.select(socks, [], [])[0]:
        if e is s: socks.append(s.accept()[0]); continue
        try: d = e.recv(4096)
        except OSError: d = b""
        if not d: socks.remove(e); rest.pop(e, None); e.close(); continue
        rest[e] += d
        *lines, last = rest[e].split(b"\n")
        if lines: rest[e] = b""  # and with it what came behind the newline
        for line in lines:
            try: e.sendall(b"{{answer}} " + line + b"\n")
            except OSError: pass
