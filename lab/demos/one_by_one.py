"""One after the other: two tasks of 0.4 s take 0.8 s.

The second begins when the first has ended; compare the total with
`lab demo two_at_once`.
Look, in another shell:
`watch -n 0.1 'ps -eo pid,stat,args | grep one_by_one'`: one process, asleep
(S).
Source: nanosleep(2); course: doing several tasks.

一个接一个：一个进程做两个 0.4 秒的任务，共用 0.8 秒。

第一个任务结束，第二个才开始；请与 `lab demo two_at_once` 比较总时间。
在另一个终端查看：`watch -n 0.1 'ps -eo pid,stat,args | grep one_by_one'`：只有
一个进程，在睡眠（S）。
出处：nanosleep(2)；课程：多任务。
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
    """Do A, then B."""
    task("A")
    task("B")
    print(f"total={time.monotonic() - BEGIN:.1f}")


if __name__ == "__main__":
    main()
