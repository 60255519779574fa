"""Numbers as a person reads them."""

from collections.abc import Iterable, Sequence

from lab.language import tr
from lab.trace import History


def numbers(pids: Sequence[int]) -> str:
    """Return pids as a person reads them."""
    return ", ".join(map(str, pids[:8])) + (" …" if len(pids) > 8 else "")


def pids_of(histories: Iterable[History]) -> str:
    """Return the pids of processes."""
    return numbers([history.pid for history in histories])


def exactly(seconds: object) -> str:
    """Return a time as it was asked for, in seconds."""
    return tr("{seconds} s", seconds=seconds)


def tenths(seconds: float) -> str:
    """Return a time that was seen, to tenths of a second."""
    return tr("{seconds:.1f} s", seconds=seconds)


def hundredths(seconds: float) -> str:
    """Return a time that was seen, to hundredths of a second."""
    return tr("{seconds:.2f} s", seconds=seconds)


def with_status(seconds: object, code: object) -> str:
    """Return a time and an exit status as they were asked for."""
    return tr("{seconds} s, status {code}", seconds=seconds, code=code)


def tenths_with_status(was: float, status: object) -> str:
    """Return a time and an exit status as they were."""
    return tr("{was:.1f} s, status {status}", was=was, status=status)
