"""The same for many seats at once: a result or an error for each, so that one that fails hides nobody."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from docker.errors import DockerException

from lab.host.command import LabError, reported

T = TypeVar("T")
AT_ONCE = 8


def each(
    seats: Iterable[str],
    work: Callable[[str], T],
    on_stop: Callable[[], None] = lambda: None,
    at_once: int = AT_ONCE,
) -> dict[str, T | Exception]:
    """Return what `work` came to for each seat. Ctrl-C begins nothing more, and `on_stop` ends what has begun."""

    def attempt(seat: str) -> T | Exception:
        try:
            with reported():
                return work(seat)
        except (LabError, DockerException) as error:
            return error

    names = list(seats)
    with ThreadPoolExecutor(at_once) as pool:
        try:
            return dict(zip(names, pool.map(attempt, names), strict=True))
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            on_stop()
            raise


def refuse_failed(done: Mapping[str, object], more: Callable[[], Iterable[str]] = tuple) -> None:
    """Say what went wrong in which seat, and then `more`, if anything did. Raises LabError."""
    if bad := [f"{seat}: {outcome}" for seat, outcome in done.items() if isinstance(outcome, Exception)]:
        raise LabError("\n".join([*bad, *more()]))
