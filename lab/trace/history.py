"""What a trace knows: the histories of the processes, as dataclasses and as the one JSON document.

All times are seconds since the recording began, all from samples: a change is dated to the first sample that saw it,
so it happened at most one gap earlier (`Trace.longest_gap`). What lasted less than a gap may be missing.

The document (`lab trace --json`, version 1)::

    {"version": 1,
     "command": ["python3", "zombie.py"],      as it was typed
     "began": 1764000000.0,                    seconds since the epoch
     "seconds": 1.31,                          how long the recording lasted
     "interval": 0.01, "longest_gap": 0.0118, "samples": 131,
     "pid": 4712,                              the command's; its parent `leader` is the lab's own and has no row
     "leader": 4711,
     "ended": 1.3,                             when the command was seen to have ended; null: not before the end
     "exit": {"code": 0, "signal": null},      the command's; null: not known
     "cut": null,                              why the trace ended what still ran: "time", "linger", "signal"; or null
     "left_running": [],                       pids that even SIGKILL did not end within 2 s
     "unrecorded": 0,                          processes over the limit on rows: counted and ended, not recorded
     "terminal": false,                        whether the command had a terminal of its own
     "stdout": {"text": "…", "left_out": 0},   the bytes left out stood between the first and the last of the text
     "stderr": {"text": "", "left_out": 0},    "" where stderr is the same file or terminal as stdout
     "outsiders": {"1": "tini"},               names of parents that have no row: the leader, whoever adopts
     "missed": [[0.31, 0.32, 4]],              pids that were born and gone between two samples: from, to, how many; of
                                               the whole pid namespace (a seat), and threads have one too
     "calls": null,                            with --calls, what strace saw (below)
     "processes": [
       {"pid": 4712, "start": 123456,          start: clock ticks since boot; with pid, one process for ever
        "uid": 20001,
        "first_seen": 0.0, "last_seen": 1.3,
        "gone": 1.31,                          the first sample without it; null: still there at the end
        "exit": null,                          known for the command, and for whoever was seen as a zombie
        "states": [[0.0, 0.2, "R"], [0.2, 1.31, "S"]],      spans: [from, to, value], without holes
        "parents": [[0.0, 1.31, 4711]],        ppid: a second span is an adoption
        "groups": …, "sessions": …,            pgid and sid, each a list of such spans; so are
        "niceness": …, "threads": …,
        "foreground": [[0.0, 1.31, false]],    whether in the foreground of its terminal (ps: +)
        "commands": [[0.0, 1.31, {"comm": "python3", "cmdline": ["python3", "zombie.py"]}]],
        "reaped": [[0.0, 0.8, 0], [0.8, 1.31, 64]],   page faults of the children that it has waited for: each
                                               growth is a wait that returned a child; not of who was never waited for
        "written": [[0.0, 1.31, 23]],          bytes written to whatever, its reaped children's too; [] where hidden
        "blocked": …, "ignored": …,            its signals 1 to 31 as bits, the lowest for 1
        "caught": …,
        "pending": [],                         those sent and not taken, looked at while it blocks any, or is in D or T
        "used": [[0.0, 0.4, 0.02], [0.4, 1.31, 0.04]],      CPU time of its threads up to then, in seconds
        "cpu": 0.04,                           the last of `used`: the rest of R was waiting
        "faults": 64,                          by how much its parent's `reaped` grows by a wait for it: 0 after vfork
        "left_out": 0}]}                       changes over the limit for one process: not recorded

With --calls the program was ptraced, and by that held up at each of these calls: its times are longer than its own, and
a state t is strace's doing. Pids in `waits` and `signals` are processes', in `made` the threads' that made them::

     "calls": {
       "complete": true,                       whether strace was there to the end
       "made": [                               calls about processes and signals, in the order of their beginnings
         [0.31, 0.52, 4712, "wait4",           from, to (null: it never returned), who, which,
          "-1, [{WIFEXITED(s) && …}], 0, NULL", "4713"]],      with what, and the result, as strace writes them
       "left_out": 0,                          calls over the limit: not in `made`
       "waits": [                              the waits that told of a child, or failed
         {"time": 0.83, "began": 0.31, "pid": 4712, "call": "wait4", "child": 4713,
          "change": "ended",                   or "stopped", "continued"; "seen": dead, and left a zombie (WNOWAIT)
          "exit": {"code": 7, "signal": null}, null unless it has ended
          "error": null}],                     or "ECHILD" and so on: then child, change and exit are null
       "signals": [                            those that arrived: not those that were ignored
         {"time": 0.82, "pid": 4712, "signal": 17, "sender": 4713, "code": "CLD_EXITED"}]}    null: not known
"""

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

