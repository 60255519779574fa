"""Process tree: who started whom.

Each process starts its own children: a and d are N's, b and c are a's, e is
d's; the names are theirs too.
Look, in another shell: `pstree -p N` draws it; `ps -eo pid,ppid,comm --forest`
and `ps -ef --forest` indent it.
Follow PPID upwards from any of them: through N and its shell to PID 1.
Source: pstree(1), fork(2), proc_pid_comm(5); course: the process tree.

进程树：谁启动了谁。

每个进程启动自己的子进程：a 和 d 属于 N，b 和 c 属于 a，e 属于 d；这些字母也是
它们的进程名。
在另一个终端查看：`pstree -p N` 画出这棵树；`ps -eo pid,ppid,comm --forest` 和
`ps -ef --forest` 用缩进表示。
从任意一个沿 PPID 往上走：经过 N 和它的 shell，一直到 1 号进程。
出处：pstree(1)、fork(2)、proc_pid_comm(5)；课程：进程树。
"""

import os
import signal
from pathlib import Path
from typing import TypeAlias

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
Tree: TypeAlias = dict[str, "Tree"]
SHAPE: Tree = {"a": {"b": {}, "c": {}}, "d": {"e": {}}}


def grow(shape: Tree, growing: int) -> list[int]:
    """Start a child for each name, which starts its own, and return the pids of the first."""
    pids = []
    for name, below in shape.items():
        pid = os.fork()
        if pid == 0:
            Path("/proc/self/comm").write_text(name)
            children = grow(below, growing)
            os.close(growing)
            fall(children)
            os._exit(0)
        pids.append(pid)
    return pids


def fall(children: list[int]) -> None:
    """Wait for a signal, then end the children, and they theirs."""
    signal.sigwait(END)
    for child in children:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


def main() -> None:
    """Let the tree stand until a signal comes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    grown, growing = os.pipe()
    children = grow(SHAPE, growing)
    os.close(growing)
    os.read(grown, 1)  # nothing to read, only the end: the last process has closed its side
    print(f"ready pid={os.getpid()}", flush=True)
    fall(children)


if __name__ == "__main__":
    main()
