"""Zombie: a child that has ended and is not waited for.

Of an ended child the kernel keeps the pid and the exit status until the parent
asks for them with wait. It uses no memory and no CPU any more, but a pid, and
no signal removes it, not even `kill -9`.
Look, in another shell: `ps -o pid,ppid,stat,args -p N --ppid N`: the child is
Z, and is called <defunct>.
Try `kill -9 CHILD`: it stays. `kill -9 N`: whoever adopts the zombie waits for
it, and it is gone.
Source: wait(2), NOTES; ps(1), "PROCESS STATE CODES"; course: zombie processes.

僵尸进程：已经结束、却没有被等待的子进程。

子进程结束后，内核保留它的 PID 和退出状态，直到父进程用 wait 来取。它不再占用内
存和 CPU，但还占着一个 PID；任何信号都不能清除它，`kill -9` 也不行。
在另一个终端查看：`ps -o pid,ppid,stat,args -p N --ppid N`：子进程为 Z，标为
<defunct>。
试试 `kill -9 子进程`：它还在。`kill -9 N`：收养僵尸的进程会等待它，它就消失
了。
出处：wait(2) 的 NOTES 一节；ps(1) 的“PROCESS STATE CODES”一节；课程：僵尸进
程。
"""

import os
import signal

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}


def main() -> None:
    """Leave a child unreaped until a signal comes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    pid = os.fork()
    if pid == 0:
        os._exit(3)
    else:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # it has ended; this look leaves it unreaped
        print(f"ready pid={os.getpid()}\nchild pid={pid}", flush=True)
        signal.sigwait(END)
        _, status = os.waitpid(pid, 0)
        print(f"reaped pid={pid} exitcode={os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
