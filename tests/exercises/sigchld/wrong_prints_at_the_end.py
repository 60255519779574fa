# fails: printed printed-later
import os, signal, time
got = []
def reap(*_):
    try:
        while True:
            p, s = os.waitpid(-1, os.WNOHANG)
            if not p: return
            got.append(f"pid={p} status={os.WEXITSTATUS(s)}")
    except ChildProcessError: pass
signal.signal(signal.SIGCHLD, reap)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
for c in [{{codes}}]:
    if os.fork() == 0: os._exit(c)
time.sleep(.3)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
for _ in range(round({{work}} / .1)):
    print("tick", flush=True); time.sleep(.1)
print(*got, sep="\n")
