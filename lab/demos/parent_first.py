"""The parent ends first: no zombie, and no wait either.

The shell's prompt is back at once, since the shell waits only for the parent.
The child works on for 0.5 s as an orphan, and PID 1, or the subreaper that
adopted it, waits for it: that is why it never stays a zombie.
Look: type the command and `ps -eo pid,ppid,stat,args | grep first` at once
behind it (`;` between them), and again.
Source: wait(2), NOTES; pidfd_open(2); course: the parent exits first.

父进程先结束：没有僵尸，也不用 wait。

shell 只等父进程，所以提示符立刻回来。子进程作为孤儿继续工作 0.5 秒，由 1 号进
程或收养它的 subreaper 等待它：所以它不会一直是僵尸。
查看：在命令后面用 `;` 接上 `ps -eo pid,ppid,stat,args | grep first`，一起输
入；过一会儿再看一次。
出处：wait(2) 的 NOTES 一节；pidfd_open(2)；课程：父进程先退出。
"""

import os
import select
import time


def main() -> None:
    """End before the child does."""
    parent = os.getpid()
    parent_ended = os.pidfd_open(parent)  # readable from then on
    print(f"parent pid={parent}", flush=True)
    pid = os.fork()
    if pid == 0:
        select.select([parent_ended], [], [])
        print(f"child pid={os.getpid()} ppid={parent} -> ppid={os.getppid()}", flush=True)
        time.sleep(0.5)  # its work
        os._exit(0)


if __name__ == "__main__":
    main()
