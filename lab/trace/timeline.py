"""A trace as a timeline in the terminal: a row a process, a letter and a colour a state.

                     ┬0 s───────┬0.2───────┬0.4───────┬0.6───────┬0.8───────
    2 python3 two.py RRRRRRSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS
    └─3 python3      ...........SSSSSSSSSSSSSSSSZZZZZZZZZZZZZZZZZ...........
                                                ╰ exit 7

What both drawings say, here and in `svg`, is put into words here: the order of the rows, their labels, the notes.
"""

import math
import signal
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lab.language import tr, tr_as, tr_count
from lab.proc import by_birth
from lab.trace.history import Arrival, Calls, Command, Exit, History, Span, Trace, Wait

NOTABLE = "ZXDTRPWSIt"  # where a cell covers several states, the first of these is shown: a short zombie too
NOTHING = "."
ROWS_SHOWN = 60
DEPTH_SHOWN = 12  # columns of branches
NOTES_SHOWN = 6  # a process
MOMENTS_SHOWN = 4
# Select Graphic Rendition, console_codes(4): foreground;background
# t is a tracer's doing, and not the program's T: it has no colour, like whatever has no name here.
COLOURS = {"R": "30;42", "S": "97;44", "D": "30;43", "T": "97;45", "Z": "1;97;41", "X": "1;97;41"}
FAINT = "2"


@dataclass(frozen=True)
class Row:
    """A process's place in the drawing: the branches of the tree before it, and what it is called."""

    history: History
    branches: str
    name: str


@dataclass(frozen=True)
class Note:
    """Something that happened to a process at a moment."""

    moment: float
    text: str


