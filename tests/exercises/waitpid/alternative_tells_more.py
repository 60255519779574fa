# On a beat of its own, with more lines than the ticks.
import os
import signal
import sys

child = os.fork()
if child == 0:
    print("子进程：开始", flush=True)
    signal.sigtimedwait([], {{seconds}})
    print("子进程：结束", flush=True)
    os._exit({{code}})

status, left = None, 3


def beat(number, frame):
    global status, left
    print("滴答", flush=True)
    if status is not None:
        left -= 1
        return
    result = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG)
    print("还没有" if result is None else f"回收了 {result.si_pid}", flush=True)
    if result is not None:
        status = result.si_status


signal.signal(signal.SIGALRM, beat)
signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
while left:
    signal.pause()
signal.setitimer(signal.ITIMER_REAL, 0)
sys.exit(status)
