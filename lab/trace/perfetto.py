"""A trace for Perfetto and chrome://tracing: the JSON of Chrome's trace events (the "Trace Event Format").

Times are microseconds since the recording began. A process is a process there, with one thread of the same number: a
slice a state, one after the other; instants for what happened besides; an arrow (a pair s and f) from the parent's
slice to the child's first one, and from whoever adopts to the adopted. Who adopts and was not recorded has one slice.
A pid that was given twice is a process of its own there, a million further on, and in its arguments what it was.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Any

from lab.language import tr
from lab.trace.history import History, Span, Trace
from lab.trace.timeline import (
    Note,
    came_and_went,
    command_line,
    exited,
    happenings,
    headline,
    printable,
    ptraced,
    state_names,
    tree,
)

Event = dict[str, Any]
AGAIN = 1_000_000  # added to the number of a process whose pid another one had before


def draw(trace: Trace) -> str:
    """Return the document."""
    told = {"command": list(trace.command), "recorded": headline(trace)}
    if trace.calls:
        told["strace"] = ptraced()
    found = {"traceEvents": list(Events(trace).all()), "displayTimeUnit": "ms", "otherData": told}
    return json.dumps(found, ensure_ascii=False)


def micros(moment: float) -> int:
    """Return a moment in microseconds."""
    return round(moment * 1_000_000)


@dataclass(frozen=True)
class Slice:
    """A state's place on the time axis, in microseconds; at least one long."""

    start: int
    end: int
    state: str


def slices(history: History) -> list[Slice]:
    """Return a process's states, none over the next."""
    found: list[Slice] = []
    for span in history.states:
        start, end = micros(span.start), micros(span.end)
        if end > start or span is history.states[-1]:
            found.append(Slice(start, max(end, start + 1), span.value))
    return found


class Events:
    """The events of one trace."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.rows = tree(trace)
        self.slices = {id(history): slices(history) for history in trace.processes}
        self.numbers: dict[int, int] = {}  # by id of the history
        taken: set[int] = set()
        for row in self.rows:
            number = next(number for number in count(row.history.pid, AGAIN) if number not in taken)
            taken.add(number)
            self.numbers[id(row.history)] = number
        self.arrows = count(1)

    def all(self) -> Iterator[Event]:
        """Yield them; viewers sort by time themselves."""
        for place, row in enumerate(self.rows):
            yield from self.named(self.numbers[id(row.history)], f"{row.history.pid} {row.name}", place)
            yield from self.life(row.history)
            yield from self.fork(row.history)
            yield from self.adoptions(row.history)
        yield from self.adopters(len(self.rows))
        for span in self.trace.missed:
            number = self.numbers[id(self.rows[0].history)]
            yield self.instant(number, micros(span.end), "missed", came_and_went([span])) | {"s": "g"}

    def named(self, number: int, name: str, place: int) -> Iterator[Event]:
        """Yield what a process and its one thread are called, and where they stand."""
        base = {"ph": "M", "pid": number, "tid": number, "ts": 0}
        yield base | {"name": "process_name", "args": {"name": name}}
        yield base | {"name": "process_sort_index", "args": {"sort_index": place}}
        yield base | {"name": "thread_name", "args": {"name": name}}

    def life(self, history: History) -> Iterator[Event]:
        """Yield a process's states, and what happened besides."""
        number, names = self.numbers[id(history)], state_names()
        for slice_ in self.slices[id(history)]:
            name = f"{slice_.state} {names.get(slice_.state, '')}".strip()
            yield {
                "ph": "X",
                "cat": "state",
                "name": name,
                "pid": number,
                "tid": number,
                "ts": slice_.start,
                "dur": slice_.end - slice_.start,
                "args": {"pid": history.pid, "state": slice_.state, "command": command_line(history.command)},
            }
        for kind, note in self.happened(history):
            yield self.instant(number, micros(note.moment), kind, note.text)

    def happened(self, history: History) -> Iterator[tuple[str, Note]]:
        """Yield what happened to a process besides its states, and of what kind that is."""
        yield from happenings(history, self.trace)
        for before, after in pairwise(span for span in history.commands if span.value.cmdline):
            if before.value.cmdline != after.value.cmdline:
                yield "exec", Note(after.start, tr("now {command}", command=command_line(after.value)))
        if not self.trace.calls:  # which knows better
            for span in history.reaped[1:]:
                yield "reap", Note(span.start, tr("waited for a child"))
        if history.exit and history.gone is not None:
            dead = [span.start for span in history.states if span.value == "Z"]
            yield "exit", Note(dead[-1] if dead else history.last_seen, exited(history.exit))

    def instant(self, number: int, moment: int, kind: str, text: str) -> Event:
        """Return something that happened at a moment."""
        return {"ph": "i", "s": "t", "cat": kind, "name": text, "pid": number, "tid": number, "ts": moment}

    def fork(self, history: History) -> Iterator[Event]:
        """Yield the arrow from a process's parent to it, where both have a slice at that moment."""
        parent, own = self.trace.parent(history), self.slices[id(history)]
        if parent and own and self.has_slice(parent, own[0].start):
            yield from self.arrow("fork", self.numbers[id(parent)], self.numbers[id(history)], own[0].start)

    def adoptions(self, history: History) -> Iterator[Event]:
        """Yield the arrows from those who adopted a process to it."""
        for span in history.adoptions:
            moment = micros(span.start)
            if self.has_slice(history, moment):
                yield from self.arrow("adoption", self.adopter(span), self.numbers[id(history)], moment)

    def adopter(self, span: Span[int]) -> int:
        """Return the number of whoever adopted: a recorded process, or an outsider."""
        there = [h for h in self.trace.processes if h.pid == span.value and self.has_slice(h, micros(span.start))]
        return self.numbers[id(there[-1])] if there else self.outsider(span.value)

    def outsider(self, pid: int) -> int:
        """Return the number of one who was not recorded."""
        taken = set(self.numbers.values())
        return next(number for number in count(pid, AGAIN) if number not in taken)

    def adopters(self, place: int) -> Iterator[Event]:
        """Yield those who adopted and were not recorded: a slice for as long as the recording."""
        recorded = set(self.numbers.values())
        pids = dict.fromkeys(
            span.value for row in self.rows for span in row.history.adoptions if self.adopter(span) not in recorded
        )
        for pid in pids:
            number, name = self.outsider(pid), f"{pid} {printable(self.trace.outsiders.get(pid, ''))}".strip()
            yield from self.named(number, name, place)
            whole = {"ph": "X", "cat": "outsider", "name": tr("not recorded"), "pid": number, "tid": number}
            yield whole | {"ts": 0, "dur": max(micros(self.trace.seconds), 1), "args": {"pid": pid}}

    def has_slice(self, history: History, moment: int) -> bool:
        """Tell whether a process has a slice that holds a moment."""
        return any(slice_.start <= moment < slice_.end for slice_ in self.slices[id(history)])

    def arrow(self, kind: str, tail: int, head: int, moment: int) -> Iterator[Event]:
        """Yield both ends of an arrow, which viewers tie to the slices that hold the moment."""
        base = {"cat": kind, "name": kind, "id": next(self.arrows), "ts": moment}
        yield base | {"ph": "s", "pid": tail, "tid": tail}
        yield base | {"ph": "f", "bp": "e", "pid": head, "tid": head}
