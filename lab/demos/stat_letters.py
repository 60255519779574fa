"""STAT letters: R, S, D, T and Z, a child for each.

R is running or ready to, S asleep, D asleep and not to be interrupted, T
stopped (Ctrl-Z, SIGSTOP), Z ended but not waited for. Four letters no program
gets by itself: t takes a tracer (strace, gdb) that stops it, I is an idle
thread of the kernel's own, X is dead and gone before anybody can look, W has
not been seen since Linux 2.6.
Look, in another shell: `ps -o pid,ppid,stat,wchan:20,args -p N --ppid N`: the
same letters, and what each waits for in the kernel. `kill -CONT` the one in T,
and it sleeps.
Source: ps(1), "PROCESS STATE CODES"; proc_pid_stat(5); course: the STAT
column.

STAT 字母：R、S、D、T、Z，每个字母一个子进程。

R 正在运行或就绪，S 睡眠，D 不可中断的睡眠，T 停止（Ctrl-Z、SIGSTOP），Z 已结束
但还没有被等待。
有四个字母是程序自己得不到的：t 要由跟踪者（strace、gdb）停住它；I 是内核自己的
空闲线程；X 已死，谁也来不及看到；W 从 Linux 2.6 起不再出现。
在另一个终端查看：`ps -o pid,ppid,stat,wchan:20,args -p N --ppid N`：字母相同，
还有各自在内核中等待什么。
对 T 的那个执行 `kill -CONT`，它就变成睡眠。
出处：ps(1) 的“PROCESS STATE CODES”一节；proc_pid_stat(5)；课程：STAT 列。
"""

import os
import signal
import tempfile
from pathlib import Path

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
NOT_HERE = "t - strace, gdb\nI - kernel thread\nX - gone at once\nW - Linux < 2.6"


def become(letter: str, fifo: Path) -> None:
    """Do what gets this process the letter, then wait for a signal, which is S."""
    if letter == "R":
        while not signal.sigpending():
            pass
    elif letter == "D":
        on_fifo = (os.POSIX_SPAWN_OPEN, 0, fifo, os.O_RDONLY, 0)  # explained in: lab demo uninterruptible
        os.waitpid(os.posix_spawn("/bin/true", ["true"], {}, file_actions=[on_fifo]), 0)
    elif letter == "T":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif letter == "Z":
        os._exit(0)
    signal.sigwait(END)
    os._exit(0)


def main() -> None:
    """Keep a child in each state until a signal comes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    with tempfile.TemporaryDirectory() as folder:
        os.mkfifo(fifo := Path(folder, "fifo"))
        pids = {}
        for letter in "RSDTZ":
            pids[letter] = pid = os.fork()
            if pid == 0:
                become(letter, fifo)
            while f") {letter} " not in Path(f"/proc/{pid}/stat").read_text():
                os.sched_yield()
        print(f"ready pid={os.getpid()}", *(f"{letter} pid={pids[letter]}" for letter in pids), sep="\n")
        print(NOT_HERE, flush=True)
        signal.sigwait(END)
        with fifo.open("r+b", buffering=0):
            for pid in pids.values():
                os.kill(pid, signal.SIGTERM)
                os.kill(pid, signal.SIGCONT)
                os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
