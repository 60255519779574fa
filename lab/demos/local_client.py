"""Local socket client: sends what you type, prints the answers.

Start `lab demo local_server` first, then `lab demo local_client [SOCKET]`;
type lines, end with Ctrl-D or an empty line.
`echo hello | lab demo local_client` works too. Start a second one: it gets no
answer until the first has left.
In another shell: `ps -eo pid,stat,args` shows the client asleep (S) while you
type nothing.
Source: unix(7), connect(2); course: local sockets.

本地套接字客户端：发送您输入的内容，打印回答。

先启动 `lab demo local_server`，再运行 `lab demo local_client [套接字]`；逐行输
入，用 Ctrl-D 或空行结束。
也可以用 `echo 你好 | lab demo local_client`。再启动一个：第一个离开之前，它得
不到回答。
在另一个终端：您不输入时，`ps -eo pid,stat,args` 显示客户端在睡眠（S）。
出处：unix(7)、connect(2)；课程：本地套接字。
"""

import contextlib
import signal
import socket
import sys
import tempfile

from lab.language import speak_utf8, tr


def talk(connection: socket.socket) -> None:
    """Send each line of the keyboard and print the answer, up to an empty line or the end of either."""
    answers = connection.makefile(encoding="utf-8")
    for line in sys.stdin:
        if not line.strip():
            break
        connection.sendall(line.rstrip("\n").encode() + b"\n")
        print(answers.readline(), end="", flush=True)


def main() -> None:
    """Connect to the file and talk."""
    speak_utf8()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    path = sys.argv[1] if len(sys.argv) > 1 else f"{tempfile.gettempdir()}/local.sock"
    with contextlib.suppress(KeyboardInterrupt), socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(path)
        except OSError as error:
            hint = tr("start the server first: lab demo local_server")
            sys.exit(f"{path}: {error.strerror}; {hint}")
        talk(connection)


if __name__ == "__main__":
    main()
