"""The class in the terminal: a row a seat, a mark an exercise, in 80 columns."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from checks.grading.evidence import Grade, Report
from checks.grading.files import columns_of
from lab.exercises import NUMBERS
from lab.language import tr, tr_count
from lab.trace.timeline import fit

MARKS = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[yellow]?[/]"}


def mark(grade: Grade) -> str:
    """Return one character for a grade."""
    return "[dim]·[/]" if grade.is_missing else MARKS[grade.passed]


def show(console: Console, reports: Sequence[Report]) -> None:
    """Print the table, what the marks mean, and why something could not be told."""
    slugs = columns_of(reports)
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column(tr("seat"), no_wrap=True)
    table.add_column(tr("name"), no_wrap=True)
    table.add_column(tr("passed"), justify="right")
    tens = "".join(str(NUMBERS[slug] // 10 or " ") for slug in slugs)
    units = "".join(str(NUMBERS[slug] % 10) for slug in slugs)
    table.add_column(f"{tens}\n{units}", no_wrap=True)
    for report in reports:
        marks = {grade.slug: mark(grade) for grade in report.grades}
        seat, name = (escape(fit(text, 16)) for text in (report.seat, report.name))
        row = "".join(marks.get(slug, " ") for slug in slugs)
        table.add_row(seat, name, f"{report.passed}/{len(report.grades)}", row)
    console.print(table)
    console.print(tr("[green]✓[/] passed  [red]✗[/] not yet  [dim]·[/] not begun  [yellow]?[/] could not be told"))
    for reason, seats in unknown(reports).items():
        console.print(escape(", ".join(seats)) + tr(": ") + escape(reason), soft_wrap=True)


def unknown(reports: Sequence[Report]) -> dict[str, list[str]]:
    """Return why something could not be told, and in which seats that was so."""
    seats: dict[str, list[str]] = {}
    for report in reports:
        reasons = {grade.cause["rationale"] for grade in report.grades if grade.passed is None and grade.cause}
        for reason in sorted(reasons):
            seats.setdefault(reason, []).append(report.seat)
    return seats


def summary(reports: Sequence[Report]) -> str:
    """Return where the time went."""
    grades = [grade for report in reports for grade in report.grades]
    seconds, waiting = sum(grade.seconds for grade in grades), sum(grade.waiting for grade in grades)
    share = f"{waiting / seconds if seconds else 0:.0%}"
    return tr_count(
        len(grades),
        "{n} check took {seconds:.0f} s, one after the other, {share} of it the programs' own",
        "{n} checks took {seconds:.0f} s, one after the other, {share} of it the programs' own",
        seconds=seconds,
        share=share,
    )
