"""Double fork: a grandchild that nobody has to wait for.

The middle process starts the grandchild and ends at once: N waits for it just
that moment, and goes on. The grandchild is an orphan, so whoever adopted it,
PID 1 as a rule, waits for it in the end, and it is never N's zombie.
Look, in another shell: `ps -eo pid,ppid,stat,args | grep double`: N and the
grandchild, and no middle process.
Source: fork(2), wait(2), daemon(7), "SysV Daemons"; course: double fork.

两次 fork：不需要任何人等待的孙进程。

中间进程启动孙进程后立即结束：N 只等它这一瞬间，就继续干活。孙进程成了孤儿，最
后由收养者（一般是 1 号进程）等待它，它永远不会成为 N 的僵尸。
在另一个终端查看：`ps -eo pid,ppid,stat,args | grep double`：只有 N 和孙进程，
没有中间进程。
出处：fork(2)、wait(2)、daemon(7) 的“SysV Daemons”一节；课程：二级子进程
（double fork）。
"""

import os
import signal

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}


def grandchild(pipe: int) -> None:
    """Be told that the middle process has ended, then work until N closes the pipe."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    os.read(pipe, 1)
    print(f"grandchild pid={os.getpid()} ppid={os.getppid()}", flush=True)
    os.read(pipe, 1)


def main() -> None:
    """Fork twice, wait for the middle process only, and go on until a signal comes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    told, tell = os.pipe()
    middle = os.fork()
    if middle == 0:
        if os.fork() == 0:
            os.close(tell)
            grandchild(told)
        os._exit(0)
    os.waitpid(middle, 0)
    print(f"ready pid={os.getpid()}\nmiddle pid={middle}", flush=True)
    os.write(tell, b"!")
    signal.sigwait(END)  # and then the pipe closes with this process


if __name__ == "__main__":
    main()
