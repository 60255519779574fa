"""Who may come in by which link: one a seat, and the instructor's. What is stored is a token's hash, never a token."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

INSTRUCTOR = "*"  # in the place of a seat
FILE = Path("/var/lib/web/links")  # root's alone; the host writes it
TOKEN = re.compile(r"[0-9a-f]{32}")  # 128 bits


@dataclass(frozen=True)
class Link:
    """What a token stands for."""

    seat: str  # a login, or INSTRUCTOR
    name: str = ""  # the student's
    uid: int = -1
    seed: str = ""  # of the seat's parameters, lab/student/seed.py
    hash: str = ""  # 64 hexadecimal digits; "" where it is nobody's business

    @property
    def is_instructor(self) -> bool:
        """Whether it is the instructor's."""
        return self.seat == INSTRUCTOR


def hash_of(token: str) -> str:
    """Return what is stored of a token; 128 random bits need no salt and no slow function."""
    return hashlib.sha256(token.encode()).hexdigest()


def to_lines(links: Iterable[Link]) -> str:
    """Return the file: a JSON line a link, in the roster's order."""
    return "".join(f"{json.dumps(asdict(link), ensure_ascii=False)}\n" for link in links)


class Links:
    """The links of the file, as it is now."""

    def __init__(self, path: Path = FILE) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self.all: list[Link] = []

    def refresh(self) -> bool:
        """Read the file if it is another one by now, and tell so; without a file nobody may come in."""
        try:
            status = self._path.stat()
            stamp = status.st_ino, status.st_mtime_ns
            if stamp == self._stamp:
                return False
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            stamp, lines = None, []
        was, self._stamp = self._stamp, stamp
        self.all = [Link(**json.loads(line)) for line in lines]
        return stamp != was

    def of(self, token: str) -> Link | None:
        """Return what a token stands for; None if it is nobody's."""
        digest = hash_of(token)
        return next((link for link in self.all if link.hash == digest), None)
