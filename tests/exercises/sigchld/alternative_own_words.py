# The line for each child is in its own words; the handler waits as often as there are children.
import os
import signal
import time

CODES = [{{codes}}]


def reap(number, frame):
    for _ in CODES:
        pid, status = os.wait()
        print(f"[{time.monotonic():.3f}] 回收了子进程 {pid}，退出状态：{os.WEXITSTATUS(status)}", flush=True)


signal.signal(signal.SIGCHLD, reap)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
for code in CODES:
    if os.fork() == 0:
        os._exit(code)
time.sleep(0.3)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
for number in range(round({{work}} / 0.1)):
    print("滴答", number, flush=True)
    time.sleep(0.1)