VERSION = 1
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Span(Generic[V]):
    """A value that held from `start` until `end`, both in seconds."""

    start: float
    end: float
    value: V

    @property
    def seconds(self) -> float:
        """How long it held."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended: by exit(2) with a code, or by a signal; the other one is None."""

    code: int | None
    signal: int | None

    @classmethod
    def of(cls, status: int) -> "Exit":
        """Decode a status of wait(2)."""
        exit_code = os.waitstatus_to_exitcode(status)
        return cls(exit_code, None) if exit_code >= 0 else cls(None, -exit_code)

    @property
    def status(self) -> int:
        """What a shell's `$?` says: the code, or 128 + the signal."""
        return self.code if self.code is not None else 128 + (self.signal or 0)


@dataclass(frozen=True, slots=True)
class Command:
    """What a process ran: its name (at most 15 bytes) and its arguments, () where none could be read."""

    comm: str
    cmdline: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """What was written to one stream: all of it, or its beginning and its end with `left_out` bytes between."""

    text: str
    left_out: int = 0


# Named tuples, since whoever imports this without --calls need not wait for four dataclasses to be made.
class Call(NamedTuple):
    """A call that strace saw: `end` is None if it never returned; arguments and result as strace writes them."""

    start: float
    end: float | None
    pid: int
    name: str
    arguments: str
    result: str


class Wait(NamedTuple):
    """A wait that told of a child, or failed."""

    time: float
    began: float
    pid: int
    call: str
    child: int | None
    change: str | None
    exit: Exit | None
    error: str | None


class Arrival(NamedTuple):
    """A signal that arrived, or killed; who sent it is None where nobody did, or nobody knows."""

    time: float
    pid: int
    signal: int
    sender: int | None
    code: str | None


class Calls(NamedTuple):
    """What strace saw."""

    complete: bool
    made: tuple[Call, ...]
    left_out: int
    waits: tuple[Wait, ...]
    signals: tuple[Arrival, ...]


@dataclass(frozen=True, slots=True)
class History:
    """The recorded life of one process; every tuple of spans is in time order and has no holes."""

    pid: int
    start: int
    uid: int
    first_seen: float
    last_seen: float
    gone: float | None
    exit: Exit | None
    states: tuple[Span[str], ...]
    parents: tuple[Span[int], ...]
    groups: tuple[Span[int], ...]
    sessions: tuple[Span[int], ...]
    niceness: tuple[Span[int], ...]
    threads: tuple[Span[int], ...]
    foreground: tuple[Span[bool], ...]
    commands: tuple[Span[Command], ...]
    left_out: int = 0
    cpu: float = 0.0
    faults: int = 1
    reaped: tuple[Span[int], ...] = ()
    written: tuple[Span[int], ...] = ()
    blocked: tuple[Span[int], ...] = ()
    ignored: tuple[Span[int], ...] = ()
    caught: tuple[Span[int], ...] = ()
    pending: tuple[Span[int], ...] = ()
    used: tuple[Span[float], ...] = ()

    @property
    def ppid(self) -> int:
        """The first parent that was seen."""
        return self.parents[0].value

    @property
    def adoptions(self) -> tuple[Span[int], ...]:
        """The later parents: `value` adopted it, seen at `start`."""
        return self.parents[1:]

    @property
    def command(self) -> Command:
        """The last command that it ran: a zombie has no arguments any more, so those before it count."""
        named = [span.value for span in self.commands if span.value.cmdline]
        return named[-1] if named else self.commands[-1].value

    def longest(self, state: str) -> float:
        """Return the seconds of the longest time without a break in a state, 0.0 for never."""
        return max((span.seconds for span in self.states if span.value == state), default=0.0)

    def state_at(self, moment: float) -> str | None:
        """Return the state's letter at a moment, None before and after its life."""
        return next((span.value for span in self.states if span.start <= moment < span.end), None)


