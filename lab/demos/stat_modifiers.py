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
ACTS: dict[str, Callable[[], object]] = {
    "<": lambda: os.setpriority(os.PRIO_PROCESS, 0, -1),
    "N": lambda: os.nice(1),
    "L": lambda: ctypes.CDLL(None, use_errno=True).mlock(PAGE, 1),
    "s": os.setsid,
    "l": lambda: threading.Thread(target=signal.pause, daemon=True).start(),
    "+": lambda: os.close(os.open("/dev/tty", os.O_RDONLY)),  # the shell gave it, if there is a terminal
}


def main() -> None:
    """Keep a child with each mark until a signal comes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, END)
    told, tell = os.pipe()
    children = {}
    for mark, act in ACTS.items():
        if (pid := os.fork()) == 0:
            try:
                act()
            except OSError as error:
                ctypes.set_errno(error.errno or 0)  # where mlock has put its own
            os.write(tell, os.strerror(ctypes.get_errno()).encode())
            signal.sigwait(END)
            os._exit(0)
        children[mark] = pid, os.read(told, 100).decode()
    print(f"ready pid={os.getpid()}", flush=True)
    for mark, (pid, answer) in children.items():
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        has = {"<": int(stat[16]) < 0, "N": int(stat[16]) > 0, "s": stat[3] == str(pid), "l": int(stat[17]) > 1}
        has |= {"L": "VmLck:\t       0 kB" not in Path(f"/proc/{pid}/status").read_text(), "+": stat[2] == stat[5]}
        print(mark, f"pid={pid} marks={''.join(mark for mark in ACTS if has[mark])} {answer}", flush=True)
    signal.sigwait(END)
    for pid, _ in children.values():
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
