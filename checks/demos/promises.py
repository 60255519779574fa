"""What a demo is seen to do: run in a place and recorded, and looked at for a moment if it waits to be looked at.

What is said of a demo is said of the record (lab.trace); what it prints counts where the kernel cannot be asked.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from checks.judging.spans import at, overlap
from checks.judging.verdict import CouldNotRunError, Wrong
from checks.lab.place import Place
from lab.proc import by_birth
from lab.trace import Exit, History, Span, Trace
from lab.trace.timeline import draw

PATIENCE = 10.0  # seconds after which a demo that has not come to its end hangs
PAUSES = ("0.2", "2")  # seconds of looking; the second where the place was too busy for the first
TRIES = 2  # of a demo that nobody looks at, likewise
WAITED = (
    2.5  # seconds that a process waits for the CPU of a machine that is too busy to tell, if it has got little of it
)
LITTLE = 1 / 3  # of the time for which it waited
BRIEF = 0.3  # seconds a zombie may be there until its parent gets round to waiting for it
WORDS = {"R": "running", "S": "asleep", "D": "in an uninterruptible sleep", "T": "stopped", "Z": "a zombie"}

# Starts a demo in a folder of its own, looks at it when it has said that it is ready, and ends it as a student would:
# by a signal to the pid that it said, and to nobody else. Between two marks it prints what the look has shown; after
# the last, what is left in the folder. (What the carriage return is for: a terminal's lines end in one.)
LOOK = r"""
pause=$1 until=$2 look=$3
shift 3
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 143' TERM
return=$(printf '\r')
{ "$@"; echo "exit=$?"; } | {
  while IFS=$return read -r line; do
    printf '%s\n' "$line"
    case $line in "ready pid="*) pid=${line#*=} ;; esac
    case $line in "$until"*) break ;; esac
  done
  if [ "$pid" ]; then
    echo ---
    eval "$look"
    echo ---
    kill "$pid"
  fi
  cat
}
echo ---
ls -A "$TMPDIR"
"""
PAUSE = 'sleep "$pause"'  # once in every look: what holds at its end is what the promises speak of


@dataclass(frozen=True)
class Seen:
    """What was seen of a demo: the record of it and its descendants alone, and what it printed.

    `moment` is the last sample of the look; `looked` is what the look's own commands printed; `left` are the files
    that were there after its end.
    """

    trace: Trace
    said: Sequence[str]
    looked: Sequence[str] = ()
    moment: float = 0.0
    left: Sequence[str] = ()

    @property
    def root(self) -> History:
        """The demo's first process."""
        return self.trace.root

    @property
    def children(self) -> list[History]:
        """The children of the first process, in the order of their birth."""
        return by_birth(self.trace.children(self.root))

    @property
    def others(self) -> list[History]:
        """All but the first process."""
        return [history for history in self.trace.processes if history is not self.root]

    @property
    def pids(self) -> set[int]:
        """The pids of all."""
        return {history.pid for history in self.trace.processes}

    @property
    def unseen(self) -> float:
        """The seconds of a state that may be missing: its beginning, up to the first sample that saw it."""
        return self.trace.longest_gap + 0.02

    def wrong(self, rationale: str, *, expected: object = "", actual: object = "", advice: str = "") -> Wrong:
        """Return the verdict, with the timeline."""
        return Wrong(rationale, expected=expected, actual=actual, advice=advice, rows=draw(self.trace))

    def who(self, history: History) -> str:
        """Call a process by what it is, and its pid."""
        kind = "the demo" if history is self.root else "the child" if history in self.children else "the process"
        return f"{kind} {history.pid}"

    def only_child(self) -> History:
        """Return the one child that there was."""
        return self.only_children(1)[0]

    def only_children(self, count: int) -> list[History]:
        """Return the children, which must be so many."""
        if len(self.children) != count:
            was = "1 child was" if len(self.children) == 1 else f"{len(self.children)} children were"
            raise self.wrong(f"{was} seen, not {count}", expected=count, actual=len(self.children))
        return self.children

    def is_alone(self) -> None:
        """See no process but the first."""
        if self.others:
            pids = ", ".join(str(history.pid) for history in self.others)
            raise self.wrong(
                f"the demo was not one process: {pids} came of it", expected=1, actual=1 + len(self.others)
            )

    def shows(self, history: History, letter: str, lesson: str) -> None:
        """See a process in a state at the moment of the look."""
        seen = history.state_at(self.moment)
        if seen != letter:
            was = WORDS.get(seen or "", "gone")
            raise self.wrong(
                f"{self.who(history)} was {was} when it was looked at, not {WORDS[letter]}: {lesson}",
                expected=letter,
                actual=seen or "gone",
            )

    def spent(self, history: History, letters: str) -> float:
        """Return how many seconds in all a process was in one of some states."""
        return sum(span.seconds for span in history.states if span.value in letters)

    def slept(self, history: History, seconds: float, lesson: str, parent: int | None = None) -> None:
        """See a process asleep for so long in all, while it had a given parent, if one is given.

        One that was woken, and had to wait for the CPU, may find that the next thing to wait for is over.
        """
        parents = [span for span in history.parents if parent in (None, span.value)]
        naps = [overlap(state, span) for state in history.states for span in parents if state.value == "S"]
        total = sum(naps)
        if total + min(self.unserved(history, parents), total) < seconds - self.unseen * len(naps or [0]):
            raise self.wrong(
                f"{self.who(history)} slept for {total:.2f} s in all, not for {seconds} s: {lesson}",
                expected=seconds,
                actual=round(total, 2),
            )

    def has_threads(self, history: History, count: int) -> None:
        """See a process with so many threads: never more, and at the moment of the look, if there is one, no fewer."""
        most = max(span.value for span in history.threads)
        if most != count or (self.moment and at(history.threads, self.moment) != count):
            threads = "1 thread" if most == 1 else f"{most} threads"
            raise self.wrong(f"{self.who(history)} had {threads}, not {count}", expected=count, actual=most)

    def no_zombie(self) -> None:
        """See every ended child waited for by its parent at once, and none left to be looked at.

        An orphan's end is its adopter's business.
        """
        for history in self.trace.processes:
            seconds = sum(
                overlap(state, parent)
                for state in history.states
                for parent in history.parents
                if state.value == "Z" and parent.value in self.pids
            )
            if seconds > BRIEF + self.unserved_parent(history) or (seconds and history.state_at(self.moment) == "Z"):
                waited = history.gone is not None and history.parents[-1].value in self.pids and not self.trace.cut
                raise self.wrong(
                    f"{self.who(history)} stayed a zombie for {seconds:.1f} s after it ended; "
                    f"its parent {'waited for it only then' if waited else 'never waited for it'}",
                    expected="no zombie",
                    actual=f"Z for {seconds:.1f} s",
                    advice="the parent must wait for every child that ends",
                )

    def unserved(self, history: History, within: Iterable[Span[Any]]) -> float:
        """Return for how long a process may have waited for the CPU in some spans, in seconds."""
        ready = sum(overlap(state, span) for span in within for state in history.states if state.value == "R")
        return max(0.0, ready - history.cpu)

    def is_starved(self) -> bool:
        """Tell whether somebody waited for the CPU for so long, and got so little, that the time says nothing."""
        waited = [(self.unserved(history, history.states), history.cpu) for history in self.trace.processes]
        return any(seconds > WAITED and cpu < LITTLE * seconds for seconds, cpu in waited)

    def was_served(self) -> None:
        """Go on only if what was not done in time could have been. Raises CouldNotRunError."""
        if self.is_starved():
            raise CouldNotRunError("too busy: a process of the demo waited for the CPU for seconds, and got none")

    def unserved_parent(self, child: History) -> float:
        """Return for how long a parent may have waited for the CPU while a child was a zombie, in seconds."""
        parent = self.trace.parent(child)
        return self.unserved(parent, [span for span in child.states if span.value == "Z"]) if parent else 0.0

    def adopter(self, orphan: History) -> int:
        """Return who has adopted a living process, by the moment of the look if there is one: a stranger."""
        until = self.moment or orphan.last_seen
        alive = [span for span in orphan.parents if orphan.state_at(span.start) != "Z" and span.start <= until]
        if not alive or alive[-1].value in {*self.pids, self.trace.leader}:
            parents = " -> ".join(str(span.value) for span in alive)
            raise self.wrong(
                f"{self.who(orphan)} was not adopted by a stranger while it lived: its parent was {parents}",
                expected="PID 1, or a subreaper",
                actual=parents,
            )
        return alive[-1].value

    def prints(self, pattern: str, lesson: str) -> re.Match[str]:
        """Find the one line that reads so, for what the kernel does not know."""
        found = [match for line in self.said if (match := re.fullmatch(pattern, line))]
        if len(found) != 1:
            raise self.wrong(f"{lesson}: it did not say so", expected=pattern, actual="\n".join(self.said))
        return found[0]

    def same(self, what: str, said: object, seen: object) -> None:
        """Compare what the demo prints with what the kernel knows."""
        if said != seen:
            raise self.wrong(f"the demo prints {said} as {what}: it is {seen}", expected=seen, actual=said)

    def same_children(self, pids: Sequence[int]) -> None:
        """Compare the pids that the demo prints with its children; one shorter than a sample may be missing."""
        strangers = {child.pid for child in self.children} - set(pids)
        if strangers:
            raise self.wrong("the children are not those it prints", expected=pids, actual=sorted(strangers))

    def is_ended(self) -> None:
        """See it ended by one signal to its first process, with nothing of it left behind."""
        if self.trace.cut:
            self.was_served()
            left = [history.pid for history in self.trace.processes if history.last_seen >= PATIENCE]
            raise self.wrong(
                f"{PATIENCE:g} s after its start the demo had not ended on SIGTERM with all its processes",
                expected="no process left",
                actual=f"still there: {', '.join(map(str, left))}",
            )
        if self.trace.exit != Exit(0, None):
            how = self.trace.exit.status if self.trace.exit else "unknown"
            raise self.wrong(f"the demo ended with status {how}", expected=0, actual=how)
        if self.left:
            raise self.wrong(
                f"the demo left something behind: {', '.join(self.left)}",
                expected="no file",
                actual=", ".join(self.left),
                advice="it must remove what it has made when a signal ends it",
            )


