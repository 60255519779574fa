"""index.html: the class on one page, without a network: a table, and each verdict with its timeline.

Here is what it says, as plain data; how it looks is in templates/, which escape whatever a student has written. Each
timeline is there twice: as the SVG that paper and a browser without scripts show, and packed, for lab/trace/page.
"""

import base64
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from checks.grading.evidence import Grade, Report
from checks.grading.files import WORDS, called, columns_of, titled, word
from checks.judging.picture import picture
from checks.judging.result import Result
from lab.exercises import NUMBERS
from lab.language import tag, tr, tr_as
from lab.trace import Trace, svg
from lab.trace import html as drawing
from lab.trace.history import document
from lab.trace.texts import texts

ROWS_DRAWN = 40  # processes; of a swarm the sentence says enough
UNSEEN = ("written", "blocked", "ignored", "caught", "pending", "used", "cpu")  # of a process, what nothing draws
SIGNS = {"passed": "✓", "not yet": "✗", "missing": "·", "unknown": "?"}
TEMPLATES = Environment(
    loader=PackageLoader("checks.grading"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


@dataclass(frozen=True)
class Mark:
    """What a verdict looks like: its letter, its class in page.css, and its name to a person."""

    sign: str
    kind: str
    said: str


@dataclass(frozen=True)
class Exercise:
    """A column's head."""

    number: int
    slug: str
    title: str


@dataclass(frozen=True)
class Cell:
    """A grade in the table, which leads to its section."""

    mark: Mark
    anchor: str
    tip: str


@dataclass(frozen=True)
class Item:
    """One result; `cause` is why it did not pass, where that is its own fault."""

    mark: Mark
    promise: str
    remark: str
    cause: dict[str, str] | None


@dataclass(frozen=True)
class Picture:
    """What was seen: a timeline, the rows of ps, or a sentence in their place."""

    drawing: str = ""  # SVG
    packed: str = ""  # the same, for a browser to draw
    rows: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Section:
    """One exercise of one seat: folded up, unless there is something to say."""

    anchor: str
    is_open: bool
    mark: Mark
    number: int
    title: str
    took: str
    items: Iterable[Item]
    pictures: Iterable[Picture]


@dataclass(frozen=True)
class Row:
    """One seat; an exercise that it was not asked for is no cell."""

    seat: str
    name: str
    called: str
    passed: int
    asked: int
    cells: Sequence[Cell | None]
    sections: Iterable[Section]


def page(reports: Sequence[Report], summary: str) -> Iterator[str]:
    """Yield the page, a piece at a time: a class's timelines are some megabytes."""
    began = min((report.began for report in reports), default="")[:16].replace("T", " ")
    slugs = columns_of(reports)
    return TEMPLATES.get_template("class.html.j2").generate(
        language=tag(),
        title=tr("the class"),
        heading=tr("The class"),
        summary=tr("{began} UTC. {summary}.", began=began, summary=summary),
        heads=[tr("seat"), tr("name"), tr("passed")],
        exercises=[Exercise(NUMBERS[slug], slug, titled(slug)) for slug in slugs],
        marks=[mark(name) for name in SIGNS],
        rows=[row(report, slugs) for report in reports],
        compared=compared,
        styles=[svg.STYLE, drawing.style()],
        script=drawing.script(),
        texts=drawing.embedded(texts()),
    )


def words() -> dict[str, str]:
    """Return what a person reads for each grade."""
    return {
        "passed": tr_as("grade", "passed"),
        "not yet": tr("not yet"),
        "missing": tr("not begun"),
        "unknown": tr_as("grade", "unknown"),
    }


def mark(name: str) -> Mark:
    """Return what a verdict looks like."""
    return Mark(SIGNS[name], name.replace(" ", "-"), words()[name])


def row(report: Report, slugs: Sequence[str]) -> Row:
    """Return a seat, whose sections are made when they are asked for."""
    grades = {grade.slug: grade for grade in report.grades}
    cells = [cell(report, grades[slug]) if slug in grades else None for slug in slugs]
    sections = (section(report, grade) for grade in report.grades)
    return Row(report.seat, report.name, called(report), report.passed, len(report.grades), cells, sections)


def cell(report: Report, grade: Grade) -> Cell:
    """Return a grade in the table."""
    found = mark(word(grade))
    return Cell(found, anchor(report, grade), f"{titled(grade.slug)}: {found.said}")


def anchor(report: Report, grade: Grade) -> str:
    """Return the name of a section."""
    return f"{report.seat}-{grade.slug}"


def section(report: Report, grade: Grade) -> Section:
    """Return one exercise of one seat."""
    return Section(
        anchor=anchor(report, grade),
        is_open=word(grade) in ("not yet", "unknown"),
        mark=mark(word(grade)),
        number=NUMBERS[grade.slug],
        title=titled(grade.slug),
        took=tr("{seconds:.1f} s", seconds=grade.seconds),
        items=map(item, grade.results),
        pictures=map(seen, grade.traces),
    )


def item(result: Result) -> Item:
    """Return one result; what waits for another one has no cause of its own."""
    is_put_off = result["passed"] is None and result["dependency"]
    name = "missing" if is_put_off else WORDS[result["passed"]]
    cause = None if is_put_off else result["cause"]
    return Item(mark(name), result["description"], result["data"].get("remark", ""), cause)


def compared(expected: str, actual: str) -> str:
    """Return the sentence on what there is and what there should be."""
    return tr("expected: {expected}, seen: {actual}", expected=expected, actual=actual)


def seen(trace: Trace) -> Picture:
    """Return the timeline of a program, or the rows of ps of a live exercise."""
    if not 0 < len(trace.processes) <= ROWS_DRAWN:
        return Picture(sentence=tr("processes: {count}", count=len(trace.processes)))
    if trace.command:  # the page has the drawing's style once for all of them
        return Picture(re.sub("<style>.*?</style>", "", svg.draw(trace), flags=re.DOTALL), packed(trace))
    return Picture(rows=picture(trace))


def packed(trace: Trace) -> str:
    """Return what there is to draw of a trace: its JSON, compressed as zlib does it, in base64."""
    content = {name: value for name, value in document(trace).items() if name not in ("stdout", "stderr")}
    for process in content["processes"]:
        for name in UNSEEN:
            del process[name]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(errors="backslashreplace"), 9)).decode()
