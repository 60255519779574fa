"""Two at once: the same tasks in two processes take 0.4 s.

The child does A while the parent does B; compare the total with
`lab demo one_by_one`.
Look, in another shell:
`watch -n 0.1 'ps -eo pid,ppid,stat,args | grep two_at_once'`: two processes,
asleep (S).
Source: fork(2), wait(2); course: doing several tasks.

两个同时：两个进程做同样的两个任务，只用 0.4 秒。

子进程做 A 的同时，父进程做 B；请与 `lab demo one_by_one` 比较总时间。
在另一个终端查看：
`watch -n 0.1 'ps -eo pid,ppid,stat,args | grep two_at_once'`：有两个进程，在睡
眠（S）。
出处：fork(2)、wait(2)；课程：多任务。
"""

import os
import time

BEGIN = time.monotonic()


def task(name: str) -> None:
    """Take 0.4 s, as a disk or a neighbour over the network would."""
    begin = time.monotonic() - BEGIN
    time.sleep(0.4)
    print(f"task={name} pid={os.getpid()} from={begin:.1f} to={time.monotonic() - BEGIN:.1f}", flush=True)


def main() -> None:
    """Do A in a child and B here."""
    pid = os.fork()
    if pid == 0:
        task("A")
        os._exit(0)
    else:
        task("B")
        os.waitpid(pid, 0)
    print(f"total={time.monotonic() - BEGIN:.1f}")


if __name__ == "__main__":
    main()
