"""Process and thread: a child has a copy, threads share.

A child process and two threads each add 1 to the same `a`. The child adds to
its own copy: in N it is still 0. The threads add to the one that N has: 2. A
thread has a number of its own (tid), but the pid is that of its process.
Look, in another shell: `ps -o pid,ppid,nlwp,stat,args -p N --ppid N`: N has
NLWP 3 and `l` in STAT, the child 1 and none; `ps -L -p N` lists the threads,
LWP being the tid; so does `ls /proc/N/task`.
Source: fork(2), pthreads(7), gettid(2), ps(1); course: processes and threads.

进程与线程：子进程有自己的一份，线程共用一份。

一个子进程和两个线程各给同一个 `a` 加 1。子进程加的是自己的那份拷贝：N 中的仍然
是 0。
线程加的就是 N 的那一份：变成 2。线程有自己的编号（tid），但 PID 是所属进程的。
在另一个终端查看：`ps -o pid,ppid,nlwp,stat,args -p N --ppid N`：N 的 NLWP 为
3，STAT 中有 `l`；子进程为 1，没有 `l`；`ps -L -p N` 列出各个线程，LWP 就是
tid；`ls /proc/N/task` 也一样。
出处：fork(2)、pthreads(7)、gettid(2)、ps(1)；课程：进程与线程。
"""

import os
import signal
import threading

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
SHARED = {"a": 0}
ADDED = threading.Barrier(3)
ENDING = threading.Event()


def thread() -> None:
    """Add, and live on to be looked at."""
    SHARED["a"] += 1
    ADDED.wait()
    ENDING.wait()


def main() -> None:
    """Let a process add, then two threads, and show `a` after each."""
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    reading, writing = os.pipe()
    pid = os.fork()  # before there are threads: a fork copies only the one that calls it
    if pid == 0:
        SHARED["a"] += 1
        os.write(writing, b"%d" % SHARED["a"])
        signal.sigwait(END)
        os._exit(0)
    theirs, ours = int(os.read(reading, 9)), SHARED["a"]
    threads = [threading.Thread(target=thread) for _ in range(2)]
    for each in threads:
        each.start()
    ADDED.wait()
    print(f"ready pid={os.getpid()}\nprocess pid={pid}: a={theirs}, here a={ours}")
    print(f"threads tid={[each.native_id for each in threads]}: here a={SHARED['a']}", flush=True)
    signal.sigwait(END)
    ENDING.set()
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
