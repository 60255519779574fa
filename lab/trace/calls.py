"""What strace writes, read: which calls were made, which wait told of which child, which signal arrived from whom.

A line is `PID SECONDS what`. A call that others' lines came between is in two parts, `<unfinished ...>` and
`<... resumed>`. Whatever a program can choose, such as the words of an execve, is in quotes with C's escapes, so it
ends no line; of a call's text the last `) = ` is the one before its result.
"""

import re
import signal
from collections.abc import Iterable
from dataclasses import dataclass

from lab.trace.history import Arrival, Call, Calls, Exit, Wait

CALLS_KEPT = 5000
LINE = re.compile(r"(\d+) +(\d+\.\d+) (.*)", re.DOTALL)
DONE = re.compile(
    r"(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+|\?)(?: (E[A-Z0-9]+))?(?: \([^()\"]*\))?(?: <(\d+\.\d+)>)?", re.DOTALL
)
UNFINISHED = re.compile(r"(\w+)\((.*?)\s*<unfinished \.\.\.>", re.DOTALL)
RESUMED = re.compile(r"<\.\.\. (\w+) resumed> ?(.*)", re.DOTALL)
ARRIVED = re.compile(r"--- (SIG\w+) \{(.*)\} ---")
ENDED = re.compile(r"\+\+\+ (?:exited with (\d+)|killed by (SIG\w+)(?: \(core dumped\))?) \+\+\+")
STATUS = re.compile(r"\[\{(.*?)\}\]")
EXITED, KILLED = re.compile(r"WEXITSTATUS\(s\) == (\d+)"), re.compile(r"WTERMSIG\(s\) == (SIG\w+)")
CHANGES = {
    "CLD_EXITED": "ended",
    "CLD_KILLED": "ended",
    "CLD_DUMPED": "ended",
    "CLD_STOPPED": "stopped",
    "CLD_TRAPPED": "stopped",
    "CLD_CONTINUED": "continued",
}
SENT_BY_SOMEBODY = ("SI_USER", "SI_TKILL", "SI_QUEUE", "SI_MESGQ", *CHANGES)
WAITS = ("wait4", "waitid")
FIRST_REAL_TIME = 32  # for the kernel; what strace writes as SIGRT_2 is 34


@dataclass
class Reader:
    """What the lines told so far."""

    root: int
    began: float

    def __post_init__(self) -> None:
        self.calls: list[Call] = []
        self.signals: list[Arrival] = []
        self.open: dict[int, tuple[float, str]] = {}  # by thread: since when, and the text so far
        self.exits: dict[int, Exit] = {}
        self.has_begun = False  # the command's exec: before, its process is the lab's

    def read(self, line: str) -> None:
        """Take a line; what is none is passed over."""
        found = LINE.fullmatch(line)
        if not found:
            return
        pid, moment, text = int(found[1]), round(float(found[2]) - self.began, 6), found[3]
        if arrived := ARRIVED.fullmatch(text):
            self.arrival(pid, moment, arrived[1], dict(re.findall(r"(si_\w+)=(\w+)", arrived[2])))
        elif ended := ENDED.fullmatch(text):
            self.end(pid, moment, ended[1], ended[2])
        elif unfinished := UNFINISHED.fullmatch(text):
            self.open[pid] = moment, f"{unfinished[1]}({unfinished[2]}"
        elif resumed := RESUMED.fullmatch(text):
            since, begun = self.open.pop(pid, (moment, f"{resumed[1]}("))
            self.call(pid, since, moment, f"{begun} {resumed[2]}")
        else:
            self.call(pid, moment, None, text)

    def call(self, pid: int, start: float, end: float | None, text: str) -> None:
        """Take a whole call; `end` is known where it was resumed, else by how long it took."""
        found = DONE.fullmatch(text.removesuffix(" <unfinished ...>"))
        if not found:
            return
        name, arguments, result, error, took = found.groups()
        if end is None and took is not None:
            end = round(start + float(took), 6)
        if pid == self.root and not self.has_begun:
            self.has_begun = name.startswith("execve") and result == "0"
        if self.has_begun and not asks_only(name, arguments):
            returned = None if result == "?" and error is None else end
            tidy = arguments.replace(",  ", ", ").strip()
            self.calls.append(Call(start, returned, pid, name, tidy, f"{result} {error}" if error else result))

    def arrival(self, pid: int, moment: float, name: str, told: dict[str, str]) -> None:
        """Take a signal that arrived."""
        code = told.get("si_code")
        sender = int(told.get("si_pid", 0)) if code in SENT_BY_SOMEBODY else 0
        if self.has_begun:
            self.signals.append(Arrival(moment, pid, number(name), sender or None, code))

    def end(self, pid: int, moment: float, code: str | None, killer: str | None) -> None:
        """Take a thread's end; of SIGKILL's arrival that is all there is to see."""
        self.exits[pid] = Exit(None, number(killer)) if killer else Exit(int(code or 0), None)
        if killer == "SIGKILL":
            self.signals.append(Arrival(moment, pid, signal.SIGKILL, None, None))
        if pid in self.open:
            since, begun = self.open.pop(pid)
            self.call(pid, since, None, f"{begun}) = ?")

    def whole(self, complete: bool) -> Calls:
        """Return what all lines told."""
        for pid, (since, begun) in self.open.items():
            self.call(pid, since, None, f"{begun}) = ?")
        process = processes(self.calls)
        self.calls.sort(key=lambda call: call.start)
        kills = [kill for call in self.calls if (kill := sent(call, process))]
        waits = [wait for call in self.calls if (wait := self.waited(call, process))]
        arrivals = [arrival._replace(pid=process.get(arrival.pid, arrival.pid)) for arrival in self.signals]
        return Calls(
            complete=complete,
            made=tuple(self.calls[:CALLS_KEPT]),
            left_out=max(0, len(self.calls) - CALLS_KEPT),
            waits=tuple(sorted(waits, key=lambda wait: wait.time)[:CALLS_KEPT]),
            signals=tuple(with_killer(arrival, kills) for arrival in once(arrivals)[:CALLS_KEPT]),
        )

    def waited(self, call: Call, process: dict[int, int]) -> Wait | None:
        """Return what a wait told; None if it is none, or told nothing."""
        if call.name not in WAITS or call.end is None:
            return None
        if call.result.startswith("-1 "):
            child, change, how, error = None, None, None, call.result.removeprefix("-1 ")
        else:
            child, change, how = by_wait4(call) if call.name == "wait4" else by_waitid(call)
            error = None
            if not child:
                return None
        if change == "ended" and how is None and child:
            how = self.exits.get(child)
        if change == "ended" and "WNOWAIT" in call.arguments:
            change = "seen"
        return Wait(call.end, call.start, process.get(call.pid, call.pid), call.name, child, change, how, error)


