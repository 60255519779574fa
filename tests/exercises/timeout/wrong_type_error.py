# fails: answers hangs-up
import os, socket, sys, signal, threading, select, time
if os.path.exists("timeout.sock"): os.unlink("timeout.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("timeout.sock")
s.listen()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    c, _ = s.accept()
    if os.fork() == 0:
        c.settimeout({{seconds}})
        for line in c.makefile("rb"):
            c.sendall("{{answer}}" + line)
        os._exit(0)
    c.close()
