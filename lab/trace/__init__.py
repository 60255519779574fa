"""A record of every state that a program and its descendants go through, without ptrace.

`recording` runs it, `leader` is its parent, `relay` its terminal, `watcher` looks at /proc by `sampler`, which knows
whose process is whose, and keeps a `track` of each; `history` says what is recorded; `timeline`, `svg`, `html` with
page/, and `perfetto` draw it. With --calls `strace` follows the command, and `calls` reads what it writes. `cli` is
`lab trace`.

    from lab.trace import record
    trace = record(["python3", "zombie.py"], seconds=5)
    assert any(child.longest("Z") > 0.4 for child in trace.children(trace.root))
"""

from typing import TYPE_CHECKING, Any

from lab.trace.history import Command, Exit, History, Output, Span, Trace

if TYPE_CHECKING:
    from lab.trace.recording import NotWatchedError, record

__all__ = ["Command", "Exit", "History", "NotWatchedError", "Output", "Span", "Trace", "record"]


def __getattr__(name: str) -> Any:
    """Return what `recording` has, loaded at its first use: the watcher and the leader start without it."""
    if name not in ("NotWatchedError", "record"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lab.trace import recording

    return getattr(recording, name)