def parse(lines: Iterable[str], pid: int, began: float, complete: bool) -> Calls:
    """Read what strace wrote of a command and its descendants; `complete` tells whether that is all of it."""
    reader = Reader(pid, began)
    for line in lines:
        reader.read(line)
    return reader.whole(complete)


def asks_only(name: str, arguments: str) -> bool:
    """Tell whether an rt_sigaction changes nothing: Python asks for each signal's when it starts."""
    return name == "rt_sigaction" and arguments.split(", ")[1:2] == ["NULL"]


def processes(calls: list[Call]) -> dict[int, int]:
    """Return the process of each thread that was made."""
    made = {
        int(call.result): call.pid
        for call in calls
        if call.name.startswith("clone") and "CLONE_THREAD" in call.arguments and call.result.isdigit()
    }
    return {thread: leader_of(thread, made) for thread in made}


def leader_of(thread: int, made: dict[int, int]) -> int:
    """Return the first thread of a thread's process."""
    seen = set()
    while thread in made and thread not in seen:
        seen.add(thread)
        thread = made[thread]
    return thread


def by_wait4(call: Call) -> tuple[int | None, str | None, Exit | None]:
    """Return the child that a wait4 told of, what became of it, and how it ended, if that was asked for."""
    child = int(call.result) if call.result.isdigit() else 0
    status = STATUS.search(call.arguments)
    if status is None:
        return child, "ended", None
    if exited := EXITED.search(status[1]):
        return child, "ended", Exit(int(exited[1]), None)
    if killed := KILLED.search(status[1]):
        return child, "ended", Exit(None, number(killed[1]))
    return child, "continued" if "WIFCONTINUED" in status[1] else "stopped", None


def by_waitid(call: Call) -> tuple[int | None, str | None, Exit | None]:
    """Return the same of a waitid."""
    told = dict(re.findall(r"(si_\w+)=(\w+)", call.arguments))
    change = CHANGES.get(told.get("si_code", ""))
    status = told.get("si_status", "")
    how = None
    if change == "ended":
        how = Exit(int(status), None) if status.isdigit() else Exit(None, number(status))
    return int(told.get("si_pid", 0)), change, how


def number(name: str) -> int:
    """Return a signal's number."""
    if real_time := re.fullmatch(r"SIGRT_(\d+)", name):
        return FIRST_REAL_TIME + int(real_time[1])
    if name in ("SIGRTMIN", "SIGRTMAX"):
        return FIRST_REAL_TIME if name == "SIGRTMIN" else int(signal.SIGRTMAX)
    return int(signal.Signals[name]) if name in signal.Signals.__members__ else 0


@dataclass(frozen=True)
class Kill:
    """A signal that a process has sent to one other."""

    time: float
    sender: int
    to: int
    signal: int


def sent(call: Call, process: dict[int, int]) -> Kill | None:
    """Return whom a call has sent which signal; None if it is no such call, or has failed."""
    if call.name not in ("kill", "tkill", "tgkill") or call.result != "0":
        return None
    to, *_, name = call.arguments.split(", ")
    return Kill(call.start, process.get(call.pid, call.pid), int(to), number(name)) if to.isdigit() else None


def once(arrivals: list[Arrival]) -> list[Arrival]:
    """Return the arrivals with a process's SIGKILL told once, though it ends each of its threads."""
    seen: set[int] = set()
    kept = []
    for arrival in arrivals:
        if arrival.signal != signal.SIGKILL or arrival.pid not in seen:
            kept.append(arrival)
        if arrival.signal == signal.SIGKILL:
            seen.add(arrival.pid)
    return kept


def with_killer(arrival: Arrival, kills: list[Kill]) -> Arrival:
    """Return a SIGKILL with who sent it last before it came, where that was one of the family."""
    if arrival.signal != signal.SIGKILL:
        return arrival
    senders = [k.sender for k in kills if (k.to, k.signal) == (arrival.pid, arrival.signal) and k.time <= arrival.time]
    return arrival._replace(sender=senders[-1]) if senders else arrival
