# fails: handler ignored
import os
import signal
import time

CODES = [{{codes}}]

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
for code in CODES:
    if os.fork() == 0:
        os._exit(code)
time.sleep(0.3)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})

for code in CODES:
    print(f"pid={os.getpid() + 1} status=0", flush=True)

end = time.monotonic() + {{work}}
while time.monotonic() < end:
    print("tick", flush=True)
    time.sleep(0.1)
