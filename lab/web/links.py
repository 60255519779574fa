"""Who may come in by which link: one a seat, and the instructor's. What is stored is a token's hash, never a token."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

INSTRUCTOR = "*"  # in the place of a seat
FILE = Path("/var/lib/web/links")  # root's alone; the host writes it
LAST = "end\n"  # a file without it is being written
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
    """Return the file: a JSON line a link, in the roster's order, and a last one."""
    return "".join(f"{json.dumps(asdict(link), ensure_ascii=False)}\n" for link in links) + LAST


class Links:
    """The links of the file, as it is now."""

    def __init__(self, path: Path = FILE) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self.all: list[Link] = []

    def refresh(self) -> bool:
        """Read the file if it is another one by now, and tell so; one that is just being replaced counts later."""
        try:
            status = self._path.stat()
            stamp = status.st_ino, status.st_ctime_ns  # a file out of an archive has the modification time of its entry
            text = "" if stamp == self._stamp else self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return False
        if not text.endswith(LAST):
            return False
        self._stamp = stamp
        self.all = [Link(**json.loads(line)) for line in text.removesuffix(LAST).splitlines()]
        return True

    def of(self, token: str) -> Link | None:
        """Return what a token stands for; None if it is nobody's."""
        digest = hash_of(token)
        return next((link for link in self.all if link.hash == digest), None)
