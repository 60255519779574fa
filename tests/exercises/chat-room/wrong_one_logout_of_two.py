# fails: logout no-logout
import os, socket, sys, time, signal, select, threading
P = "chat-room.sock"
if os.path.exists(P): os.unlink(P)
L = socket.socket(socket.AF_UNIX)
L.bind(P)
L.listen(20)

socks, buf, names = [L, 0], {}, {}
kb = b""
def send(c, text):
    try: c.send(text.encode("utf-8", "surrogateescape") + b"\n", socket.MSG_DONTWAIT)
    except BlockingIOError: late.append(c)
    except OSError: pass
def tell(text, but=None):
    for c in list(names):
        if c is not but: send(c, text)
def bye(c):
    if c not in socks: return
    socks.remove(c); buf.pop(c); c.close()
    if name := names.pop(c, None):
        tell(name + " {{logout}}")
def heard(c, line):
    if c in names:
        tell(names[c] + " : " + line, c)
    elif line in names.values():
        send(c, "* error: the name " + line + " is taken")
    else:
        send(c, "* welcome " + line)
        names[c] = line
        tell(line + " {{login}}", c)
late = []
out = []
while True:
    for s in select.select(socks, [], [])[0]:
        if s is L:
            c, _ = L.accept(); socks.append(c); buf[c] = b""; continue
        if s == 0:
            d = os.read(0, 4096)
            if not d: socks.remove(0)
            *lines, kb = (kb + d).split(b"\n")
            for l in lines: tell("{{admin}} : " + l.decode("utf-8", "surrogateescape"))
            continue
        if s not in socks: continue
        try: d = s.recv(4096)
        except OSError: d = b""
        if not d: out.append(s); continue
        *lines, buf[s] = (buf[s] + d).split(b"\n")
        for l in lines: heard(s, l.decode("utf-8", "surrogateescape"))
    if len(out) > 1: bye(out[0])
    elif out: bye(out[0])
    for o in out[1:]:
        if o in socks: socks.remove(o); buf.pop(o); names.pop(o, None); o.close()
    out.clear()
    while late: bye(late.pop())
