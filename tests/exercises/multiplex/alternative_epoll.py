# Edge-triggered; an answer in three writes.
import os, socket, sys, signal, threading, select, time
if os.path.exists("multiplex.sock"): os.unlink("multiplex.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("multiplex.sock")
s.listen()
ep = select.epoll(); ep.register(s.fileno(), select.EPOLLIN); m = {}; half = {}
while True:
    for fd, ev in ep.poll():
        if fd == s.fileno():
            c = s.accept()[0]; c.setblocking(False); m[c.fileno()] = c; half[c.fileno()] = b""; ep.register(c.fileno(), select.EPOLLIN | select.EPOLLET); continue
        try:
            while True:
                d = m[fd].recv(7)
                if not d:
                    ep.unregister(fd); m.pop(fd).close(); break
                half[fd] += d
        except BlockingIOError: pass
        *ls, half[fd] = half[fd].split(b"\n")
        try:
            for l in ls: m[fd].sendall(b"{{answer}} "); m[fd].sendall(l); m[fd].sendall(b"\n")
        except (KeyError, OSError): pass
