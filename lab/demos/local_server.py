"""Local socket server: a file is the door; a client at a time.

Answers each line with "message received" (in Chinese). A second client waits
until the first has left.
Start it: `lab demo local_server [SOCKET]`. In another shell:
`lab demo local_client [SOCKET]`, or `socat - SOCKET`; look: `ls -l SOCKET`
(type s), `ps -o pid,ppid,stat,args -p N --ppid N`.
ps shows two processes asleep (S): the child serves; N waits for its end and
then removes the file, since nobody else would. After `kill -9` of both the
file stays, and the next server has to remove it before it can bind.
Source: unix(7), listen(2), accept(2); course: local sockets.

本地套接字服务器：文件就是大门，一次接待一个客户端。

每收到一行，就回答“收到消息”。第一个客户端离开之前，第二个客户端一直等待。
启动：`lab demo local_server [套接字]`。在另一个终端：
`lab demo local_client [套接字]`，或 `socat - 套接字`；
查看：`ls -l 套接字`（类型为 s）、`ps -o pid,ppid,stat,args -p N --ppid N`。
ps 显示两个睡眠中（S）的进程：子进程负责接待；N 等待结束，然后删除套接字文件，
因为没有别人会删它。
用 `kill -9` 结束这两个进程后，文件会留下，下一个服务器必须先删除它才能 bind。
出处：unix(7)、listen(2)、accept(2)；课程：本地套接字。
"""

import os
import signal
import socket
import sys
import tempfile
from pathlib import Path

from lab.language import speak_utf8

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}


def serve(listener: socket.socket) -> None:
    """Answer each line of one client, then of the next, until a signal kills this process."""
    while True:
        connection, _ = listener.accept()
        try:
            for line in connection.makefile("rb"):
                print(line.decode(errors="backslashreplace"), end="", flush=True)
                connection.sendall("收到消息\n".encode())
        except ConnectionError:
            pass  # it has left without reading its answer
        connection.close()


def main() -> None:
    """Serve in a child, so that this process can wait for the end and clean up."""
    speak_utf8()
    path = Path(sys.argv[1] if len(sys.argv) > 1 else f"{tempfile.gettempdir()}/local.sock")
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    if path.is_socket():
        path.unlink()  # of a server that was killed
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    pid = os.fork()
    if pid == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        serve(listener)
        os._exit(0)
    print(f"ready pid={os.getpid()}\nchild pid={pid} socket={path}", flush=True)
    signal.sigwait(END)
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
    path.unlink()


if __name__ == "__main__":
    main()
