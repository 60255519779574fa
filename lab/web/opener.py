"""The first program of `web`, and the only one there that can become a student: it opens terminals in seats.

It has SETUID and SETGID and nothing else, reads the links, which are root's alone, and starts the server of the pages
as `web`, who has no capability. That one asks over a socket, and has to show the token each time: if it has been taken
over, it gets into no seat whose token it has not seen. What it gets is the terminal itself and the connection to the
seat's door: no process of ours stays behind for it.

request     want=who token=…                                    seat= name= uid= seed=
            want=open token=… keep=NAME columns= rows= LANG=    terminal=new|kept and two files; or why= there is none
of itself   changed= seats=JSON: who is in the class now, in the roster's order
An answer has the `id` of its request; without a seat or a terminal the token is nobody's.
"""

import errno
import fcntl
import json
import os
import pwd
import select
import signal
import socket
import sys
import termios
from collections.abc import Mapping

from lab.door import join, parcel
from lab.door.door import MOST_KEPT, path_of
from lab.door.pulse import become
from lab.door.session import USUAL_TERMINAL
from lab.language import chosen, tr
from lab.signals import as_by_default
from lab.web.links import Link, Links

USER = "web"  # who serves the pages
SERVER = "lab.web"
LOOK = 1000  # milliseconds between two looks at the links
PATIENCE = 10  # seconds for a door to open
IUTF8 = 0o40000  # termios(3): a backspace takes a character, not a byte; Python has no name for it before 3.13
TIOCGPTN = 0x80045430  # ioctl_tty(2): the number of a terminal, which only our end has


def main() -> int:
    """Serve until the server of the pages ends; return 1 then."""
    as_by_default()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        become_server(theirs)
    theirs.close()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a child: it has no zombies then, wait(2)
    Opener(ours, Links()).serve()
    return 1


def become_server(end: socket.socket) -> None:
    """Turn this process into the server of the pages, who is nobody."""
    user = pwd.getpwnam(USER)
    become(user.pw_uid, user.pw_gid)
    end.set_inheritable(True)
    os.execv(sys.executable, [sys.executable, "-I", "-m", SERVER, str(end.fileno())])


class Opener:
    """One loop: what the server asks for, and whether the links have changed."""

    def __init__(self, end: socket.socket, links: Links) -> None:
        self._end = end
        self._links = links

    def serve(self) -> None:
        """Answer until the server is gone."""
        poll = select.poll()
        poll.register(self._end, select.POLLIN)
        while True:
            ready = poll.poll(LOOK)
            if self._links.refresh():
                self._tell()
            if ready:
                request = parcel.receive_texts(self._end)
                if not request:
                    return
                self._answer(request)

    def _tell(self) -> None:
        seats = [
            {"seat": link.seat, "name": link.name, "uid": link.uid}
            for link in self._links.all
            if not link.is_instructor
        ]
        parcel.send(self._end, {"changed": "", "seats": json.dumps(seats, ensure_ascii=False)})

    def _answer(self, request: Mapping[str, str]) -> None:
        number = {"id": request.get("id", "")}
        link = self._links.of(request.get("token", ""))
        if link is None:
            parcel.send(self._end, number)
        elif request.get("want") == "who":
            known = {"seat": link.seat, "name": link.name, "uid": str(link.uid), "seed": link.seed}
            parcel.send(self._end, {**number, **known})
        elif link.is_instructor:
            parcel.send(self._end, number)  # the instructor looks on at a student's own, and opens none
        elif os.fork() == 0:
            open_terminal(self._end, link, request)


def open_terminal(end: socket.socket, link: Link, request: Mapping[str, str]) -> None:
    """Be the student, in a process just forked, and hand over a terminal of the seat. It never returns."""
    try:
        signal.alarm(PATIENCE)  # a door that is stopped does not answer
        become(link.uid, link.uid)
        os.environ["LANGUAGE"] = request["LANG"]  # of who reads why there is none
        answer, files = opened(link.uid, request)
        parcel.send(end, {"id": request.get("id", ""), **answer}, files)
    finally:
        os._exit(0)


def opened(uid: int, request: Mapping[str, str]) -> tuple[dict[str, str], list[int]]:
    """Return the answer for the server: a terminal and the connection to its door, or why there is none."""
    try:
        theirs = window(int(request["columns"]), int(request["rows"]))
        door = join.knock(path_of(uid))
        wanted = {"terminal": "", "keep": request["keep"], "TERM": USUAL_TERMINAL, "LANG": request["LANG"]}
        parcel.send(door, wanted, [theirs] * parcel.MOST_FILES)
        answer, files = parcel.receive(door)
        if files and is_terminal(files[0]):
            return {"terminal": answer["terminal"]}, [files[0], door.detach()]
        if answer.get("errno") == str(errno.EUSERS):
            return {"why": tr("{most} terminals are open: close one of them", most=MOST_KEPT)}, []
        join.status_of(answer)
        raise join.NotJoinedError(*join.STOPPED)
    except join.NotJoinedError as error:
        english, chinese = error.args
        return {"why": chinese if chosen().startswith("zh") else english}, []


def is_terminal(file: int) -> bool:
    """Tell whether a file is our end of a terminal: a student may have put a door of their own in the place of ours."""
    try:
        fcntl.ioctl(file, TIOCGPTN, bytes(4))
    except OSError:
        return False
    return True


def window(columns: int, rows: int) -> int:
    """Return a terminal of our own, after which the seat's is made: its size, and that it speaks UTF-8."""
    _, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (rows, columns))
    modes = termios.tcgetattr(theirs)
    modes[0] |= IUTF8
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    return theirs


if __name__ == "__main__":
    sys.exit(main())
