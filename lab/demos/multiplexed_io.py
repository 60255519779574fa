"""Multiplexed I/O: one process, one thread, all clients.

select sleeps until any of the sockets has something: a new client, a line, an
end. Each line of any client is answered with "message received" (in Chinese),
in whatever order they come; compare `lab demo local_server`.
Start: `lab demo multiplexed_io [SOCKET]`; in two or more other shells:
`lab demo local_client SOCKET`.
Look: `ps -o pid,nlwp,stat,time,args -p N`: one process, NLWP 1, S while nobody
writes; `ls -l /proc/N/fd`: a socket a client.
`strace -e trace=select,pselect6 -p N` shows it wake.
Source: select(2), unix(7); course: I/O multiplexing.

多路复用 I/O：一个进程，一个线程，同时服务所有客户端。

select 睡到任何一个套接字有事为止：新客户端、一行文字，或者结束。任何客户端的每
一行都得到“收到消息”，谁先来就先回答谁；请与 `lab demo local_server` 比较。
启动：`lab demo multiplexed_io [套接字]`；在另外两个或更多终端：
`lab demo local_client 套接字`。
查看：`ps -o pid,nlwp,stat,time,args -p N`：一个进程，NLWP 为 1，没有人说话时为
S；`ls -l /proc/N/fd`：每个客户端一个套接字。
`strace -e trace=select,pselect6 -p N` 显示它何时醒来。
出处：select(2)、unix(7)；课程：I/O 多路复用。
"""

import os
import select
import signal
import socket
import sys
import tempfile
from pathlib import Path


def answer(client: socket.socket) -> bool:
    """Answer each line that has come; return whether the client is still there."""
    try:
        data = client.recv(4096)
        client.sendall("收到消息\n".encode() * data.count(b"\n"))
    except ConnectionError:
        return False
    return bool(data)


def serve(listener: socket.socket, ending: socket.socket) -> None:
    """Serve whoever has something to say, until a signal comes."""
    sockets = [listener, ending]
    while ending not in (found := select.select(sockets, [], [])[0]):
        for ready in found:
            if ready is listener:
                sockets.append(listener.accept()[0])
            elif not answer(ready):
                sockets.remove(ready)
                ready.close()


def main() -> None:
    """Let a signal be one more thing to read, serve, and remove the file."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else f"{tempfile.gettempdir()}/multiplexed.sock")
    ending, signalled = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    signal.set_wakeup_fd(signalled.fileno())
    for number in signal.SIGHUP, signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: None)  # its number arrives at `ending`, and that is all
    if path.is_socket():
        path.unlink()  # of a server that was killed
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        print(f"ready pid={os.getpid()}\nsocket={path}", flush=True)
        serve(listener, ending)
    path.unlink()


if __name__ == "__main__":
    main()
