"""The kept evidence of a class, and what it is judged to be."""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from checks.judging import examine
from checks.judging.result import Result, verdict
from checks.judging.seat import Evidence
from lab.exercises import EXERCISES
from lab.language import tr
from lab.trace import Trace

NAMES = {"states": 3, "nice": 1, "jobs": 3}  # how many processes a live exercise asks for by name


@dataclass(frozen=True)
class Grade:
    """One exercise of one seat: the results, and the evidence that they rest on."""

    slug: str
    results: list[Result]
    evidence: Evidence
    seconds: float

    @property
    def passed(self) -> bool | None:
        """True, False, or None: it could not be told."""
        return verdict(self.results)

    @property
    def is_missing(self) -> bool:
        """Whether there is nothing of it at all, no program, or nothing that is live: not begun, rather than wrong."""
        if self.slug == "file-types":
            return not self.evidence.get("folder") and self.mistake == "no-folder"
        if self.slug in NAMES:
            names = (self.cause or {}).get("expected", "").split(", ")  # those that nobody has
            return self.mistake == "not-there" and len(names) == NAMES[self.slug]
        return self.mistake in ("no-program", "never-hit")

    @property
    def traces(self) -> list[Trace]:
        """What was recorded; nothing, if it cannot be read any more: then that is the verdict too."""
        try:
            return [Trace.from_json(json.dumps(kept)) for kept in self.evidence["traces"]]
        except (ValueError, KeyError, TypeError):
            return []

    @property
    def waiting(self) -> float:
        """The seconds of the programs' own time."""
        return float(sum(kept.get("seconds", 0) for kept in self.evidence.get("traces", [])))

    @property
    def cause(self) -> dict[str, str] | None:
        """Why it did not pass: of the first result that did not."""
        return next((result["cause"] for result in self.results if result["passed"] is not True), None)

    @property
    def mistake(self) -> str:
        """What the mistake is called, the same in every language; "" if there is none, or it could not be told."""
        return next((result["data"].get("mistake", "") for result in self.results if result["passed"] is not True), "")


@dataclass(frozen=True)
class Report:
    """One seat: whose it is, and its grades in the course's order."""

    seat: str
    name: str
    version: str
    began: str
    grades: list[Grade]

    @property
    def passed(self) -> int:
        """How many exercises passed."""
        return sum(grade.passed is True for grade in self.grades)

    def document(self) -> dict[str, Any]:
        """Return it in check50's shape, each result's name with its exercise in front."""
        results = [named(grade, result) for grade in self.grades for result in grade.results]
        return {"slug": "forklab/exercises", "version": self.version, "seat": self.seat, "results": results}


class BadEvidenceError(Exception):
    """What is there cannot be read as evidence; the text says what."""


def named(grade: Grade, result: Result) -> Result:
    """Return a result as it stands among those of other exercises."""
    dependency = f"{grade.slug}/{result['dependency']}" if result["dependency"] else None
    data = {**result["data"], "exercise": grade.slug, "seconds": grade.seconds}
    return result | {"name": f"{grade.slug}/{result['name']}", "dependency": dependency, "data": data}


def read(folder: Path, version: str) -> Iterator[Report]:
    """Judge every seat's evidence, one after the other: a class's evidence need not be in memory at once.

    `version` is that of the lab which judges.
    """
    paths = sorted(folder.glob("*.json.gz"))
    if not paths:
        raise no_evidence(folder)
    for path in paths:
        try:
            with gzip.open(path, "rt", encoding="utf-8") as file:
                yield report(json.load(file), version)
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise BadEvidenceError(tr("{path} is damaged: {error}", path=path, error=error)) from error


def no_evidence(folder: Path) -> BadEvidenceError:
    """Return the error of a folder that has nothing of what was asked for."""
    return BadEvidenceError(tr("there is no evidence in {folder}: make grade gathers it", folder=folder))


def asked(reports: Iterable[Report], only: Sequence[str], seats: Sequence[str], folder: Path) -> list[Report]:
    """Return what is asked for of the reports: some exercises, of some seats; all, where none is named."""
    found = [
        replace(report, grades=[grade for grade in report.grades if not only or grade.slug in only])
        for report in reports
        if not seats or report.seat in seats
    ]
    if not found:
        raise no_evidence(folder)
    return found


def report(kept: dict[str, Any], version: str) -> Report:
    """Judge one seat's evidence; an exercise that this version does not know is left out."""
    slugs = [slug for slug in EXERCISES if slug in kept["exercises"]]
    other = "" if kept["version"] == version else of_another_version(kept["version"], version)
    grades = [grade(slug, kept["exercises"][slug], other) for slug in slugs]
    return Report(kept["seat"], kept["name"], kept["version"], kept["began"], grades)


def of_another_version(recorded: str, version: str) -> str:
    """Say why there may be evidence that cannot be judged."""
    return tr(
        "this was recorded by another version of the lab ({recorded}), and cannot be judged by this one "
        "({version}): judge it in the folder of that version, or record it anew with make grade",
        recorded=recorded,
        version=version,
    )


def grade(slug: str, kept: dict[str, Any], other: str) -> Grade:
    """Judge one exercise."""
    results = examine.judge(slug, kept["evidence"], kept["values"], other=other)
    return Grade(slug, results, kept["evidence"], kept["seconds"])
