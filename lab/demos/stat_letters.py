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
from collections.abc import Callable
from pathlib import Path

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
NOT_HERE = {"t": "strace, gdb", "I": "kernel thread", "X": "gone at once", "W": "Linux < 2.6"}


def acts(fifo: Path) -> dict[str, Callable[[], object]]:
    """Return what a child does to get its letter."""
    on_fifo = [(os.POSIX_SPAWN_OPEN, 0, fifo, os.O_RDONLY, 0)]  # explained in: lab demo uninterruptible
    return {
        "R": loop,
        "S": lambda: None,  # all wait for a signal when they have done their act
        "D": lambda: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}, file_actions=on_fifo), 0),
        "T": lambda: os.kill(os.getpid(), signal.SIGSTOP),
        "Z": lambda: os._exit(0),
    }


def loop() -> None:
    """Find something to do until a signal comes."""
    while not signal.sigpending():
        pass


def letter(pid: int) -> str:
    """Return the third field of /proc/PID/stat; the second, the name, stands in parentheses."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def start(act: Callable[[], object], aim: str) -> int:
    """Start a child, and return its pid when the kernel shows the letter aimed at."""
    pid = os.fork()
    if pid == 0:
        act()
        signal.sigwait(END)
        os._exit(0)
    while letter(pid) != aim:
        os.sched_yield()
    return pid


def main() -> None:
    """Keep a child in each state until a signal comes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    with tempfile.TemporaryDirectory() as folder:
        os.mkfifo(fifo := Path(folder, "fifo"))
        pids = [start(act, aim) for aim, act in acts(fifo).items()]
        print(f"ready pid={os.getpid()}", flush=True)
        for pid in pids:
            print(f"{letter(pid)} pid={pid}")
        for absent, reason in NOT_HERE.items():
            print(f"{absent} - {reason}", flush=True)
        signal.sigwait(END)
        with fifo.open("r+b", buffering=0):
            for pid in pids:
                os.kill(pid, signal.SIGTERM)
                os.kill(pid, signal.SIGCONT)
                os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
