# fails: others waits-for-the-others
import os
import os, socket, sys, signal, threading, select, time
if os.path.exists("timeout.sock"): os.unlink("timeout.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("timeout.sock")
s.listen()
def reap(*_):
    try:
        while os.waitpid(-1, 0)[0]: pass
    except ChildProcessError: pass
signal.signal(signal.SIGCHLD, reap)
while True:
    c, _ = s.accept()
    if os.fork() == 0:
        s.close()
        buf = b""
        signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
        signal.setitimer(signal.ITIMER_REAL, {{seconds}})
        while True:
            d = c.recv(5)
            if not d: os._exit(0)
            signal.setitimer(signal.ITIMER_REAL, {{seconds}})
            buf += d
            while b"\n" in buf:
                _, buf = buf.split(b"\n", 1)
                os.write(c.fileno(), b"{{answer}}\n")
    c.close()