def draw(trace: Trace, width: int = 80, colour: bool = False) -> str:
    """Return the timeline, in lines of at most `width` columns, 60 or more."""
    rows = tree(trace)
    shown = rows[:ROWS_SHOWN]
    labels = [label(row) for row in shown]
    margin = min(max(map(columns, labels)), max(width, 60) * 2 // 5)
    scale = Scale(trace.seconds, max(width, 60) - margin - 1)
    lines = [fit(headline(trace), width), " " * (margin + 1) + scale.axis()]
    for row, text in zip(shown, labels, strict=True):
        lines.append(f"{pad(fit(text, margin), margin)} {paint(cells(row.history, scale), colour)}")
        lines += [faint(" " * (margin + 1) + line, colour) for line in noted(notes(row.history, trace), scale)]
    if len(rows) > len(shown):
        rest = len(rows) - len(shown)
        lines.append(
            tr_count(rest, "… and {n} more process, which --json has", "… and {n} more processes, which --json has")
        )
    return "\n".join([*lines, "", *legend(scale, colour), *(fit(line, width) for line in outcome(trace))])


@dataclass(frozen=True)
class Scale:
    """A recording's time spread over the cells of a row."""

    seconds: float
    cells: int

    @property
    def step(self) -> float:
        """The seconds that one cell covers."""
        return max(self.seconds, 0.001) / self.cells

    def column(self, moment: float) -> int:
        """Return the cell that covers a moment."""
        return min(int(moment / self.step + 1e-9), self.cells - 1)

    def ticks(self, apart: int) -> list[float]:
        """Return round moments, at least `apart` cells from each other."""
        least = apart * self.step
        magnitude = 10.0 ** math.floor(math.log10(least))
        step = next(unit * magnitude for unit in (1, 2, 5, 10) if unit * magnitude >= least)
        return [number * step for number in range(int(self.seconds / step) + 1)]

    def axis(self) -> str:
        """Return the line of moments above the rows."""
        line = ""
        for moment in self.ticks(apart=10):
            text = f"┬{moment:g}" + " s" * (moment == 0)
            if self.column(moment) + len(text) <= self.cells:
                line = line.ljust(self.column(moment), "─") + text
        return line.ljust(self.cells, "─")


def cells(history: History, scale: Scale) -> str:
    """Return a letter for each cell: the most notable state in it, and `.` before and after the process's life."""
    row = [NOTHING] * scale.cells
    for span in sorted(history.states, key=lambda span: -rank(span.value)):
        last = max(span.start, span.end - scale.step * 1e-6)  # a span does not hold at its end any more
        for cell in range(scale.column(span.start), scale.column(last) + 1):
            row[cell] = span.value
    return "".join(row)


def rank(state: str) -> int:
    """Return how notable a state is, 0 for the most."""
    return NOTABLE.find(state) if state in NOTABLE else len(NOTABLE)


def tree(trace: Trace) -> list[Row]:
    """Return the rows: each process below its first parent, those without a recorded one at the left."""
    families: dict[int, list[History]] = defaultdict(list)
    for history in by_birth(trace.processes):
        families[id(trace.parent(history))].append(history)
    rows: list[Row] = []
    waiting: list[tuple[History, str, str, History | None]] = [
        (history, "", "", None) for history in reversed(families[id(None)])
    ]
    while waiting:
        history, branches, below, parent = waiting.pop()
        rows.append(Row(history, branches, called(history, parent)))
        children = families[id(history)]
        for child in reversed(children):
            last = child is children[-1]
            fork, side = ("└─", "  ") if last else ("├─", "│ ")
            waiting.append((child, below + fork, below + side, history))
    return rows


def called(history: History, parent: History | None) -> str:
    """Return what a process is called: its command line, or only its name where that is its parent's."""
    command = history.command
    if not command.cmdline or (parent and parent.command == command):
        return printable(command.comm)
    return command_line(command)


def command_line(command: Command) -> str:
    """Return a command line without the folders of the program."""
    program, *arguments = command.cmdline
    program = program.rpartition("/")[2] if program.startswith(("/", ".")) else program
    return printable(" ".join([program, *arguments]))


def label(row: Row) -> str:
    """Return what stands left of a row."""
    branches = row.branches if len(row.branches) <= DEPTH_SHOWN else "…" + row.branches[-DEPTH_SHOWN:]
    return f"{branches}{row.history.pid} {row.name}"


def notes(history: History, trace: Trace) -> list[Note]:
    """Return what happened to a process besides its states, in time order."""
    happened = [note for _, note in happenings(history, trace)]
    found = sorted(happened, key=lambda note: note.moment)[:NOTES_SHOWN]
    dead = [span.start for span in history.states if span.value == "Z"]
    if history.exit and (dead or history.exit.status or history is trace.root):
        end = dead[-1] if dead else history.last_seen
        found.append(Note(end, exited(history.exit)))
    return found


def happenings(history: History, trace: Trace) -> Iterator[tuple[str, Note]]:
    """Yield what happened to a process besides its states and its end, and of what kind that is."""
    for span in history.adoptions:
        yield "adopted", Note(span.start, adopted(span.value, trace))
    for kind, spans, what in (
        ("nice", history.niceness, tr("niceness")),
        ("threads", history.threads, tr_as("number", "threads")),
    ):
        for before, after in pairwise(spans):
            yield kind, Note(after.start, f"{what} {before.value} → {after.value}")
    if trace.calls:
        yield from called_and_heard(history.pid, trace.calls)


def called_and_heard(pid: int, calls: Calls) -> Iterator[tuple[str, Note]]:
    """Yield what strace saw of a process: its waits, and the signals that arrived."""
    for wait in calls.waits:
        if wait.pid == pid:
            yield "reap" if wait.change == "ended" else "wait", Note(wait.time, waited(wait))
    for arrival in calls.signals:
        if arrival.pid == pid:
            yield "signal", Note(arrival.time, arrived(arrival))


def waited(wait: Wait) -> str:
    """Say what a wait told."""
    if wait.error:
        return tr("{call} fails: {error}", call=wait.call, error=wait.error)
    if wait.exit:
        return tr("{call} returned {child}: {how}", call=wait.call, child=wait.child, how=exited(wait.exit))
    return tr("{call} returned {child}", call=wait.call, child=wait.child)


def arrived(arrival: Arrival) -> str:
    """Say which signal came, and from whom."""
    name = signal_name(arrival.signal)
    if arrival.sender is None:
        return tr("{signal} arrives", signal=name)
    return tr("{signal} from {sender}", signal=name, sender=arrival.sender)


def adopted(pid: int, trace: Trace) -> str:
    """Say who adopted."""
    names = {history.pid: history.command.comm for history in trace.processes} | trace.outsiders
    by = f"{pid} ({printable(names[pid])})" if names.get(pid) else str(pid)
    return tr("adopted by {by}", by=by)


def exited(how: Exit) -> str:
    """Say how a process ended."""
    if how.signal is not None:
        name = signal_name(how.signal)
        return tr("killed by {name}", name=name)
    return tr("exit {code}", code=how.code)


def signal_name(number: int) -> str:
    """Return a signal's name; a real-time one has only a number."""
    return signal.Signals(number).name if number in list(signal.Signals) else tr("signal {number}", number=number)


def noted(found: list[Note], scale: Scale) -> list[str]:
    """Return the lines below a row: each note points up at its cell; several share a line where there is room."""
    lines: list[str] = []
    for note in found:
        column = scale.column(note.moment)
        text = f"╰ {note.text}"
        start = column
        if column + columns(text) > scale.cells:
            text = fit(f"{note.text} ╯", column + 1)
            start = column + 1 - columns(text)
        free = next((number for number, line in enumerate(lines) if columns(line) < start), len(lines))
        lines[free : free + 1] = [pad(lines[free] if free < len(lines) else "", start) + text]
    return lines


def headline(trace: Trace) -> str:
    """Return what was recorded, and how closely."""
    command = printable(" ".join(trace.command))
    every, gap = f"{trace.interval * 1000:g} ms", f"{trace.longest_gap * 1000:.0f} ms"
    return tr_count(
        trace.samples,
        "{seconds:.2f} s, {n} sample every {every}, longest gap {gap}: {command}",
        "{seconds:.2f} s, {n} samples every {every}, longest gap {gap}: {command}",
        seconds=trace.seconds,
        every=every,
        gap=gap,
        command=command,
    )


def state_names() -> dict[str, str]:
    """Return what each letter means."""
    return {
        "R": tr("running"),
        "S": tr("sleeping"),
        "D": tr("uninterruptible"),
        "T": tr("stopped"),
        "Z": tr("zombie"),
        NOTHING: tr("not there"),
    }


def legend(scale: Scale, colour: bool) -> list[str]:
    """Return what the letters and the cells mean."""
    letters = "  ".join(f"{paint(letter, colour)} {meaning}" for letter, meaning in state_names().items())
    cell = f"{scale.step * 1000:.3g} ms"
    return [
        letters,
        tr("a letter is {cell}; of several states in it, the first of Z D T R S is shown", cell=cell),
    ]


def outcome(trace: Trace) -> list[str]:
    """Return how it ended, and what the record does not hold."""
    lines = []
    if trace.calls:
        lines.append(ptraced())
        if not trace.calls.complete:
            lines.append(tr("strace ended too early, or wrote too much: some of the calls are missing"))
    if trace.cut:
        lines.append(reason(trace.cut))
    if trace.left_running:
        pids = " ".join(map(str, trace.left_running))
        lines.append(tr("could not be ended: {pids}", pids=pids))
    if trace.unrecorded:
        count = trace.unrecorded
        lines.append(
            tr_count(
                count,
                "{n} more process, too many to record",
                "{n} more processes, too many to record",
            )
        )
    if trace.missed:
        lines.append(came_and_went(trace.missed))
    return [*lines, exit_line(trace.exit)]


def ptraced() -> str:
    """Say what `--calls` does to what is recorded."""
    return tr("under strace (--calls): it is slower by that, and t is strace's doing")


def came_and_went(missed: Sequence[Span[int]]) -> str:
    """Say how many were too short for any sample, and when; nobody can tell whose they were."""
    count = sum(span.value for span in missed)
    when = ", ".join(f"{span.end:.2f}" for span in missed[:MOMENTS_SHOWN])
    more = ", …" if len(missed) > MOMENTS_SHOWN else ""
    return tr(
        "pids that came and went between two samples: {count}, seen by {when}{more} s",
        count=count,
        when=when,
        more=more,
    )


def reason(cut: str) -> str:
    """Say why the trace ended what still ran."""
    return {
        "time": tr("the time was up: what still ran was ended"),
        "linger": tr("the descendants ran on for too long: they were ended"),
        "signal": tr("the recording was stopped: what still ran was ended"),
    }[cut]


def exit_line(how: Exit | None) -> str:
    """Say how the command ended."""
    if how is None:
        return tr("how the command ended is not known")
    if how.signal is not None:
        return tr("exit status {status}: {how}", status=how.status, how=exited(how))
    return tr("exit status {status}", status=how.status)


def paint(letters: str, colour: bool) -> str:
    """Return a row of letters, each run of the same one in its colour."""
    if not colour:
        return letters
    painted = ""
    while letters:
        rest = letters.lstrip(letters[0])
        painted += f"\x1b[{COLOURS.get(letters[0], FAINT)}m{letters[: len(letters) - len(rest)]}\x1b[0m"
        letters = rest
    return painted


def faint(text: str, colour: bool) -> str:
    """Return text that stands back."""
    return f"\x1b[{FAINT}m{text}\x1b[0m" if colour else text


def printable(text: str) -> str:
    """Return text that cannot drive a terminal: what does not print reads ?, as in ps."""
    return "".join(character if character.isprintable() else "?" for character in text)


def columns(text: str) -> int:
    """Return the terminal columns that a text takes: two for a wide (CJK) character, none for a combining one."""
    return sum(map(column_width, text))


def column_width(character: str) -> int:
    """Return the columns of one character."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, width: int) -> str:
    """Return the text, shortened with … to the given columns if it is longer."""
    if columns(text) <= width:
        return text
    while columns(text) > width - 1:
        text = text[:-1]
    return text + "…"


def pad(text: str, width: int) -> str:
    """Return the text, filled with spaces to the given columns."""
    return text + " " * (width - columns(text))
