"""Whose a process is: told by the volumes of the container that it is in, which nobody in it can change.

Its UID alone would not do: at the gate, too, there are processes of the student's UID, and several labs may run on one
engine, their seats with the same UIDs. A seat's container has the volume `home-LOGIN` of the very lab whose volume
`watch` we have ourselves, mounted on /home/LOGIN (proc_pid_mountinfo(5)); to mount takes a privilege that no seat has.
Command lines and names would not do either: a process can write over its own, and over its neighbours'.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lab.chat.seat import SEAT_UIDS
from lab.proc import PROC

Whose = Callable[[int, int, str | None], str | None]  # of PID, UID and the parent's seat: the seat's login, or None
CONTAINER = re.compile(rb"[0-9a-f]{64}")  # Docker's and Podman's id of a container
FOLDER, VOLUME = "/run/watch", "watch"
SOCKET = f"{FOLDER}/watch.sock"


class NoVolumeError(Exception):
    """We have not the volume by which a lab is known."""


@dataclass(frozen=True)
class Mount:
    """A line of mountinfo: what of which device is mounted where."""

    device: str
    root: str
    target: str


def mounts_of(pid: int | str) -> list[Mount]:
    """Return what a process has mounted. Raises one of GONE."""
    lines = (PROC / f"{pid}/mountinfo").read_text(errors="replace").splitlines()
    return [Mount(*line.split(" ", 5)[2:5]) for line in lines]


class Containers:
    """The containers of the machine, each a seat of our own lab or not.

    A cgroup has the id of its container in its name, cgroups(7), so that each is asked once for its mounts. Where it
    has none, as with a rootless engine that may make none, each process is asked: a cgroup says no more then. Nor does
    that of cgroup v1 for a process that is about to be dead, which is in the root.
    """

    def __init__(self) -> None:
        """Learn which lab is ours. Raises NoVolumeError."""
        ours = next((mount for mount in mounts_of("self") if mount.target == FOLDER), None)
        before, found, behind = ours.root.rpartition(VOLUME) if ours else ("", "", "")
        if not ours or not found:
            raise NoVolumeError
        self._device = ours.device
        self._home = re.compile(rf"{re.escape(before)}home-([a-z][a-z0-9_-]*){re.escape(behind)}")
        self._seats: dict[bytes, str | None] = {}  # by their cgroups

    def seat_of(self, pid: int, uid: int, parent: str | None) -> str | None:
        """Return the seat that a process is in, None if it is in none. Raises OSError where it is dead or gone.

        A child is where its parent is, the dead as well, of which nothing else would tell.
        """
        if uid not in SEAT_UIDS:  # a container that is being made has root's processes only, and not all its volumes
            return None
        if parent:
            return parent
        cgroups = (PROC / f"{pid}/cgroup").read_bytes()  # all of it: an engine in a container adds to that one's id
        if not CONTAINER.search(cgroups):
            return self._login(mounts_of(pid))
        if cgroups not in self._seats:
            self._seats[cgroups] = self._login(mounts_of(pid))
        return self._seats[cgroups]

    def _login(self, mounts: list[Mount]) -> str | None:
        for mount in mounts:
            home = self._home.fullmatch(mount.root)
            if home and mount.device == self._device and mount.target == f"/home/{home[1]}":
                return home[1]
        return None