def command(demo: str) -> tuple[str, ...]:
    """Return how a demo is started."""
    return ("python3", "-P", "-m", f"lab.demos.{demo}")


def ran(seat: Place, demo: str) -> Seen:
    """Run a demo that ends by itself."""
    for _ in range(TRIES):
        trace = seat.trace(*command(demo), seconds=PATIENCE)
        seen = Seen(trace, trace.stdout.text.splitlines())
        if not (trace.cut and seen.is_starved()):
            break
    if trace.cut:
        seen.was_served()
        raise seen.wrong(f"the demo had not ended after {PATIENCE:g} s", expected="an end", actual=trace.stdout.text)
    if trace.exit != Exit(0, None):
        how = trace.exit.status if trace.exit else "unknown"
        said = trace.stderr.text.splitlines()[-1:]
        raise seen.wrong(f"the demo ended with status {how}", expected=0, actual="".join(said) or how)
    return seen


@contextmanager
def watched(
    seat: Place, demo: str, *, until: str = "ready pid=", look: str = PAUSE, of: str = "", within: Sequence[str] = ()
) -> Iterator[Seen]:
    """Run a demo that waits to be looked at, and look at it; after the promise's own part, see that it ends well.

    The look begins with the line that begins with `until`, and is a piece of shell; it may start another demo, to
    speak `of`. The demo may be started `within` another program.
    """
    for pause in PAUSES:
        words = ("sh", "-c", LOOK, "sh", pause, until, look, *within, *command(demo))
        trace = seat.trace(*words, seconds=PATIENCE)
        if seen := interpret(trace, of or demo, pause):
            break
    else:
        raise CouldNotRunError(f"{seat}: too busy to be watched: up to {trace.longest_gap:.1f} s between two samples")
    yield seen
    seen.is_ended()


