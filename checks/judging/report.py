"""What a student reads of the results: a sentence each, and the timeline beside it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from checks.judging.picture import picture
from checks.judging.result import Result, verdict
from checks.judging.seat import Evidence
from lab.exercises import NUMBERS
from lab.language import tr
from lab.student.texts import title
from lab.trace import Trace
from lab.trace.cli import wants_colour
from lab.trace.timeline import columns

WIDTH = 80
CLOSING = "，。；：！？、”）"  # never at the beginning of a line
MARKS = {True: ("✓", "32"), False: ("✗", "31"), None: ("–", "33")}


@contextmanager
def looking(slug: str) -> Iterator[None]:
    """On a terminal, say what takes so long, until it is done: a program has up to 10 s."""
    if not wants_colour():
        yield
        return
    print("\x1b7" + tr("{number} {slug}: looking …", number=NUMBERS[slug], slug=slug), end="", flush=True)
    try:
        yield
    finally:
        print("\x1b8\x1b[K", end="", flush=True)  # back to where the cursor was, and nothing behind it


def show(slug: str, results: list[Result], evidence: Evidence) -> None:
    """Print one exercise's results, with what was seen."""
    show_results(slug, results)
    if picture := drawing(results, evidence):
        print(f"\n{picture}")


def show_results(slug: str, results: list[Result]) -> None:
    """Print the results alone."""
    print(painted(headline(slug, verdict(results)), "1"))
    for result in results:
        mark, colour = MARKS[result["passed"]]
        print(f"  {painted(mark, colour)} {result['description']}")
        if (cause := result["cause"]) and not is_put_off(result, results):
            explain(cause)


def is_put_off(result: Result, results: list[Result]) -> bool:
    """Tell whether a check was not made because another did not pass."""
    passed = {other["name"]: other["passed"] for other in results}
    return result["dependency"] is not None and passed[result["dependency"]] is not True


def headline(slug: str, passed: bool | None) -> str:
    """Return the line above an exercise's results."""
    words = {True: tr("passed"), False: tr("not yet"), None: tr("could not be checked")}
    return f"{NUMBERS[slug]} {slug}  {title(slug)}" + tr(": ") + words[passed]


def explain(cause: dict[str, str]) -> None:
    """Print why a check did not pass."""
    for line in folded(cause["rationale"], WIDTH - 6):
        print(f"      {line}")
    if cause["expected"] or cause["actual"]:
        expected, actual = cause["expected"], cause["actual"]
        line = tr("expected: {expected}   seen: {actual}", expected=expected, actual=actual)
        for part in folded(line, WIDTH - 6):
            print(f"      {part}")
    for number, line in enumerate(folded(cause["help"], WIDTH - 8) if cause["help"] else []):
        print(painted(f"    {' →'[number == 0]} {line}", "36"))


def drawing(results: list[Result], evidence: Evidence) -> str:
    """Return what was seen: the rows of the first mistake, or the timeline of all."""
    colour = wants_colour()
    log: str = next((result["log"] for result in results if result["passed"] is False), "")
    traces = [Trace.from_json(json.dumps(trace)) for trace in evidence["traces"]]
    if log:  # in colour, if it is the picture of one of the traces
        shown = next((trace for trace in traces if colour and picture(trace) == log), None)
        return picture(shown, colour) if shown else log
    return picture(traces[0], colour) if traces and verdict(results) else ""


def painted(text: str, colour: str) -> str:
    """Return a text in a colour, where colour is wanted."""
    return f"\x1b[{colour}m{text}\x1b[0m" if wants_colour() else text


def folded(text: str, width: int) -> list[str]:
    """Return a text as lines of at most `width` columns: broken at spaces, or anywhere between CJK characters."""
    lines = [""]
    for word in words(text):
        if columns(lines[-1] + word.rstrip()) > width and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip()
    return [line.rstrip() for line in lines]


def words(text: str) -> list[str]:
    """Return the pieces between which a line may be broken."""
    found = [""]
    for character in text.replace("\n", " "):
        narrow = columns(character) < 2 and columns(found[-1][-1:]) < 2
        if character in CLOSING or (narrow and not found[-1].endswith(" ")):
            found[-1] += character
        else:
            found.append(character)
    return found


def document(slug: str, seat: str, version: str, results: list[Result]) -> dict[str, Any]:
    """Return one exercise's results as JSON, in check50's shape."""
    return {"slug": f"forklab/{slug}", "version": version, "seat": seat, "results": results}
