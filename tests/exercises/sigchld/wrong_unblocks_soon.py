# fails: together not-together
import os
import signal
import time

CODES = [{{codes}}]


def reap(number, frame):
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        os.write(1, f"pid={pid} status={os.waitstatus_to_exitcode(status)}\n".encode())


signal.signal(signal.SIGCHLD, reap)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
for code in CODES:
    if os.fork() == 0:
        os._exit(code)
time.sleep(0.15)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})

end = time.monotonic() + {{work}}
while time.monotonic() < end:
    print("tick", flush=True)
    time.sleep(0.1)
