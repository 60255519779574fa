"""Five states: created, ready, running, blocked, ended.

As far as Linux shows them: it has no letter for a process just created, and
one, R, for ready and running. All run on one CPU here, so what is R while N
looks at it can only be ready: N itself has the CPU, and is the running one.
In the view of three states (ready, running, waiting: S D T), to be created and
to end are no states but events.
Look, in another shell: `ps -o pid,ppid,stat,time,args -p N --ppid N`: R, whose
TIME grows, S and Z.
Source: ps(1), "PROCESS STATE CODES"; sched_setaffinity(2); course: states of a
process.

五种状态：创建、就绪、运行、阻塞、终止。

只能看到 Linux 显示出来的部分：刚创建（created）的进程没有自己的字母，就绪
（ready）和运行（running）共用 R。
这里所有进程都在同一个 CPU 上，所以 N 查看时为 R 的进程只可能是就绪：CPU 在 N
手里，正在运行的是 N。
阻塞（blocked）是 S，终止（ended）是 Z。三态模型只有就绪、运行、等待（S D T）；
创建和终止不是状态，而是事件。
在另一个终端查看：`ps -o pid,ppid,stat,time,args -p N --ppid N`：有 R（TIME 在
增长）、S 和 Z。
出处：ps(1) 的“PROCESS STATE CODES”一节；sched_setaffinity(2)；课程：进程的状
态。
"""

import os
import signal
from pathlib import Path

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}


def show(name: str, pid: int) -> None:
    """Print the kernel's letter for a process beside the name that the course has for its state."""
    print(letter(pid), name, f"pid={pid}", flush=True)


def letter(pid: int) -> str:
    """Return the third field of /proc/PID/stat; the second, the name, stands in parentheses."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def main() -> None:
    """Bring a child into each state, and keep them until a signal comes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    busy = os.fork()
    if busy == 0:
        while not signal.sigpending():
            pass  # always something to do
        os._exit(0)
    created = letter(busy)
    blocked = os.fork()
    if blocked == 0:
        signal.sigwait(END)
        os._exit(0)
    while letter(blocked) != "S":
        os.sched_yield()  # leave the CPU to it, so that it gets as far as sigwait
    ended = os.fork()
    if ended == 0:
        os._exit(0)
    os.waitid(os.P_PID, ended, os.WEXITED | os.WNOWAIT)
    print(f"ready pid={os.getpid()}\n{created} created pid={busy}", flush=True)
    for name, pid in ("ready", busy), ("running", os.getpid()), ("blocked", blocked), ("ended", ended):
        show(name, pid)
    signal.sigwait(END)
    for pid in busy, blocked, ended:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
