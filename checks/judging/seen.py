"""What was seen of a student's program: a trace, and the questions that the checks ask of it.

Times in a trace are dated to a sample, and a busy machine serves a program late. So no time is compared without its
tolerance: `unseen` for what lasted at least so long, `slack` for what lasted at most so long, or about so long.
"""

import json
import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any

from checks.judging.picture import picture
from checks.judging.result import NOTHING, Compared, Mistake, other_values
from checks.judging.seat import Evidence
from checks.judging.spans import birth
from checks.judging.verdict import CouldNotRunError
from checks.judging.wording import numbers
from lab import proc
from lab.language import tr, tr_as, tr_count
from lab.trace import Command, Exit, History, Span, Trace
from lab.trace.timeline import exited, printable

SCHEDULING = 0.1  # seconds that a program may take for what it does between two sleeps
SURE = 0.35  # seconds to which times must be known where a verdict hangs on them
SLIPPED = 0.2  # seconds of what was to last that samples may have missed at most, for it to be taken as seen
NEAR = 0.2  # seconds by which a time may be off and be the one asked for: another seat's is off by 0.3 at least
STAYS = 0.2  # seconds of the 0.3 for which a child is to stay
CHOSEN = range(3, 126)  # exit statuses that say nothing of a crash, or of a shell that found no command
SHELLS = ("sh", "bash", "dash")
BUFFER = 4096  # bytes: who writes more at once may have to wait for its reader, and sleeps for that
SHOWN = 0.05  # seconds; less is 0.0 in a sentence
COPY = 0.04  # seconds that a copy of its parent lives, unless it is about to become another program
INTERPRETER = re.compile(r"(ba|da|k|z)?sh|python[\d.]*|perl[\d.]*|ruby|node|lua")
WITH_VALUE = {"python": "WX", "perl": "I", "sh": "oO"}  # the letters of options whose value may be the next word
LONG_WITH_VALUE = ("--check-hash-based-pycs", "--rcfile", "--init-file")
NO_SCRIPT = {"python": "c", "perl": "eE", "sh": "c"}  # the letters of options that bring the program with them
WAITED = 0.02  # seconds; less is no waiting for the CPU, but the time between two samples
AWAKE = 0.1  # of the time: whoever computes for no more, and sleeps, only wakes up now and then
MOMENT = 0.05  # of the time: `yes` sleeps for a moment if it writes into a pipe
ESCAPE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\))")  # a colour, a title: console_codes(4)
HELPER = re.compile(r"from multiprocessing\.(resource_tracker|forkserver) import main")  # Python's argument after -c
CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT)
FAILURES = (1, 2, 126, 127, 255)  # exit statuses of whom an error has ended, in Python, perl, and the shells
COMPLAINT = re.compile(r"Traceback \(most recent| line \d+[.:,]|not found|Error\b")
RAISED = re.compile(  # Python's last word; a handler may print in between
    r"^Traceback \(most recent call last\):\n(?:[ \t].*\n)+((?:\w+\.)*(?:[A-Z]\w*$|\w+: ).*)", re.MULTILINE
)
NAMED = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception)\b.*", re.MULTILINE)  # where somebody else printed in between
DIED = re.compile(r"^\S.* at \S+ line \d+\.$", re.MULTILINE)  # perl's first word: the others follow from it
ERROR = re.compile(  # what a last line on a terminal may be, besides what is printed
    r"Error\b|Exception\b|Interrupt\b|line \d+|not found|denied|No such|[Ff]ault|[Aa]borted"
)
NOT_UTF8 = re.compile(r"SyntaxError: .*(Non-UTF-8|'utf-8' codec)")
SWARM = 100  # processes; no exercise asks for so many


