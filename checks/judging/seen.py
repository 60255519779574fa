"""What was seen of a student's program: a trace, and the questions that the checks ask of it."""

import re
import signal
from collections.abc import Iterable

from checks.judging.called import is_shell
from checks.judging.picture import picture
from checks.judging.result import NOTHING, Compared, Mistake, other_values
from checks.judging.timed import COMPUTED, kept_waiting
from checks.judging.told import Told
from checks.judging.wording import numbers
from lab import proc
from lab.language import tr, tr_as, tr_count
from lab.trace import Exit, History, Span
from lab.trace.timeline import exited

STAYS = 0.2  # seconds of the 0.3 for which a child is to stay
CHOSEN = range(3, 126)  # exit statuses that say nothing of a crash, or of a shell that found no command
SHOWN = 0.05  # seconds; less is 0.0 in a sentence
COPY = 0.04  # seconds that a copy of its parent lives, unless it is about to become another program
CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT)
NOT_UTF8 = re.compile(r"SyntaxError: .*(Non-UTF-8|'utf-8' codec)")
ASCII = re.compile(r"Unicode(De|En)codeError: 'ascii' codec")  # what Python says of what it cannot read or write
SWARM = 100  # processes; no exercise asks for so many


class Seen(Told):
    """One trace of the evidence, and what is asked of it in more than one exercise."""

    def mistake(self, key: str, rationale: str, *, advice: str, compared: Compared = NOTHING) -> Mistake:
        """Return a mistake, with the timeline."""
        return Mistake(key, rationale, advice=advice, compared=compared, rows=picture(self.trace))

    def other_values(self, rationale: str, number: object, *, compared: Compared) -> Mistake:
        """Return the mistake of a program that does what was asked for, with the values of another seat."""
        return other_values(rationale, number, compared=compared, rows=picture(self.trace))

    def not_there(self, names: str, advice: str) -> Mistake:
        """Return the mistake of processes of which there is none that is called so."""
        return self.mistake(
            "not-there",
            tr("no process is called {names}", names=names),
            advice=advice,
            compared=(names, tr("not there")),
        )

    def of_a_seat(self, histories: Iterable[History], names: Iterable[str]) -> list[History]:
        """Return those of some processes that have one of the names that are drawn: it may be another seat's."""
        theirs = [history for name in names for history in self.named(name)]
        return [history for history in histories if history in theirs]

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

    def ignores(self, history: History, number: signal.Signals) -> bool:
        """Tell whether a process ever ignored a signal: with SIGCHLD ignored the kernel reaps, and no wait does."""
        return any(proc.has_signal(span.value, number) for span in history.ignored)

    def copies(self, parent: History) -> list[History]:
        """Return the children that ran their parent's program to their end; what a shell runs for itself is none."""
        if is_shell(parent.command):
            return []
        return [c for c in self.children_of(parent) if c.command == parent.command and self.at_work(c) > COPY]

    def is_brief(self, history: History) -> bool:
        """Tell whether a process lived no longer than one that is forked to run another program, or for a shell."""
        return self.at_work(history) <= (STAYS if is_shell(history.command) else COPY)

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

    def ends_well(self, parent: History) -> None:
        """See that a parent which is not the program's first process ended with status 0, as far as that is known."""
        if parent is self.root or parent.exit in (None, Exit(0, None)):
            return
        raise self.mistake(
            "crashed",
            tr("the parent {pid} ended otherwise than it should", pid=parent.pid)
            + tr(" ({how})", how=exited(parent.exit))
            + (self.last_words if self.has_failed(parent) else ""),
            advice=tr("the parent ends with status 0, and is the program's first process: no other has to start it"),
            compared=(tr("exit {exit_code}", exit_code=0), exited(parent.exit)),
        )

    def has_no_more(self, parent: History, child: History) -> None:
        """See no other child forked by a parent, beside the one that is asked for."""
        if more := [other.pid for other in self.copies(parent) if other is not child]:
            raise self.mistake(
                "children",
                tr(
                    "beside {child} your parent {root} had more children: {others}",
                    child=child.pid,
                    root=parent.pid,
                    others=numbers(more),
                ),
                advice=tr("call fork once"),
                compared=(tr("one child"), 1 + len(more)),
            )

    def is_waited_for(self, child: History) -> None:
        """See the program's first process there until another has ended, and a wait of the parent return it."""
        if child.ppid not in self.pids:
            raise self.adopted(child)
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

    def adopted(self, child: History) -> Mistake:
        """Return the mistake of a process whose parent had gone when it was first seen."""
        return self.mistake(
            "not-waited",
            tr("process {child} had lost its parent, and was adopted by {ppid}", child=child.pid, ppid=child.ppid),
            advice=tr("its parent does not end before it, and waits for it: os.waitpid(pid, 0)"),
            compared=(tr("a wait that returns the child"), tr("adopted")),
        )

    def are_waited_for(self, children: list[History]) -> None:
        """See that waits may have returned each of some children, also of those that were gone in one moment."""
        for child in children:
            if self.is_reaped(child) is False:
                raise self.never_waited(child)
        if not self.were_all_reaped(children):
            raise self.not_all_waited(children)

    def not_all_waited(self, children: list[History]) -> Mistake:
        """Return the mistake of a parent that has not waited for one of its children, whichever it was."""
        pids = numbers([child.pid for child in children])
        return self.mistake(
            "not-waited",
            tr("of the children {pids} several were gone in one moment, and not all of these by a wait", pids=pids),
            advice=tr("one wait returns one child: os.waitpid(pid, 0) for each of them"),
            compared=(tr("a wait that returns each"), tr("one too few")),
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

    def sleeps_for(self, process: History, asked: float, since: float = 0.0) -> None:
        """See that a process which is to sleep for a time did not compute instead: no busy machine makes it do so.

        Where it could have run for so long, and was not let to, nobody knows what it would have done.
        """
        life = [Span(since, self.trace.seconds, 0)]
        asleep, used = self.in_state(process, "SD", life), self.used(process, since, self.trace.seconds)
        if asleep >= asked / 2:
            return
        if used <= max(COMPUTED, asleep):
            if (waited := self.waited(process, life)) > asked / 2:
                raise kept_waiting(waited)
            return
        raise self.mistake(
            "computes",
            tr(
                "process {pid} slept for {asleep:.1f} of {asked} s, and used {used:.1f} s of the CPU",
                pid=process.pid,
                asleep=asleep,
                asked=asked,
                used=used,
            ),
            advice=tr("let it sleep (S): a loop that looks at the clock again and again takes the CPU from others"),
            compared=("S", "R"),
        )

    def has_another(self) -> None:
        """See a second process that stays, where two are to print something, and sleeps."""
        if not any(self.in_state(other, "S") > self.enough(STAYS) for other in self.others):
            for other in self.others:
                self.sleeps_for(other, 0.3)
        if any(self.at_work(other) > self.enough(STAYS) for other in self.others):
            return
        self.can_tell(0.3)
        if slow := [self.waited(other) for other in self.others if self.lived(other) > self.enough(STAYS)]:
            self.served(within=max(slow), since=0.0)
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
        advice = tr("look at the last row of the timeline: S waits for something that never comes, R loops")
        spans = [(history, span) for history in who for span in history.states[-2:] if span.value == "T"]
        if halted := [(h, span) for h, span in spans if span.end >= self.trace.seconds - 1.1 and span.seconds > 1]:
            advice = tr(
                "process {pid} is stopped (T) since {since:.1f} s, and takes no signal but SIGKILL until SIGCONT comes",
                pid=halted[0][0].pid,
                since=halted[0][1].start,
            )
        return self.mistake(
            "hangs",
            tr(
                "your program had not ended after {seconds:.0f} s, and was ended; it still had: {words}",
                seconds=self.trace.seconds,
                words=words,
            ),
            advice=advice,
            compared=(tr("an end"), tr_as("end", "none")),
        )

    def ended_otherwise(self, exit_code: int | None) -> Mistake:
        """Return the mistake of a program that ended, but not as it should: a server, None, not at all."""
        how = exited(self.trace.exit) if self.trace.exit else tr("unknown")
        said = self.last_words
        if NOT_UTF8.search(said):
            advice = tr("save the file in the encoding UTF-8")
        elif ASCII.search(said):
            advice = about_ascii()
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


def about_ascii() -> str:
    """Return what helps a program that cannot read or write what is not ASCII."""
    return tr("lines are UTF-8, and not ASCII: decode and encode them as UTF-8, or leave them bytes")
