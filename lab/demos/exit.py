"""Two ways out: sys.exit cleans up first, os._exit does not.

After sys.exit(3) the `finally` block and the `atexit` function run, and what
is still in the output buffer is written; after os._exit(3) none of it is. The
exit status, 3, is the same. A forked child leaves by os._exit: the clean-up is
its parent's, and the copy of the parent's buffer would be written twice.
Look: `strace -f -e trace=write,exit_group python3 -m lab.demos.exit`.
Source: _exit(2), exit(3); course: ending a process.

两种退出：sys.exit 先清理再结束，os._exit 立即结束。

sys.exit(3) 之后会执行 `finally` 块和 `atexit` 函数，并写出缓冲区中剩下的内容；
os._exit(3) 之后这些都不会发生。
退出码相同，都是 3。fork 出的子进程用 os._exit 退出：清理是父进程的事，而且从父
进程复制来的缓冲区会被写出两次。
查看：`strace -f -e trace=write,exit_group python3 -m lab.demos.exit`。
出处：_exit(2)、exit(3)；课程：进程的退出。
"""

import atexit
import os
import sys
from collections.abc import Callable
from typing import NoReturn


def leave(end: Callable[[int], NoReturn]) -> NoReturn:
    """End this process with something in its buffer, and more for it to do first."""
    atexit.register(os.write, 1, b" atexit")
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 (has a buffer, even under PYTHONUNBUFFERED)
    try:
        print(" buffer", end="")  # stays in the buffer: no end of line, no flush
        end(3)
    finally:
        os.write(1, b" finally")


def main() -> None:
    """Let a child leave each way, and show its exit status."""
    for end in (sys.exit, os._exit):
        print(f"{end.__name__}:", end="", flush=True)
        pid = os.fork()
        if pid == 0:
            leave(end)
        else:
            _, status = os.waitpid(pid, 0)
            print(f" -> {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    main()