@dataclass(frozen=True, slots=True)
class Trace:
    """One recording; the module's docstring says what each field is."""

    command: tuple[str, ...]
    began: float
    seconds: float
    interval: float
    longest_gap: float
    samples: int
    pid: int
    leader: int
    ended: float | None
    exit: Exit | None
    cut: str | None
    left_running: tuple[int, ...]
    unrecorded: int
    terminal: bool
    stdout: Output
    stderr: Output
    outsiders: dict[int, str]
    processes: tuple[History, ...]
    missed: tuple[Span[int], ...] = ()
    calls: Calls | None = None

    @property
    def root(self) -> History:
        """The command's own history."""
        return next(history for history in self.processes if history.pid == self.pid)

    def parent(self, of: History) -> History | None:
        """Return the process that was the first parent of `of`, None if it is not recorded."""
        alive = [h for h in self.processes if h.pid == of.ppid and h.first_seen <= of.first_seen and h is not of]
        return alive[-1] if alive else None

    def children(self, of: History) -> list[History]:
        """Return the processes whose first parent was `of`, in order of appearance."""
        return [h for h in self.processes if h.ppid == of.pid and self.parent(h) is of]

    def to_json(self) -> str:
        """Return the document, on one line."""
        return json.dumps(document(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Trace":
        """Read the document again; raise ValueError for another version of it."""
        content = json.loads(text)
        if content.pop("version", None) != VERSION:
            raise ValueError(f"not a trace of version {VERSION}")
        for name in ("stdout", "stderr"):
            content[name] = Output(**content[name])
        for name in ("command", "left_running"):
            content[name] = tuple(content[name])
        content["exit"] = exit_from(content["exit"])
        content["outsiders"] = {int(pid): name for pid, name in content["outsiders"].items()}
        content["processes"] = tuple(history_from(process) for process in content["processes"])
        content["missed"] = spans_from(content.get("missed", []))
        content["calls"] = calls_from(content.get("calls"))
        return cls(**content)


SPANS = ("states", "parents", "groups", "sessions", "niceness", "threads", "foreground", "commands")
ADDED = ("reaped", "written", "blocked", "ignored", "caught", "pending", "used")  # which older documents do not have


def document(trace: Trace) -> dict[str, Any]:
    """Return what `to_json` writes."""
    return {"version": VERSION} | {name: plain(getattr(trace, name)) for name in Trace.__slots__}


def plain(value: object) -> Any:
    """Turn records into what JSON knows: a span into [from, to, value], any other into an object."""
    match value:
        case Span(start, end, held):
            return [start, end, plain(held)]
        case Calls() | Wait() | Arrival():
            return {name: plain(held) for name, held in value._asdict().items()}
        case tuple():
            return [plain(item) for item in value]
        case dict():
            return {str(key): item for key, item in value.items()}
        case Exit() | Command() | Output() | History():
            return {name: plain(getattr(value, name)) for name in value.__slots__}
    return value


def history_from(content: dict[str, Any]) -> History:
    """Read one process of the document."""
    spans = {name: spans_from(content[name]) for name in SPANS}
    spans |= {name: spans_from(content.get(name, [])) for name in ADDED}
    spans["commands"] = spans_from(content["commands"], command_from)
    return History(**content | spans | {"exit": exit_from(content["exit"])})


def spans_from(content: Iterable[list[Any]], value: Callable[[Any], Any] = lambda held: held) -> tuple[Span[Any], ...]:
    """Read spans, each value by the given function."""
    return tuple(Span(start, end, value(held)) for start, end, held in content)


def command_from(content: dict[str, Any]) -> Command:
    """Read a command."""
    return Command(content["comm"], tuple(content["cmdline"]))


def calls_from(content: dict[str, Any] | None) -> Calls | None:
    """Read what strace saw."""
    if content is None:
        return None
    waits = (Wait(**wait | {"exit": exit_from(wait["exit"])}) for wait in content["waits"])
    signals = (Arrival(**arrival) for arrival in content["signals"])
    made = (Call(*call) for call in content["made"])
    return Calls(content["complete"], tuple(made), content["left_out"], tuple(waits), tuple(signals))


def exit_from(content: dict[str, int | None] | None) -> Exit | None:
    """Read how a process ended."""
    return Exit(**content) if content else None
