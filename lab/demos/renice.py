"""renice: a running loop gets another niceness, and not back.

The loop starts at niceness 5 and is given 12 after 0.5 s. The way back, from
12 to 5, would overtake others again: without the privilege (CAP_SYS_NICE) the
kernel refuses it; with it, 5 is set and then 12 again.
Look, in another shell: `ps -o pid,ni,stat,args -p N --ppid N`: the child is
RN, its NI 5 and then 12. Try it yourself: `renice -n 19 -p CHILD`, then
`renice -n 12 -p CHILD`.
Source: renice(1), setpriority(2), sched(7); course: priority of a process.

renice：给运行中的循环换一个 nice 值，却换不回来。

循环以 nice 值 5 开始，0.5 秒后改为 12。从 12 回到 5 等于重新插队：没有特权
（CAP_SYS_NICE）时内核会拒绝；有特权时先改回 5，再改为 12。
在另一个终端查看：`ps -o pid,ni,stat,args -p N --ppid N`：子进程为 RN，NI 先是
5，后是 12。自己试一试：`renice -n 19 -p 子进程`，然后
`renice -n 12 -p 子进程`。
出处：renice(1)、setpriority(2)、sched(7)；课程：进程的优先级。
"""

import os
import signal

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}


def renice(pid: int, niceness: int) -> None:
    """Ask for another niceness, and show the one that the process then has."""
    try:
        os.setpriority(os.PRIO_PROCESS, pid, niceness)
        answer = "ok"
    except PermissionError as error:
        answer = str(error.strerror)
    print(f"renice {niceness}: {answer}; ni={os.getpriority(os.PRIO_PROCESS, pid)}", flush=True)


def main() -> None:
    """Renice a child that loops, and let it loop until a signal comes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    pid = os.fork()
    if pid == 0:
        while not signal.sigpending():
            pass
        os._exit(0)
    os.setpriority(os.PRIO_PROCESS, pid, 5)
    print(f"ready pid={os.getpid()}\nchild pid={pid} ni={os.getpriority(os.PRIO_PROCESS, pid)}", flush=True)
    ended = signal.sigtimedwait(END, 0.5)
    for niceness in 12, 5, 12:
        renice(pid, niceness)
    if not ended:
        signal.sigwait(END)
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
