"""The processes of the seats as `watch` sees them, for the pages that show them."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab.watch.whose import SOCKET

AGAIN = 0.5  # seconds until it is tried again, if `watch` is not there
LONGEST = 64 << 20  # bytes of a frame
Frame = dict[str, Any]


class Live:
    """The frames of `watch`, and what each seat has by the last of them."""

    def __init__(self, take: Callable[[Frame], None]) -> None:
        """Call `take` with every frame."""
        self.seats: dict[str, dict[str, Any]] = {}
        self.time = 0.0
        self.is_on = False
        self._take = take
        self._looks: Counter[str] = Counter()
        self._writer: asyncio.StreamWriter | None = None

    async def run(self, path: Path = Path(SOCKET)) -> None:
        """Read for ever; begin again whenever `watch` does."""
        while True:
            try:
                reader, self._writer = await asyncio.open_unix_connection(path, limit=LONGEST)
                self._tell()
                while line := await reader.readline():
                    self._hear(json.loads(line))
            except (OSError, ValueError):
                pass
            if self._writer:
                self._writer.close()
            self._writer, self.is_on = None, False
            await asyncio.sleep(AGAIN)

    @contextmanager
    def looking(self, seat: str) -> Iterator[None]:
        """Have a seat looked at more often, meanwhile."""
        self._looks[seat] += 1
        self._tell()
        try:
            yield
        finally:
            self._looks -= Counter([seat])
            self._tell()

    def _tell(self) -> None:
        if self._writer:
            self._writer.write(json.dumps({"look": sorted(self._looks)}).encode() + b"\n")

    def _hear(self, frame: Frame) -> None:
        if not self.is_on:
            self.seats, self.is_on = {}, True
        self.time = frame["time"]
        self.seats.update(frame["seats"])
        self._take(frame)
