# fails: together not-together
import os, signal, time
def reap(*_):
    try:
        while True:
            p, s = os.waitpid(-1, os.WNOHANG)
            if not p: return
            os.write(1, f"pid={p} status={os.WEXITSTATUS(s)}\n".encode())
    except ChildProcessError: pass
signal.signal(signal.SIGCHLD, reap)
for c in [{{codes}}]:
    if os.fork() == 0: os._exit(c)
time.sleep(.3)
for _ in range(round({{work}} / .1)):
    print("tick", flush=True); time.sleep(.1)