@dataclass(frozen=True)
class Seen:
    """One trace of the evidence."""

    trace: Trace
    late: float  # seconds: how late a process that slept was served meanwhile

    @classmethod
    def of(cls, evidence: Evidence, number: int = 0) -> "Seen":
        """Return a trace of the evidence; there are as many as the exercise has made runs."""
        return cls(Trace.from_json(json.dumps(evidence["traces"][number])), evidence.get("late", 0.0))

    @property
    def root(self) -> History:
        """The program's first process."""
        return self.trace.root

    @cached_property
    def children(self) -> list[History]:
        """The children of the first process, in the order of their birth."""
        return self.children_of(self.root)

    @cached_property
    def others(self) -> list[History]:
        """All but the first process and the helpers, in the order of their birth."""
        found = (h for h in self.trace.processes if h is not self.root and not self.is_helper(h))
        return sorted(found, key=birth)

    @property
    def pids(self) -> set[int]:
        """The pids of all."""
        return {history.pid for history in self.trace.processes}

    @cached_property
    def said(self) -> list[str]:
        """The lines that it printed, without colours; one that was still in the buffer at a fork may be there twice."""
        return ESCAPE.sub("", self.trace.stdout.text).splitlines()

    @property
    def unseen(self) -> float:
        """The seconds by which a state may have lasted longer than it was seen."""
        return self.trace.longest_gap + 0.02

    @property
    def slack(self) -> float:
        """The seconds by which what was asked for may be missed, by the program, the machine and the samples."""
        return self.unseen + 2 * self.late + SCHEDULING

    def children_of(self, parent: History) -> list[History]:
        """Return the children of a process, without helpers, in the order of their birth."""
        return sorted((child for child in self.trace.children(parent) if not self.is_helper(child)), key=birth)

    def is_helper(self, history: History) -> bool:
        """Tell whether a process is one that Python's multiprocessing needs itself, and not forked of one to work."""
        parent = self.trace.parent(history)
        return is_of_multiprocessing(history) and not (parent and is_of_multiprocessing(parent))

    def history(self, pid: int) -> History | None:
        """Return the process with a pid; the last, should two have had it."""
        found = [history for history in self.trace.processes if history.pid == pid]
        return found[-1] if found else None

    def named(self, name: str) -> list[History]:
        """Return the processes of a name, whether of the program, of its first argument, or of a script."""
        return [history for history in self.trace.processes if name in names(history)]

    def mistake(self, key: str, rationale: str, *, advice: str, compared: Compared = NOTHING) -> Mistake:
        """Return a mistake, with the timeline."""
        return Mistake(key, rationale, advice=advice, compared=compared, rows=picture(self.trace))

    def other_values(self, rationale: str, number: object, *, compared: Compared) -> Mistake:
        """Return the mistake of a program that does what was asked for, with the values of another seat."""
        return other_values(rationale, number, compared=compared, rows=picture(self.trace))

    def can_tell(self, seconds: float, known: float | None = None) -> None:
        """Go on only if times are known to so many seconds; else it could not be checked, and is tried again."""
        known = self.slack if known is None else known
        if known > seconds:
            raise CouldNotRunError(
                tr(
                    "the machine was too busy to tell: times are known to {known:.2f} s only, and {seconds:.2f} s "
                    "are needed; try again",
                    known=known,
                    seconds=seconds,
                )
            )

    def served(self, within: float, since: float) -> None:
        """Go on only if no process waited for the CPU for so many seconds since then; else it could not be checked.

        For programs that only sleep and wait: what such a process does too late, it may have been let to do too late.
        """
        life = [Span(since, self.trace.seconds, 0)]
        waited = max(self.waited(h, life) for h in self.trace.processes)
        if waited >= max(within, WAITED):
            raise kept_waiting(waited)

    def about(self, seen: float, asked: float) -> bool:
        """Tell whether something lasted as long as asked for, as far as can be told."""
        return abs(seen - asked) <= self.slack

    def is_asked(self, *off: float) -> bool:
        """Tell whether a time is the one asked for, by how much each measure of it is off, where programs only sleep.

        If it might be that one, but another seat's as well, it could not be checked.
        """
        least = min(off)
        if least > self.slack:
            self.served(within=least - self.slack, since=0.0)
        elif least > NEAR:
            self.can_tell(NEAR)
        return least <= self.slack

    def at_most(self, seen: float, limit: float, sure: float = SURE) -> bool:
        """Tell whether something lasted no longer than it may; if that is not clear, it could not be checked."""
        if limit < seen <= limit + self.slack:
            self.can_tell(sure)
        return seen <= limit + self.slack

    def is_over(self, since: float, seen: float, limit: float, sure: float) -> bool:
        """Tell whether what began at a moment lasted longer than it may, by no fault of the machine."""
        if self.at_most(seen, limit, sure):
            return False
        self.served(within=seen - limit - self.slack, since=since)
        return True

    def lasted(self, seen: float, limit: float) -> bool:
        """Tell whether something was seen for long enough; not by what most of it may have been, and was not seen."""
        if self.enough(limit) <= seen < limit - min(SLIPPED, limit / 4):
            self.can_tell(SLIPPED / 2, known=self.unseen)
        return seen >= self.enough(limit)

    def enough(self, limit: float) -> float:
        """Return for how long something that lasts for so long must have been seen: most may be missed, not all."""
        return max(limit - self.unseen, limit / 2)

    def ended_at(self, history: History) -> float:
        """Return when a process ended, reaped or not; the end of the trace if it did not."""
        dead = [span.start for span in history.states if span.value in "ZX"]
        return min([*dead, self.trace.seconds if history.gone is None else history.gone])

    def lived(self, history: History) -> float:
        """Return the seconds from a process's beginning to its end, without those as a zombie."""
        return self.ended_at(history) - history.first_seen

    def at_work(self, history: History) -> float:
        """Return the seconds that a process lived, without those for which it waited for the CPU."""
        return self.lived(history) - self.waited(history)

    def waited(self, history: History, within: Sequence[Span[Any]] | None = None) -> float:
        """Return the seconds that a process could have run, and was not let to, at least."""
        return max(0.0, self.in_state(history, "R", within) - history.cpu)

    def took(self, history: History, asked: float) -> bool:
        """Tell whether a process lived for about so long, or slept for it: to start and to end may take time."""
        return self.about(self.lived(history), asked) or self.about(self.in_state(history, "S"), asked)

    def zombie(self, history: History) -> float:
        """Return the seconds that a process was a zombie of its own parent, not of whoever adopted it."""
        return self.in_state(history, "Z", history.parents[:1] if history.ppid in self.pids else ())

    def kept(self, child: History) -> float:
        """Return the seconds that a process was a zombie, without those for which its parent waited for the CPU."""
        parent = self.trace.parent(child)
        spans = [span for span in child.states if span.value == "Z"]
        return self.zombie(child) - (self.waited(parent, spans) if parent else 0.0)

    def in_state(self, history: History, letters: str, within: Sequence[Span[Any]] | None = None) -> float:
        """Return the seconds that a process was in any of these states, in all; or those within the given spans."""
        spans = [span for span in history.states if span.value in letters]
        if within is None:
            return sum(span.seconds for span in spans)
        return sum(max(0.0, min(s.end, w.end) - max(s.start, w.start)) for s in spans for w in within)

    def is_steadily(self, history: History, letters: str) -> bool:
        """Tell whether a process was in these states all the time that it was looked at, but for a moment."""
        self.can_tell(self.trace.seconds / 3, known=self.unseen)
        is_in = letters + "RD" if letters == "S" and self.dozes(history) else letters
        return self.in_state(history, is_in) >= (1 - MOMENT) * self.trace.seconds - self.unseen

    def dozes(self, history: History) -> bool:
        """Tell whether a process sleeps, and wakes for moments only: samples may see more of these than there are."""
        used = history.cpu - (history.used[0].value if history.used else 0.0)
        return used <= AWAKE * self.trace.seconds and self.in_state(history, "S") > AWAKE * self.trace.seconds

    def shares(self, history: History) -> str:
        """Return the states that a process was in, and for how many of the seconds, the longest first."""
        letters = {span.value for span in history.states}
        seconds = sorted(((self.in_state(history, letter), letter) for letter in letters), reverse=True)
        return (
            ", ".join(f"{letter} {time:.1f} s" for time, letter in seconds if time >= 0.05) or history.states[-1].value
        )

    def outlived(self, parent: History, child: History) -> bool:
        """Tell whether a process was seen alive after another was gone."""
        dead = [span.start for span in parent.states if span.value in "ZX"]
        return child.gone is not None and parent.last_seen >= child.gone and not any(end < child.gone for end in dead)

    def not_there(self, names: str, advice: str) -> Mistake:
        """Return the mistake of processes of which there is none that is called so."""
        return self.mistake(
            "not-there",
            tr("no process is called {names}", names=names),
            advice=advice,
            compared=(names, tr("not there")),
        )

    def not_first(self, child: History) -> Mistake:
        """Return the mistake of a program whose work is done by another process than its first."""
        return self.mistake(
            "not-first",
            tr(
                "process {child} is a child of {ppid}, and your program's first process is {root}",
                child=child.pid,
                ppid=child.ppid,
                root=self.root.pid,
            ),
            advice=tr("the parent is to be the first process: a script that starts another program does so with exec"),
            compared=(tr("ppid {pid}", pid=self.root.pid), tr("ppid {ppid}", ppid=child.ppid)),
        )

    def ran(self, exit_code: int = 0) -> None:
        """See it run to its end by itself, with nobody left behind, and the exit status that is asked for."""
        self.stays_small()
        if self.trace.cut in ("time", "signal"):
            raise self.hangs()
        if self.trace.cut == "linger":
            running = [h for h in self.trace.processes if h.last_seen > (self.trace.ended or 0)]
            left = [history.pid for history in running if history is not self.root]
            self.can_tell(1)  # or it was over, and nobody had noticed
            raise self.mistake(
                "left-running",
                tr("your program ended, but its processes {left} ran on until they were ended", left=numbers(left)),
                advice=tr("every process that a program starts must come to an end: does the child leave its loop?"),
                compared=(tr("no process left"), numbers(left)),
            )
        if self.trace.exit != Exit(exit_code, None):
            raise self.ended_otherwise(exit_code)

    def is_reaped(self, child: History) -> bool | None:
        """Tell whether a wait of its parent returned a child: when the child went, the parent's `reaped` grew.

        None if it cannot be told: the parent, not the first process, went in the same moment, or has no row.
        """
        parent = self.trace.parent(child)
        if not parent:
            return None
        since, until = self.ended_at(child) - self.unseen, (child.gone or self.trace.seconds) + self.unseen
        if parent.last_seen <= until:  # what it did last is dated to when its end was known
            until = self.trace.seconds
        if any(since <= span.start <= until for span in reaps(parent)):
            return True
        is_known = parent is self.root or parent.last_seen > until or any(span.value == "Z" for span in parent.states)
        return False if is_known and parent.reaped else None

    def ignores(self, history: History, number: signal.Signals) -> bool:
        """Tell whether a process ever ignored a signal: with SIGCHLD ignored the kernel reaps, and no wait does."""
        return any(proc.has_signal(span.value, number) for span in history.ignored)

    def wrote(self, history: History, since: float, until: float) -> int:
        """Return the bytes that a process, and the children that it reaped, wrote in a time; 0 where that is hidden."""
        before = [span.value for span in history.written if span.start <= since]
        after = [span.value for span in history.written if span.start <= until]
        return (after[-1] if after else 0) - (before[-1] if before else 0)

    def copies(self, parent: History) -> list[History]:
        """Return the children that ran their parent's program to their end; what a shell runs for itself is none."""
        if is_shell(parent.command):
            return []
        return [c for c in self.children_of(parent) if c.command == parent.command and self.at_work(c) > COPY]

    def used(self, history: History, since: float, until: float) -> float:
        """Return the seconds of CPU that a process had between two moments."""
        before = [span.value for span in history.used if span.start <= since]
        after = [span.value for span in history.used if span.start <= until]
        return (after[-1] if after else 0.0) - (before[-1] if before else 0.0)

    def ends_by_itself(self, child: History) -> None:
        """See that a process ended neither by a signal nor by an error of its own, as far as that is known."""
        how = child.exit
        if how is None or not (how.signal or self.has_failed(child)):
            return
        raise self.mistake(
            "ended-badly",
            tr("your process {pid} ended otherwise than it should", pid=child.pid)
            + tr(" ({how})", how=exited(how))
            + ("" if how.signal else self.words_of_a_child),
            advice=tr("nobody is to kill it, and no alarm: let it come to its end, and call os._exit")
            if how.signal and how.signal not in CRASHES
            else tr("an error has ended it: read it, and mend that line of the child's"),
            compared=(tr("an end of its own"), exited(how)),
        )

    def has_failed(self, child: History) -> bool:
        """Tell whether a process ended by an error that it has told: a status alone may be of its own choice."""
        is_failure = child.exit is not None and child.exit.code in FAILURES
        return is_failure and not self.is_silent(child) and bool(COMPLAINT.search(self.complaints))

    def is_silent(self, child: History) -> bool:
        """Tell whether a process wrote nothing at all until it was a zombie: then the error is somebody else's."""
        return bool(child.written) and child.written[-1].value == 0 and any(span.value == "Z" for span in child.states)

    def is_waited_for(self, child: History) -> None:
        """See the program's first process there until another has ended, and a wait of the parent return it."""
        early = self.ended_at(child) - self.ended_at(self.root)
        if early <= self.unseen:
            if self.is_reaped(child) is False:
                raise self.never_waited(child)
            return
        raise self.mistake(
            "not-waited",
            tr(
                "your program {root} ended {early:.1f} s before its child {child} did",
                root=self.root.pid,
                early=early,
                child=child.pid,
            ),
            advice=tr("let the parent wait for the child before it ends: os.waitpid(pid, 0)"),
            compared=(tr("the child ends first"), tr("the program ends first")),
        )

    def never_waited(self, child: History) -> Mistake:
        """Return the mistake of a parent that was there when its child ended, and has not waited for it."""
        parent = self.trace.parent(child) or self.root
        stayed = tr("no wait of its parent {parent} returned the child {child}", parent=parent.pid, child=child.pid)
        if self.ignores(parent, signal.SIGCHLD):
            return self.mistake(
                "not-waited",
                stayed + tr(": it ignores SIGCHLD, and the kernel reaped instead"),
                advice=tr("do not ignore SIGCHLD, and let the parent wait: os.waitpid(pid, 0)"),
                compared=(tr("a wait that returns the child"), tr("SIGCHLD ignored")),
            )
        return self.mistake(
            "not-waited",
            stayed,
            advice=tr(
                "a sleep is no wait, however long, nor is a look (WNOHANG, WNOWAIT): os.waitpid(pid, 0) stops the "
                "parent until the child has ended"
            ),
            compared=(tr("a wait that returns the child"), tr("none")),
        )

    def has_another(self) -> None:
        """See a second process that stays, where two are to print something."""
        if any(self.at_work(other) > self.enough(STAYS) for other in self.others):
            return
        self.can_tell(0.3)
        raise self.mistake(
            "no-child",
            tr("beside your process {pid} no other stayed for 0.3 s, whatever was printed", pid=self.root.pid),
            advice=tr("fork, and let the child stay for 0.3 s after it has printed"),
            compared=(tr("two processes"), tr("one that stays")),
        )

    def ran_with_a_status(self, code: int) -> None:
        """See it run to its end, with an exit status of its own choice: whether it is the right one is a value."""
        status = self.status
        self.ran(status if status is not None and status in (0, *CHOSEN) else code)

    @property
    def status(self) -> int | None:
        """The program's exit status, None if it was killed."""
        return self.trace.exit.code if self.trace.exit else None

    def stays_small(self) -> None:
        """See it start no more processes than anything here can need."""
        count = len(self.trace.processes) + self.trace.unrecorded
        if count > SWARM:
            raise Mistake(  # a timeline of so many rows helps nobody
                "swarm",
                tr_count(count, "your program started {n} process", "your program started {n} processes"),
                advice=tr("a child that goes on in the loop that forks will fork as well: end it with os._exit"),
                compared=(tr("a few"), count),
            )

    def hangs(self) -> Mistake:
        """Return the mistake of a program that never ends."""
        who = [
            history
            for history in self.trace.processes
            if history.gone is None or history.gone >= self.trace.seconds - 1.1
        ]
        if self.late > 1 or not who:  # it was over, and nobody had noticed
            self.can_tell(1)
        words = "; ".join(f"{history.pid} {history.command.comm}" for history in who[:4])
        return self.mistake(
            "hangs",
            tr(
                "your program had not ended after {seconds:.0f} s, and was ended; it still had: {words}",
                seconds=self.trace.seconds,
                words=words,
            ),
            advice=tr("look at the last row of the timeline: S waits for something that never comes, R loops"),
            compared=(tr("an end"), tr_as("end", "none")),
        )

    def ended_otherwise(self, exit_code: int | None) -> Mistake:
        """Return the mistake of a program that ended, but not as it should: a server, None, not at all."""
        how = exited(self.trace.exit) if self.trace.exit else tr("unknown")
        said = self.last_words
        if NOT_UTF8.search(said):
            advice = tr("save the file in the encoding UTF-8")
        elif exit_code is None:
            advice = tr("run it yourself and read the error; a server runs until it is ended")
        elif not said:
            advice = tr("run it yourself, and then echo $? must print {exit_code}", exit_code=exit_code)
        else:
            advice = tr("run it yourself and read the error; then echo $? must print {exit_code}", exit_code=exit_code)
        return self.mistake(
            "crashed",
            tr("your program ended otherwise than it should ({how}){said}", how=how, said=said),
            advice=advice,
            compared=(tr("it runs on") if exit_code is None else tr("exit {exit_code}", exit_code=exit_code), how),
        )

    @property
    def complaints(self) -> str:
        """What it wrote to stderr, without colours; on a terminal that and its output may be one."""
        is_one = self.trace.terminal and not self.trace.stderr.text
        written = self.trace.stdout if is_one else self.trace.stderr
        return ESCAPE.sub("", written.text)

    @property
    def last_words(self) -> str:
        """What ended it, of its errors, behind the line of the program that it is about; "" if there was none."""
        return self.error_in(self.complaints)

    @property
    def words_of_a_child(self) -> str:
        """What ended the first that an error has ended: what a parent says of its own error comes behind."""
        text = self.complaints.replace("\r", "")
        first = RAISED.search(text)
        return self.error_in(text[: first.end()] if first else text)

    def error_in(self, text: str) -> str:
        """Return the last error in a text, behind the line of the program that it is about; "" if there is none."""
        plain = text.replace("\r", "")
        told = RAISED.findall(plain)[-1:] or NAMED.findall(plain)[-1:] or DIED.findall(plain)[:1]
        last = told or text.strip().splitlines()[-1:]
        is_printed = self.trace.terminal and not self.trace.stderr.text
        if not last or (is_printed and not told and not ERROR.search(last[0])):
            return ""
        script = "|".join(re.escape(PurePath(word).name) for word in self.trace.command[:2])
        lines = re.findall(rf'File "(?:[^"]*/)?(?:{script})", line (\d+)', text)
        where = tr("line {lines}: ", lines=lines[-1]) if lines else ""
        return tr(": {error}", error=where + printable(last[0][:200]))


