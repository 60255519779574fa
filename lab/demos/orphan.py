"""Orphan: a child whose parent has ended is adopted.

N starts a parent, the parent a child; the parent works for 0.3 s and ends
without waiting. The child lives on, and its new parent is PID 1, or the
nearest "subreaper" that asked for such children (on a desktop, systemd
--user).
Look, in another shell: `ps -eo pid,ppid,stat,args | grep orphan` or
`pstree -p -s CHILD`: its PPID is no longer the parent that it had.
It ends when N does, or when you `kill CHILD`; whoever adopted it waits for it,
so no zombie stays.
Source: wait(2), NOTES; getppid(2); PR_SET_CHILD_SUBREAPER(2const); course:
orphan processes.

孤儿进程：父进程已结束，子进程被收养。

N 启动一个父进程，父进程再启动一个子进程；父进程工作 0.3 秒后结束，不等子进程。
子进程继续活着，新的父进程是 1 号进程，或者最近的、声明收养这类子进程的
“subreaper”（桌面系统上是 systemd --user）。
在另一个终端查看：`ps -eo pid,ppid,stat,args | grep orphan` 或
`pstree -p -s 子进程`：它的 PPID 已不是原来的父进程。
N 结束时它也结束，或者您 `kill 子进程`；收养者会等待它，所以不会留下僵尸进程。
出处：wait(2) 的 NOTES 一节；getppid(2)；PR_SET_CHILD_SUBREAPER(2const)；课程：
孤儿进程。
"""

import os
import signal
import time

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}


def child(parent: int, pipe: int) -> None:
    """Be told that the parent has ended, show who is the parent now, and live until N closes the pipe."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    os.read(pipe, 1)
    print(f"child pid={os.getpid()} ppid={parent} -> ppid={os.getppid()}", flush=True)
    os.read(pipe, 1)


def main() -> None:
    """Start a family, see the parent end, and keep the orphan until a signal comes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    told, tell = os.pipe()
    parent = os.fork()
    if parent == 0:
        parent = os.getpid()
        if os.fork() == 0:
            os.close(tell)
            child(parent, told)
            os._exit(0)
        time.sleep(0.3)  # its work
        os._exit(0)
    os.waitpid(parent, 0)
    print(f"ready pid={os.getpid()}", flush=True)
    os.write(tell, b"!")
    signal.sigwait(END)  # and then the pipe closes with this process


if __name__ == "__main__":
    main()
