"""Every demo's promise, kept in a place: the states that its processes go through, as the kernel knows them."""

from collections.abc import Callable

from checks.demos import promises_files as files
from checks.demos import promises_fork as fork
from checks.demos import promises_io as io
from checks.demos import promises_states as states
from checks.demos import promises_waiting as waiting
from checks.lab.place import Place

# In the order of the course.
PROMISES: dict[str, Callable[[Place], None]] = {
    "file_types": files.file_types,
    "local_server": files.local_server,
    "local_client": files.local_client,
    "one_by_one": fork.one_by_one,
    "two_at_once": fork.two_at_once,
    "fork": fork.fork,
    "pids": fork.pids,
    "exit": fork.exit,
    "five_states": states.five_states,
    "stat_letters": states.stat_letters,
    "stat_modifiers": states.stat_modifiers,
    "uninterruptible": states.uninterruptible,
    "nice": states.nice,
    "renice": states.renice,
    "tree": waiting.tree,
    "orphan": waiting.orphan,
    "zombie": waiting.zombie,
    "wait": waiting.wait,
    "waitpid": waiting.waitpid,
    "sigchld": waiting.sigchld,
    "double_fork": waiting.double_fork,
    "parent_first": waiting.parent_first,
    "process_and_thread": io.process_and_thread,
    "blocking_io": io.blocking_io,
    "nonblocking_io": io.nonblocking_io,
    "timeout_io": io.timeout_io,
    "multiplexed_io": io.multiplexed_io,
}


def test_demo(demo: str, seat: Place) -> None:
    """A demo's processes go through the states that it promises."""
    PROMISES[demo](seat)
