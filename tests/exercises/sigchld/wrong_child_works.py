# fails: together child-stays
import os
import signal
import time


def reap(number, frame):
    for _ in CODES:
        pid, status = os.wait()
        os.write(1, f"pid={pid} status={os.waitstatus_to_exitcode(status)}\n".encode())


CODES = [{{codes}}]
signal.signal(signal.SIGCHLD, reap)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
for code in CODES:
    if os.fork() == 0:
        os._exit(code)
worker = os.fork()
if worker == 0:
    time.sleep(0.3)
    end = time.monotonic() + {{work}}
    while time.monotonic() < end:
        print("tick", flush=True)
        time.sleep(0.1)
    os._exit(0)
time.sleep(0.3)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
signal.signal(signal.SIGCHLD, lambda *_: None)
os.waitpid(worker, 0)
