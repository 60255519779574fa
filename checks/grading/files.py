"""The reports that programs read: results.json, junit.xml, matrix.csv."""

import csv
import json
import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from checks.grading.evidence import Grade, Report
from lab.student.texts import title

FORMULA = tuple("=+-@＝＋－＠\t\r")  # what a cell must not begin with, to be text to a spreadsheet
WORDS = {True: "passed", False: "not yet", None: "unknown"}


def word(grade: Grade) -> str:
    """Return what a grade is called, in English: programs read it."""
    return "missing" if grade.is_missing else WORDS[grade.passed]


def write_results(path: Path, reports: Sequence[Report]) -> None:
    """Write a document a seat, in check50's shape."""
    documents = [report.document() for report in reports]
    path.write_text(json.dumps(documents, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write_junit(path: Path, reports: Sequence[Report]) -> None:
    """Write a test suite a seat, a test case an exercise."""
    root = ET.Element("testsuites", name="forklab exercises")
    for report in reports:
        failures = sum(grade.passed is False for grade in report.grades)
        errors = sum(grade.passed is None for grade in report.grades)
        counts = {"tests": str(len(report.grades)), "failures": str(failures), "errors": str(errors)}
        suite = ET.SubElement(root, "testsuite", name=printable(called(report)), timestamp=report.began[:19])
        suite.attrib |= counts
        for grade in report.grades:
            case = ET.SubElement(suite, "testcase", classname=report.seat, name=grade.slug, time=f"{grade.seconds:.3f}")
            if grade.passed is not True and (cause := grade.cause):
                told = ET.SubElement(case, "failure" if grade.passed is False else "error")
                told.attrib |= {"message": printable(cause["rationale"]), "type": grade.mistake or "unknown"}
                log = next((result["log"] for result in grade.results if result["log"]), "")
                told.text = printable(f"{cause['help']}\n\n{log}")
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def printable(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return re.sub(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "�", text)


def write_matrix(path: Path, reports: Sequence[Report]) -> None:
    """Write a row a seat, a column an exercise; with the byte-order mark by which a spreadsheet knows UTF-8."""
    slugs = columns_of(reports)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["seat", "name", "passed", *slugs])
        for report in reports:
            words = {grade.slug: word(grade) for grade in report.grades}
            name = f"'{report.name}" if report.name.startswith(FORMULA) else report.name
            writer.writerow([report.seat, name, report.passed, *(words.get(slug, "") for slug in slugs)])


def columns_of(reports: Sequence[Report]) -> list[str]:
    """Return the exercises that any of the reports has, in the course's order."""
    return list(dict.fromkeys(grade.slug for report in reports for grade in report.grades))


def called(report: Report) -> str:
    """Return what a seat is called, with the student's name where it is known."""
    return f"{report.name} ({report.seat})" if report.name else report.seat


def titled(slug: str) -> str:
    """Return an exercise's slug and title."""
    return f"{slug}: {title(slug)}"
