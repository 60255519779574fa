"""Timeout: recv waits, but not for ever.

Nothing is sent, and after 0.3 s recv gives up (TimeoutError); the socket stays
good: what is sent then is received at once. One process has both ends here. A
server drops a silent client in this way and is free for the others.
Look: `strace -e trace=poll,recvfrom python3 -m lab.demos.timeout_io`: Python
waits in poll, with a limit.
Source: poll(2), socket(7), SO_RCVTIMEO; course: I/O with a timeout.

超时 I/O：recv 会等，但不会一直等。

没有人发送，0.3 秒后 recv 放弃（TimeoutError）；套接字仍然可用：之后发送的数据
立刻就能收到。
这里两端都在一个进程里。服务器就这样断开沉默的客户端，腾出手来服务别人。
查看：`strace -e trace=poll,recvfrom python3 -m lab.demos.timeout_io`：Python
在 poll 中等待，有时间限制。
出处：poll(2)、socket(7) 的 SO_RCVTIMEO；课程：超时 I/O。
"""

import os
import socket
import time


def ask(end: socket.socket) -> None:
    """Receive within the limit, or show that the limit has passed."""
    begin = time.monotonic()
    try:
        answer = repr(end.recv(100))
    except TimeoutError as error:
        answer = str(error)
    print(f"recv={answer} waited={time.monotonic() - begin:.1f}", flush=True)


def main() -> None:
    """Ask for nothing, and then for something."""
    print(f"pid={os.getpid()}", flush=True)
    here, there = socket.socketpair()
    here.settimeout(0.3)
    ask(here)
    there.sendall(b"hello")
    ask(here)


if __name__ == "__main__":
    main()
