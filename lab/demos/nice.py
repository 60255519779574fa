"""nice: an endless loop that lets others go first.

Start: `lab demo nice` (niceness 9) or `lab demo nice 19`. Niceness goes from
-20 (served first) to 19 (served last); a lower one than it has takes a
privilege, so a student's `lab demo nice -5` is refused.
Look, in another shell: `ps -o pid,ni,pri,stat,args -p N`: STAT is RN;
`top -p N`: it takes the whole CPU as long as nobody else wants it. Start two
on one CPU, `taskset -c 0 lab demo nice 1` and `... 9`, and compare their %CPU.
Source: nice(1), setpriority(2), sched(7); course: priority of a process.

nice：一个礼让别人的死循环。

启动：`lab demo nice`（nice 值为 9）或 `lab demo nice 19`。nice 值从 -20（最优
先）到 19（最靠后）；要比现有的更低，需要特权，所以学生的 `lab demo nice -5` 会
被拒绝。
在另一个终端查看：`ps -o pid,ni,pri,stat,args -p N`：STAT 为 RN；`top -p N`：只
要没有别人需要，它就占满一个 CPU。
在同一个 CPU 上启动两个：`taskset -c 0 lab demo nice 1` 和 `... 9`，比较它们的
%CPU。
出处：nice(1)、setpriority(2)、sched(7)；课程：进程的优先级。
"""

import argparse
import os
import signal
import sys

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}


def main() -> None:
    """Take the niceness given, and loop until a signal comes."""
    parser = argparse.ArgumentParser(prog="nice")
    parser.add_argument("niceness", type=int, nargs="?", default=9)
    niceness = parser.parse_args().niceness
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    try:
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
    except PermissionError as error:
        sys.exit(f"ni={niceness}: {error.strerror}")
    print(f"ready pid={os.getpid()}\nni={os.getpriority(os.PRIO_PROCESS, 0)}", flush=True)
    while not signal.sigpending():
        pass


if __name__ == "__main__":
    main()
