"""STAT modifiers: < N L s l +, a child for each, where allowed.

< is a niceness below 0, N one above, L pages locked in RAM, s the leader of a
session, l more than one thread, + the foreground of a terminal, which the
shell decides. What the system refuses is shown with the kernel's reason: `<`
takes a privilege (CAP_SYS_NICE), L room within `ulimit -l`, + a terminal (and
not `&`).
Look, in another shell:
`ps -o pid,ppid,stat,ni,nlwp,sid,tpgid,args -p N --ppid N`: the same letters.
Source: ps(1), "PROCESS STATE CODES"; setpriority(2), mlock(2), setsid(2);
course: the STAT column.

STAT 修饰符：< N L s l +，系统允许的各一个子进程。

< 表示 nice 值小于 0，N 大于 0，L 有页面锁定在内存中，s 会话首进程，l 多个线
程，+ 位于终端的前台（由 shell 决定）。
系统拒绝的，显示内核给出的原因：`<` 需要特权（CAP_SYS_NICE），L 受 `ulimit -l`
限制，+ 需要终端（而且不能用 `&`）。
在另一个终端查看：`ps -o pid,ppid,stat,ni,nlwp,sid,tpgid,args -p N --ppid N`：
字母相同。
出处：ps(1) 的“PROCESS STATE CODES”一节；setpriority(2)、mlock(2)、setsid(2)；
课程：STAT 列。
"""

import ctypes
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
PAGE = ctypes.create_string_buffer(1)


def lock() -> None:
    """Keep the page in RAM."""
    if ctypes.CDLL(None, use_errno=True).mlock(PAGE, 1):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


ACTS: dict[str, Callable[[], object]] = {
    "<": lambda: os.setpriority(os.PRIO_PROCESS, 0, -1),
    "N": lambda: os.nice(1),
    "L": lock,
    "s": os.setsid,
    "l": lambda: threading.Thread(target=signal.pause, daemon=True).start(),
    "+": lambda: os.close(os.open("/dev/tty", os.O_RDONLY)),  # the shell gave it, if there is a terminal
}


def start(act: Callable[[], object]) -> tuple[int, str]:
    """Start a child, and return its pid and what the kernel said to its act."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            act()
        except OSError as error:
            os.write(writing, str(error.strerror).encode())
        os.close(writing)
        signal.sigwait(END)
        os._exit(0)
    os.close(writing)
    return pid, os.read(reading, 100).decode()


def marks(pid: int) -> str:
    """Return what follows the letter in the STAT column, from the two files where ps finds it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    locked = "VmLck:\t       0 kB" not in Path(f"/proc/{pid}/status").read_text()
    has = {"<": int(fields[16]) < 0, "N": int(fields[16]) > 0, "L": locked}
    has |= {"s": fields[3] == str(pid), "l": int(fields[17]) > 1, "+": fields[2] == fields[5]}
    return "".join(mark for mark in has if has[mark])


def main() -> None:
    """Keep a child with each mark until a signal comes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    children = {mark: start(act) for mark, act in ACTS.items()}
    print(f"ready pid={os.getpid()}", flush=True)
    for mark, (pid, refusal) in children.items():
        print(f"{mark} pid={pid}", refusal or f"marks={marks(pid)}", flush=True)
    signal.sigwait(END)
    for pid, _ in children.values():
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
