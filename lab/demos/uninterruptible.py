"""State D, without root: a sleep that no handler can interrupt.

A program is to be started with a FIFO as its standard input. Until somebody
opens the FIFO for writing, the open waits, in the grandchild (S); and the
child waits in the kernel (vfork) for the grandchild to become the program (D).
Look, in another shell: `ps -o pid,ppid,stat,wchan:20,args -p N --ppid N`: the
child is D. `kill CHILD` does nothing while it lasts; only `kill -9` ends this
wait. In real life D is mostly a wait for a disk or a network file system, too
short to be seen, and some of those not even `kill -9` ends.
Source: posix_spawn(3), vfork(2), fifo(7), ps(1); course: states of a process.

D 状态，无需 root：任何信号处理函数都打断不了的睡眠。

启动一个程序，以 FIFO 作为它的标准输入。在有人以写方式打开 FIFO 之前，孙进程停
在 open 里（S）；子进程则在内核中（vfork）等待孙进程变成那个程序（D）。
在另一个终端查看：`ps -o pid,ppid,stat,wchan:20,args -p N --ppid N`：子进程为
D。这期间 `kill 子进程` 没有作用，只有 `kill -9` 能结束这种等待。
平时的 D 多半是在等待磁盘或网络文件系统，短得看不见，其中有的连 `kill -9` 也结
束不了。
出处：posix_spawn(3)、vfork(2)、fifo(7)、ps(1)；课程：进程的状态。
"""

import os
import signal
import tempfile
from pathlib import Path

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}


def letter(pid: int) -> str:
    """Return the third field of /proc/PID/stat; the second, the name, stands in parentheses."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def main() -> None:
    """Keep a child in D until a signal comes, then open the FIFO."""
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    with tempfile.TemporaryDirectory() as folder:
        fifo = Path(folder, "fifo")
        os.mkfifo(fifo)
        pid = os.fork()
        if pid == 0:
            stdin_from_fifo = (os.POSIX_SPAWN_OPEN, 0, fifo, os.O_RDONLY, 0)
            program = os.posix_spawn("/bin/true", ["true"], {}, file_actions=[stdin_from_fifo])
            os.waitpid(program, 0)
            os._exit(0)
        while letter(pid) not in "DZ":
            os.sched_yield()  # on its way; Z would mean that this system has no such wait
        print(f"ready pid={os.getpid()}\n{letter(pid)} child pid={pid}", flush=True)
        signal.sigwait(END)
        with fifo.open("r+b", buffering=0):  # a writer at last: the open returns, the program starts
            os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
