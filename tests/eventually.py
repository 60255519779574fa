"""Waiting for an event, with a deadline, instead of sleeping and hoping."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 60.0  # seconds: a deadline for what takes milliseconds, on a slow machine that others are busy on too


def eventually(probe: Callable[[], T], within: float = PATIENCE, every: float = 0.01) -> T:
    """Call `probe` until it returns something true, and return that; fail after `within` seconds."""
    deadline = time.monotonic() + within
    while not (answer := probe()):
        assert time.monotonic() < deadline, f"still {answer!r} after {within} s: {probe}"
        time.sleep(every)
    return answer
