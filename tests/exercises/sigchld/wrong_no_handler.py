# fails: handler no-handler
import os
import signal
import time

CODES = [{{codes}}]

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
for code in CODES:
    if os.fork() == 0:
        os._exit(code)
time.sleep(0.3)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})

for _ in CODES:
    pid, status = os.wait()
    print(f"pid={pid} status={os.waitstatus_to_exitcode(status)}", flush=True)

end = time.monotonic() + {{work}}
while time.monotonic() < end:
    print("tick", flush=True)
    time.sleep(0.1)
