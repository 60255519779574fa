"""Rooms that have gone elsewhere: what is left of one on the host where it was is noted, until that host is reached.

The next make that reaches it stops and removes what it finds there, before anything else is done on that host
(rooms.py). A host that was started anew starts no room by itself (lab/host/enrolment/room_files.py).
"""

from dataclasses import dataclass
from pathlib import Path

from lab.host.hosts.inventory import FOLDER

NOTES = FOLDER / "left"  # an empty file each: ROOM@HOST, or ROOM@HOST.lost
LOST = ".lost"


@dataclass(frozen=True)
class Left:
    """A room, and a host on which it is no more; lost, if nobody could pack what was there."""

    room: str
    host: str
    lost: bool = False

    @property
    def _file(self) -> Path:
        return NOTES / f"{self.room}@{self.host}{LOST if self.lost else ''}"

    def note(self) -> None:
        """Note it, before the room is anywhere else."""
        NOTES.mkdir(parents=True, exist_ok=True)
        self._file.touch()

    def settle(self) -> None:
        """Note that nothing is left there."""
        self._file.unlink(missing_ok=True)


def noted() -> list[Left]:
    """Return what is left where."""
    return [_read(path) for path in sorted(NOTES.glob("*@*"))]


def _read(path: Path) -> Left:
    room, _, host = path.name.removesuffix(LOST).partition("@")
    return Left(room, host, path.suffix == LOST)
