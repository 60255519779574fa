"""How far each seat of a class is, by what the seats say of themselves and by what the last `make grade` has proved."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from lab.exercises import EXERCISES
from lab.web.links import Link

LONGEST_TEXT = 2000  # characters of a mistake's or a hand's text
LONGEST_KEY = 64
EVENTS = ("check", "start", "hint", "hand")


class EventError(Exception):
    """What a seat has sent is no event; the text says why."""


@dataclass
class Cell:
    """A seat at an exercise; moments are seconds since 1970, 0 for never."""

    begun: float = 0.0
    checks: int = 0
    passed: float = 0.0
    mistake: str = ""  # the last one's key
    text: str = ""  # and what was said of it
    hints: int = 0

    def to_json(self, proved: bool | None) -> dict[str, Any]:
        """Return it as the pages have it; `proved`: what the last `make grade` found, None if nothing."""
        state = "passed" if self.passed else "at" if self.begun else ""
        return {**asdict(self), "state": state, "proved": proved}


@dataclass
class Progress:
    """What a seat has told of itself."""

    cells: dict[str, Cell] = field(default_factory=dict)
    hand: dict[str, Any] | None = None  # since when it is up, and what for
    heard: float = 0  # the last event

    def at(self, slug: str) -> Cell:
        """Return the cell of an exercise."""
        return self.cells.setdefault(slug, Cell())


class Board:
    """The class's progress; its seats are the roster's."""

    def __init__(self, kept: object = None) -> None:
        """Begin with what `to_keep` has given earlier; what is not of that form is left out."""
        self.seats: list[Link] = []
        self.proved: Mapping[str, Mapping[str, bool]] = {}  # by seat and slug
        self._progress: dict[str, Progress] = {}
        for seat, told in kept.items() if isinstance(kept, dict) else ():
            with suppress(AttributeError, KeyError, TypeError, ValueError):  # another version's, or nobody's
                self._progress[seat] = _progress(told)

    def to_keep(self) -> dict[str, Any]:
        """Return what has to outlive us, as JSON has it."""
        return {seat: asdict(progress) for seat, progress in self._progress.items()}

    def take(self, seat: str, event: Mapping[str, Any], now: float) -> None:
        """Take an event of a seat. Raises EventError, nothing taken."""
        kind, slug = event.get("event"), event.get("slug")
        if kind not in EVENTS:
            raise EventError(f"event must be one of {', '.join(EVENTS)}")
        if kind != "hand" and slug not in EXERCISES:
            raise EventError("slug must be an exercise's")
        progress = self._progress.setdefault(seat, Progress())
        if kind == "hand":
            progress.hand = _hand(progress.hand, event, now)
        else:
            _note(progress.at(str(slug)), kind, event, now)
        progress.heard = now

    def seat_to_json(self, seat: str) -> dict[str, Any]:
        """Return what is known of a seat."""
        progress = self._progress.get(seat) or Progress()
        proved = self.proved.get(seat, {})
        cells = {slug: (progress.cells.get(slug) or Cell()).to_json(proved.get(slug)) for slug in EXERCISES}
        hints = sum(cell["hints"] for cell in cells.values())
        return {"hand": progress.hand, "heard": progress.heard, "hints": hints, "cells": cells}

    def to_json(self) -> dict[str, Any]:
        """Return the whole class: a row a seat, and the foot of each column."""
        rows = [{"seat": link.seat, "name": link.name, **self.seat_to_json(link.seat)} for link in self.seats]
        feet = {slug: _foot([row["cells"][slug] for row in rows]) for slug in EXERCISES}
        return {"exercises": list(EXERCISES), "seats": rows, "foot": feet}


def _progress(told: Mapping[str, Any]) -> Progress:
    """Return a seat's progress out of what was kept. Raises TypeError and its like for what is none."""
    cells = {slug: _cell(cell) for slug, cell in told["cells"].items() if slug in EXERCISES}
    hand = told["hand"] and {"since": float(told["hand"]["since"]), "text": str(told["hand"]["text"])}
    return Progress(cells, hand, float(told["heard"]))


def _cell(told: Mapping[str, Any]) -> Cell:
    kinds = {name: type(value) for name, value in asdict(Cell()).items()}
    return Cell(**{name: kind(told[name]) for name, kind in kinds.items()})


def _hand(up: dict[str, Any] | None, event: Mapping[str, Any], now: float) -> dict[str, Any] | None:
    if not event.get("up", True):
        return None
    return {"since": up["since"] if up else now, "text": _text(event, "text", LONGEST_TEXT)}


def _note(cell: Cell, kind: str, event: Mapping[str, Any], now: float) -> None:
    cell.begun = cell.begun or now
    if kind == "hint":
        number = event.get("hints")
        cell.hints = max(cell.hints, number if isinstance(number, int) and 0 < number < 10 else 1)
    elif kind == "check" and isinstance(event.get("passed"), bool):
        cell.checks += 1
        cell.passed = (cell.passed or now) if event["passed"] else 0.0
        cell.mistake = "" if event["passed"] else _text(event, "mistake", LONGEST_KEY)
        cell.text = "" if event["passed"] else _text(event, "text", LONGEST_TEXT)


def _text(event: Mapping[str, Any], name: str, longest: int) -> str:
    """Return a text of an event without what is no character of a line; "" if there is none."""
    found = event.get(name)
    if not isinstance(found, str):
        return ""
    return " ".join(found[:longest].split()).encode(errors="replace").decode()  # half of a surrogate pair is no text


def _foot(cells: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return how a class stands with one exercise: counts, median minutes to the pass, the most frequent mistake."""
    minutes = [(cell["passed"] - cell["begun"]) / 60 for cell in cells if cell["passed"]]
    at = [cell for cell in cells if cell["state"] == "at"]
    return {
        "passed": len(minutes),
        "at": len(at),
        "minutes": round(statistics.median(minutes), 1) if minutes else None,
        "mistake": most_frequent((cell["mistake"], cell["text"]) for cell in at if cell["mistake"]),
    }


def most_frequent(mistakes: Iterable[tuple[str, str]]) -> dict[str, Any] | None:
    """Return the key of the most frequent mistake, how many make it, and what is said of it to one of them."""
    found = list(mistakes)
    if not found:
        return None
    key, count = Counter(key for key, _ in found).most_common(1)[0]
    return {"key": key, "count": count, "text": next(text for name, text in found if name == key)}