def reaps(history: History) -> list[Span[int]]:
    """Return a span for each time at which a process was seen to have reaped more; it may have before it was seen."""
    return [span for span in history.reaped[:1] if span.value] + list(history.reaped[1:])


def is_shell(command: Command) -> bool:
    """Tell whether a shell runs: a script's own name is its comm, and the interpreter the first of its words."""
    first = command.cmdline[0] if command.cmdline else command.comm
    return PurePath(first).name.removeprefix("-") in SHELLS


def names(history: History) -> set[str]:
    """Return what a process may be said to be called: by the kernel, as argument 0 (exec -a), or as a script."""
    found = {history.command.comm}
    for words in (span.value.cmdline for span in history.commands):
        found |= {PurePath(word).name for word in words[:1]}
        if script := script_of(words):
            found |= {script.name, script.stem}
    return found


def script_of(words: Sequence[str]) -> PurePath | None:
    """Return the script that an interpreter was given, behind its options and their values; None if it has none."""
    interpreter = PurePath(words[0]).name if words else ""
    if not INTERPRETER.fullmatch(interpreter):
        return None
    kind = next((name for name in WITH_VALUE if interpreter.startswith(name)), "sh")
    left = iter(words[1:])
    for word in left:
        if word == "--":
            break
        if not word.startswith(("-", "+")) or word in ("-", "+"):
            return PurePath(word)
        if not word.startswith("--") and brings_its_program(kind, word[1:]):
            return None
        for _ in range(values_behind(kind, word)):
            next(left, None)
    return PurePath(script) if (script := next(left, None)) else None


def brings_its_program(kind: str, letters: str) -> bool:
    """Tell whether one of an option's letters has the program as its value, as `sh -c` has; not a letter of a value."""
    for letter in letters:
        if letter in NO_SCRIPT[kind]:
            return True
        if kind != "sh" and letter in WITH_VALUE[kind]:
            return False
    return False


def values_behind(kind: str, word: str) -> int:
    """Return how many of the words behind an option are its values: `bash -eo pipefail`, `python3 -uW ignore`."""
    if word.startswith("--"):
        return int(word in LONG_WITH_VALUE)
    if kind == "sh":
        return sum(letter in WITH_VALUE[kind] for letter in word[1:])
    return int(word[-1] in WITH_VALUE[kind] and not any(letter in WITH_VALUE[kind] for letter in word[1:-1]))


def kept_waiting(seconds: float) -> CouldNotRunError:
    """Return why a verdict would be one on the machine."""
    return CouldNotRunError(
        tr("the machine was too busy to tell: a process waited {seconds:.2f} s for the CPU; try again", seconds=seconds)
    )


def is_of_multiprocessing(history: History) -> bool:
    """Tell whether a process runs a program that multiprocessing starts for itself."""
    return any(map(HELPER.match, history.command.cmdline))
