# fails: together child-stays
import os
import signal
import time


def reap(number, frame):
    try:
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            print(f"pid={found[0]} status={os.waitstatus_to_exitcode(found[1])}", flush=True)
    except ChildProcessError:
        pass


signal.signal(signal.SIGCHLD, reap)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
for code in [{{codes}}]:
    if os.fork() == 0:
        time.sleep(0.25)
        os._exit(code)
time.sleep(0.45)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
for _ in range(round({{work}} * 10)):
    print("tick", flush=True)
    time.sleep(0.1)