def interpret(trace: Trace, demo: str, pause: str) -> Seen | None:
    """Return what a look has shown; None if no sample fell into it, or others had the CPU.

    Raises Wrong if it never came to a look.
    """
    parts = [part.splitlines() for part in trace.stdout.text.split("---\n")]
    own = alone(trace, demo)
    if len(parts) < 3:
        seen = Seen(own or trace, [*parts[0], *trace.stderr.text.splitlines()[-1:]])
        if seen.is_starved():
            return None
        seen.no_zombie()  # what it hangs on, as a rule
        raise seen.wrong("the demo never came to be ready", expected="ready pid=…", actual="\n".join(seen.said))
    moments = [history.last_seen for history in trace.processes if history.command.cmdline == ("sleep", pause)]
    if not own or not moments:
        return None
    before, looked, after, *left = parts
    return Seen(own, [*before, *after], looked, moments[0], [name for names in left for name in names])


def alone(trace: Trace, demo: str) -> Trace | None:
    """Return the record as if the demo had been the command; None if no sample saw it."""
    family = tuple(history for history in trace.processes if is_of(demo, history, trace))
    if not family:
        return None
    root, *_ = by_birth(family)  # the first in the record may be another that the same sample found
    status = re.search(r"^exit=(\d+)$", trace.stdout.text, re.MULTILINE)
    how = Exit(int(status[1]), None) if status else None
    return dataclasses.replace(trace, command=command(demo), processes=family, pid=root.pid, leader=root.ppid, exit=how)


def is_of(demo: str, history: History | None, trace: Trace) -> bool:
    """Tell whether a process runs the demo, or descends from one that does."""
    while history:
        if any(span.value.cmdline[1:4] == command(demo)[1:] for span in history.commands):
            return True
        history = trace.parent(history)
    return False
