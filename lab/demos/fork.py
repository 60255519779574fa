"""fork: one process becomes two, and each has its own copy.

Everything that the process has in memory is copied: the child changes its `a`,
the parent's stays 1. Both go on after `os.fork()`, told apart by what it
returned; where no process can be had, Python raises OSError (in C it returns
-1).
Look, in another shell: `strace -f -e trace=process python3 -m lab.demos.fork`
(the call reads `clone`).
Source: fork(2), RETURN VALUE; course: creating a process.

fork：一个进程变成两个，各有一份自己的拷贝。

进程内存中的一切都被复制：子进程改了自己的 `a`，父进程的仍然是 1。两个进程都从
`os.fork()` 之后继续执行，由返回值区分；无法创建进程时，Python 抛出 OSError（在
C 语言中返回 -1）。
在另一个终端查看：`strace -f -e trace=process python3 -m lab.demos.fork`（系统
调用显示为 `clone`）。
出处：fork(2) 的 RETURN VALUE 一节；课程：创建进程。
"""

import os
import sys


def main() -> None:
    """Change `a` in the child only."""
    a = 1
    print(f"before pid={os.getpid()} a={a}", flush=True)
    try:
        pid = os.fork()
    except OSError as error:
        sys.exit(f"fork: {error.strerror}")
    if pid == 0:
        a = 2
        print(f"child pid={os.getpid()} a={a}", flush=True)
        os._exit(0)
    else:
        os.waitpid(pid, 0)
        print(f"parent pid={os.getpid()} a={a}")


if __name__ == "__main__":
    main()
