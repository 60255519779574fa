"""Non-blocking I/O: recv answers at once, "not yet" too.

The other end, a child, sends after 0.5 s. The parent asks, is told EAGAIN
(Python: BlockingIOError) as long as there is nothing, and does 0.1 s of its
own work before it asks again. Nothing waits, but somebody has to keep asking.
Look: `strace -e trace=recvfrom python3 -m lab.demos.nonblocking_io` shows
every question and its answer.
Source: recv(2), EAGAIN; fcntl(2), O_NONBLOCK; course: non-blocking I/O.

非阻塞 I/O：recv 立即回答，哪怕是“还没有”。

另一端是子进程，0.5 秒后才发送。父进程询问，没有数据时得到 EAGAIN（Python：
BlockingIOError），就做 0.1 秒自己的工作再问。谁也不用等，但总得有人不停地问。
查看：`strace -e trace=recvfrom python3 -m lab.demos.nonblocking_io` 显示每一次
询问和回答。
出处：recv(2) 的 EAGAIN；fcntl(2) 的 O_NONBLOCK；课程：非阻塞 I/O。
"""

import os
import socket
import time


def ask(end: socket.socket) -> bytes:
    """Receive what is there, or show that nothing is."""
    try:
        return end.recv(100)
    except BlockingIOError as error:
        print(f"recv: {error.strerror}", flush=True)
        return b""


def main() -> None:
    """Work and ask in turn until there is an answer."""
    here, there = socket.socketpair()
    here.setblocking(False)
    pid = os.fork()
    if pid == 0:
        time.sleep(0.5)  # its work
        there.sendall(b"hello")
        os._exit(0)
    print(f"parent pid={os.getpid()} child={pid}", flush=True)
    while not (data := ask(here)):
        time.sleep(0.1)  # a step of the parent's work
    print(f"recv={data!r}")
    os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
