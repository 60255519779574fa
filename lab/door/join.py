"""What the gate runs, as the student, for who has logged in: it goes to the seat's door and stays until the end.

Without a terminal it only waits: the session has our very standard streams. With one, it carries bytes between our
terminal, raw meanwhile, and the other end of the seat's.
"""

import errno
import os
import pwd
import select
import signal
import socket
import sys
import termios
import tty
from collections.abc import Mapping
from contextlib import suppress

from lab.door import parcel
from lab.door.door import path_of
from lab.door.session import copy_size
from lab.signals import as_by_default, do_nothing

NOT_JOINED = 255  # as ssh itself says it
CHUNK = 65536
FULL = (
    "the seat has no room for another process: end some from a shell that is still open, or ask your teacher to "
    "restart the seat",
    "座位的进程数已达上限：请在仍然打开的 shell 里结束一些进程，或请老师重启座位",
)
CLOSED = (
    "the seat is not running: try again in a moment, or ask your teacher to start it",
    "座位没有运行：请稍后再试，或请老师启动它",
)
ONWARD = (
    "your seat is on another machine, and the way leads through this one: ssh -F ssh_config SEAT, with the file that "
    "your teacher has handed out",
    "你的座位在另一台机器上，要经过这里：请用老师发的文件：ssh -F ssh_config 座位",
)
STOPPED = ("the seat was stopped", "座位已停止")
CHINESE, ENGLISH = "zh_CN.UTF-8", "C.UTF-8"  # the locales of a seat


class NotJoinedError(Exception):
    """Why there is no session, or no longer, in both languages: nobody knows yet which one is read."""


def main() -> int:
    """Return the session's exit status, or 255 after a sentence."""
    as_by_default()  # a hang-up of our terminal ends us, and thereby the session
    path = sys.argv[1] if len(sys.argv) > 1 else path_of(os.getuid())
    try:
        with knock(path) as door:
            parcel.send(door, request(os.environ), [0, 1, 2])
            answer, files = hear(door)
            return carry(door, files[0]) if files else status_of(answer)
    except NotJoinedError as error:
        return tell(*error.args)
    except OSError as error:
        return tell(str(error), str(error))


def say_where() -> int:
    """Say, where there is no seat but the way to all of them, how to go; return the exit status that goes with it."""
    return tell(*ONWARD)


def tell(en: str, zh: str) -> int:
    """Say it in both languages, on a terminal in whatever mode; return the exit status that goes with it."""
    seat = pwd.getpwuid(os.getuid()).pw_name
    os.write(2, f"forklab: {seat}: {en}.\r\nforklab：{seat}：{zh}。\r\n".encode())
    return NOT_JOINED


def knock(path: str) -> socket.socket:
    """Return a connection to the door. Raises NotJoinedError if there is none."""
    door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        door.connect(path)
    except OSError as error:
        raise NotJoinedError(*CLOSED) from error
    return door


def request(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what to ask for: sshd's environment says what was typed behind `ssh SEAT@HOST`."""
    asked: dict[str, str | None] = {"command": environment.get("SSH_ORIGINAL_COMMAND"), "LANG": language(environment)}
    if os.isatty(0):
        asked.update(terminal="", TERM=environment.get("TERM"))
    return {name: text for name, text in asked.items() if text is not None}


def language(environment: Mapping[str, str]) -> str | None:
    """Return the locale of a seat for the one that came along, by lab/language.py's rule; None if none did."""
    locale = environment.get("LANG")
    return (CHINESE if locale.lower().startswith("zh") else ENGLISH) if locale else None


def hear(door: socket.socket) -> tuple[dict[str, str], list[int]]:
    """Return the door's answer; without a terminal that is how it ended, unless who came in leaves before."""
    ours = {1, 2}  # both are hung up: sshd, hence the connection, is gone
    poll = select.poll()
    poll.register(door, select.POLLIN)
    for descriptor in ours:
        poll.register(descriptor, 0)
    while door.fileno() not in (ready := {descriptor for descriptor, _ in poll.poll()}):
        if not (ours := ours - ready):
            raise SystemExit(NOT_JOINED)
        for descriptor in ready:
            poll.unregister(descriptor)
    return parcel.receive(door)


def status_of(answer: Mapping[str, str]) -> int:
    """Return the exit status that the door told. Raises NotJoinedError if it told something else."""
    if "status" in answer:
        return int(answer["status"])
    if "errno" not in answer:
        raise NotJoinedError(*STOPPED)
    number = int(answer["errno"])
    reason = os.strerror(number)
    raise NotJoinedError(*(FULL if number in (errno.EAGAIN, errno.ENOMEM) else (reason, reason)))


def carry(door: socket.socket, terminal: int) -> int:
    """Be the wire between our terminal and the seat's until that one ends; return the session's exit status."""
    modes = termios.tcgetattr(0)
    tty.setraw(0, termios.TCSADRAIN)  # what was typed meanwhile is kept
    try:
        with suppress(OSError):  # EIO: the last program that had the terminal open has closed it
            copy_bytes(terminal, door.fileno(), watch_size())
        return status_of(parcel.receive(door)[0])
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, modes)


def watch_size() -> int:
    """Return a descriptor that is readable once our window has another size."""
    readable, writable = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    signal.signal(signal.SIGWINCH, do_nothing)
    return readable


def copy_bytes(terminal: int, door: int, resized: int) -> None:
    """Copy both ways until the session has ended and all that it printed is through. Raises OSError if it closes it.

    Neither way may hold up the other: Ctrl-C has to arrive while more is printed than we get rid of. Who has left the
    session but not its terminal, a daemon of the student's, is not waited for.
    """
    for descriptor in (0, 1, terminal):
        os.set_blocking(descriptor, False)
    copy_size(0, terminal)  # it may have changed since the door looked
    typed = printed = b""
    ended = False
    while True:
        readers = [resized, *([] if typed else [0]), *([] if printed else [terminal]), *([] if ended else [door])]
        writers = [*([1] if printed else []), *([terminal] if typed else [])]
        readable, writable, _ = select.select(readers, writers, [], 0 if ended and not printed else None)
        ended |= door in readable  # what it says is heard later
        if resized in readable:
            os.read(resized, CHUNK)
            copy_size(0, terminal)
        if 1 in writable:
            printed = write(1, printed)
        if terminal in writable:
            typed = write(terminal, typed)
        if 0 in readable:
            typed = read(0)
        if not printed and (ended or terminal in readable):
            printed = read(terminal)
            if ended and not printed:
                return


def read(descriptor: int) -> bytes:
    """Return what is there by now, perhaps nothing. Raises OSError, EIO, once a terminal is closed and all is read."""
    try:
        return os.read(descriptor, CHUNK)
    except BlockingIOError:
        return b""


def write(descriptor: int, data: bytes) -> bytes:
    """Write what fits and return the rest; nothing, if nobody will read it."""
    try:
        return data[os.write(descriptor, data) :]
    except BlockingIOError:
        return data
    except OSError:
        return b""


if __name__ == "__main__":
    sys.exit(main())
