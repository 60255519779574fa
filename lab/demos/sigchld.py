"""SIGCHLD: the handler reaps, the parent works on.

Three children end at the same moment. The kernel sends SIGCHLD for each, but
one that is still pending is not kept twice: a handler that waits once leaves
zombies, so this one waits in a loop until no ended child is left.
Look, in another shell: `ps -o pid,ppid,stat,args -p N --ppid N`: the parent
alone, no Z.
Source: sigaction(2), wait(2), signal(7), "Queueing and delivery semantics";
course: SIGCHLD.

SIGCHLD：信号处理函数负责回收，父进程继续干活。

三个子进程同时结束。内核为每一个发送 SIGCHLD，但同一种信号在处理之前只保留一
个：只 wait 一次的处理函数会留下僵尸，所以这里循环回收，直到没有已结束的子进
程。
在另一个终端查看：`ps -o pid,ppid,stat,args -p N --ppid N`：只有父进程，没有
Z。
出处：sigaction(2)、wait(2)、signal(7) 的“Queueing and delivery semantics”一
节；课程：SIGCHLD。
"""

import os
import signal

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
SIGNALS: list[int] = []
REAPED: dict[int, int] = {}


def reap(number: int, _frame: object) -> None:
    """Wait for every child that has ended, and for none that has not."""
    SIGNALS.append(number)
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return  # there is no child any more
        if pid == 0:
            return  # there are some, and they go on
        REAPED[pid] = os.waitstatus_to_exitcode(status)


def main() -> None:
    """Let three children end together, and work until the handler has reaped them."""
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    signal.signal(signal.SIGCHLD, reap)
    gate, key = os.pipe()
    for code in 1, 2, 3:
        if os.fork() == 0:
            os.close(key)
            os.read(gate, 1)
            os._exit(code)
    os.close(key)  # the end of the pipe is what all three are waiting for
    steps = 0
    while len(REAPED) < 3:
        steps += 1  # the parent's own work: no wait in it
    print(f"ready pid={os.getpid()}\nsteps={steps} signals={len(SIGNALS)}")
    for pid, code in REAPED.items():
        print(f"reaped pid={pid} exitcode={code}", flush=True)
    signal.sigwait(END)


if __name__ == "__main__":
    main()
