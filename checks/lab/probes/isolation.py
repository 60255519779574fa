"""Try what a seat must not be able to do, and say how the kernel answered. argv: the trial, bytes of memory."""

import ctypes
import errno
import json
import os
import pwd
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any


def answer(attempt: Callable[[], object]) -> str:
    """Return the errno's name, or "done" if the attempt succeeded."""
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "done"


def write(path: str) -> None:
    """Make a file, and remove it if that was possible."""
    with open(path, "x"):
        os.unlink(path)


def connect() -> None:
    """Look for a way beyond the loopback; nothing is sent, since UDP only looks for a route, udp(7)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))


def mount() -> None:
    """Try to mount a file system; if that was possible, take it away again."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", b"/mnt", b"tmpfs", 0, b""):
        raise OSError(ctypes.get_errno(), "mount")
    libc.umount(b"/mnt")


SEATS = range(20001, 21000)  # their UIDs


def forks() -> tuple[int, int]:
    """Fork children that wait, until the kernel refuses; return how many there were, and beside how many others.

    All are gone afterwards. A thread counts as much as a process.
    """
    children: list[int] = []
    try:
        while len(children) < 5000:
            pid = os.fork()
            if pid == 0:
                signal.pause()
                os._exit(0)
            children.append(pid)
    except OSError:
        pass
    there = sum(tasks(pid) for pid in os.listdir("/proc") if pid.isdigit()) - len(children)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    for pid in children:
        os.waitpid(pid, 0)
    return len(children), max(0, there)


def tasks(pid: str) -> int:
    """Return how many threads a process has; none, if it is gone."""
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return 0


def open_files() -> tuple[int, int]:
    """Open files until the kernel refuses; return how many there were, beside the standard streams."""
    opened: list[int] = []
    with suppress(OSError):
        while len(opened) < 100_000:
            opened.append(os.open("/dev/null", os.O_RDONLY))
    for descriptor in opened:
        os.close(descriptor)
    return len(opened), 3


def fill(path: str) -> tuple[int, int]:
    """Write until the file system is full; return the bytes that it took, at most 64 MiB, and that were there before.

    Nothing is left.
    """
    room = os.statvfs(os.path.dirname(path))
    size = 0
    with suppress(OSError), open(path, "wb", buffering=0) as file:
        while size < 64 << 20:
            size += file.write(bytes(1 << 20))
    os.unlink(path)
    return size, (room.f_blocks - room.f_bfree) * room.f_frsize


def eat_memory(most: int) -> str:
    """Let a child touch `most` bytes; return how it ended."""
    pid = os.fork()
    if pid == 0:
        bytearray(most)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    return signal.Signals(status & 0x7F).name if status & 0x7F else "survived"


def capabilities() -> dict[str, str]:
    """Return the capability sets of /proc/self/status."""
    with open("/proc/self/status") as status:
        return {line[:6]: line.split()[1].lstrip("0") or "0" for line in status if line.startswith("Cap")}


def others() -> list[int]:
    """Return the UIDs of processes other than ours; who joins a container is root for a moment, so look for 2 s."""
    deadline = time.monotonic() + 2
    while True:
        found = {uid for pid in os.listdir("/proc") if pid.isdigit() and (uid := owner(pid)) is not None}
        if found == {os.getuid()} or time.monotonic() > deadline:
            return sorted(found - {os.getuid()})
        time.sleep(0.05)


def owner(pid: str) -> int | None:
    """Return the real UID of a process; None if it is gone."""
    try:
        with open(f"/proc/{pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("Uid:"))
    except OSError:
        return None


def root() -> dict[str, str]:
    """Try to make a file in each of the system's folders."""
    return {path: answer(partial(write, f"{path}/forklab-probe")) for path in ("/usr", "/etc", "/")}


def identity() -> list[str]:
    """Try to become root, the chat server, and another seat: where there is none, whoever comes next into the class."""
    others = [user.pw_uid for user in pwd.getpwall() if user.pw_uid in SEATS and user.pw_uid != os.getuid()]
    another = others[0] if others else os.getuid() + 1
    return [answer(partial(os.setresuid, uid, uid, uid)) for uid in (0, 20000, another)]


def interfaces() -> list[str]:
    """Return the names of the network's interfaces."""
    return [name for _, name in socket.if_nameindex()]


TRIALS: dict[str, Callable[[], Any]] = {
    "root": root,
    "room": lambda: [
        answer(lambda: write("/run/chat/forklab-probe")),
        answer(lambda: os.unlink("/run/chat/chat.sock")),
    ],
    "network": lambda: [interfaces(), answer(connect)],
    "identity": identity,
    "capabilities": capabilities,
    "mount": lambda: answer(mount),
    "processes": forks,
    "files": open_files,
    "core": lambda: list(resource.getrlimit(resource.RLIMIT_CORE)),
    "disk": lambda: fill("/tmp/forklab-probe"),
    "memory": lambda: eat_memory(int(sys.argv[2])),
    "others": others,
}
print(json.dumps(TRIALS[sys.argv[1]]()))
