"""Blocking I/O: recv sleeps until there is something.

A child reads from a socket on which nothing comes. It is asleep in the kernel
(S) and uses no CPU until N, which has the other end, sends something: it does
so when you end it with Ctrl-C or `kill N`. Wait as long as you like.
Look, in another shell: `ps -o pid,ppid,stat,time,wchan:20,args -p N --ppid N`:
the child is S, its TIME stands still.
Source: recv(2), unix(7), socket(7); course: blocking I/O.

阻塞 I/O：没有数据，recv 就一直睡。

子进程在读一个没有数据到来的套接字。它在内核中睡眠（S），不占用 CPU，直到握着另
一端的 N 发来数据：您用 Ctrl-C 或 `kill N` 结束时，N 才会发送。想等多久都可以。
在另一个终端查看：`ps -o pid,ppid,stat,time,wchan:20,args -p N --ppid N`：子进
程为 S，TIME 不再增长。
出处：recv(2)、unix(7)、socket(7)；课程：阻塞 I/O。
"""

import os
import signal
import socket
import time
from pathlib import Path

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}


def letter(pid: int) -> str:
    """Return the third field of /proc/PID/stat; the second, the name, stands in parentheses."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def read(end: socket.socket) -> None:
    """Receive, and show how long it took."""
    begin = time.monotonic()
    data = end.recv(100)
    print(f"recv={data!r} waited={time.monotonic() - begin:.1f}", flush=True)


def main() -> None:
    """Keep a child in recv until a signal comes, then send it what it waits for."""
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    here, there = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        here.close()
        read(there)
        os._exit(0)
    while letter(pid) != "S":
        os.sched_yield()  # it has not come to recv yet
    print(f"ready pid={os.getpid()}\n{letter(pid)} child pid={pid}", flush=True)
    signal.sigwait(END)
    here.sendall(b"hello")
    os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
