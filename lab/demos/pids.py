"""Who am I: getpid, getppid and what fork returns, in both.

In the parent fork returns the child's pid, in the child 0: a child asks getpid
for its own and getppid for its parent's. The parent's parent is the shell that
started it.
Look: `echo $$` prints the shell's pid, the same as the parent's ppid (if you
typed the command in this shell).
Source: getpid(2), fork(2), credentials(7); course: process identifiers.

我是谁：两个进程中的 getpid、getppid 和 fork 的返回值。

fork 在父进程中返回子进程的 PID，在子进程中返回 0：子进程用 getpid 得到自己的，
用 getppid 得到父进程的 PID。
父进程的父进程，就是启动它的 shell。
查看：`echo $$` 打印 shell 的 PID，与父进程的 ppid 相同（如果命令是在这个 shell
中输入的）。
出处：getpid(2)、fork(2)、credentials(7)；课程：进程号。
"""

import os
import sys


def main() -> None:
    """Print the three numbers in the child, then in the parent."""
    try:
        pid = os.fork()
    except OSError as error:
        sys.exit(f"fork: {error.strerror}")
    if pid == 0:
        print(f"child fork={pid} getpid={os.getpid()} getppid={os.getppid()}", flush=True)
        os._exit(0)
    else:
        os.waitpid(pid, 0)
        print(f"parent fork={pid} getpid={os.getpid()} getppid={os.getppid()}")


if __name__ == "__main__":
    main()
