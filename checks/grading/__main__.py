"""`python -m checks.grading FOLDER --lab-version VERSION [--to FOLDER] [--only SLUG,…] [--seats SEAT,…]`.

It judges what is kept in the folder, and writes the reports; the version is that of the lab which judges. Of which
exercises and seats it is asked is shown, and decides the exit status; the reports are of all that is kept.

Exit status: 0 everything passed, 1 something has not yet, 2 something could not be told, or there is no evidence.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from checks.grading import files, html, table
from checks.grading.evidence import BadEvidenceError, Report, asked, read
from lab.language import tr
from lab.student.texts import exercise
from lab.student.usage import UsageError


def main() -> int:
    """Judge what is kept in the folder."""
    console = Console(highlight=False)
    options = arguments()
    try:
        only = [exercise(word) for word in options.only.split(",") if word]
        seats = [seat for seat in options.seats.split(",") if seat]
        everybody = list(read(evidence_in(options.folder), options.lab_version))
        reports = asked(everybody, only, seats, options.folder)
        write(options.to, everybody)
    except (BadEvidenceError, UsageError) as error:
        return refuse(str(error))
    except OSError as error:
        why = error.strerror
        return refuse(tr("the reports cannot be written to {to}: {why}", to=options.to, why=why))
    table.show(console, reports)
    console.print(f"{table.summary(reports)}\n{options.to / 'index.html'}", soft_wrap=True)
    verdicts = {grade.passed for report in reports for grade in report.grades}
    return 2 if None in verdicts or not verdicts else 1 if False in verdicts else 0


def refuse(sentence: str) -> int:
    """Say why there are no reports."""
    print(f"forklab: {sentence}", file=sys.stderr)
    return 2


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="checks.grading")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lab-version", required=True)
    parser.add_argument("--to", type=Path, default=Path("reports"))
    parser.add_argument("--only", default="")
    parser.add_argument("--seats", default="")
    return parser.parse_args()


def evidence_in(folder: Path) -> Path:
    """Return where the evidence is: the folder itself, or the one in a folder of reports."""
    return folder / "evidence" if (folder / "evidence").is_dir() else folder


def write(folder: Path, reports: list[Report]) -> None:
    """Write the four reports, beside those that are there, which stay whole until all of the new ones are."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".new-", dir=folder) as name:
        new = Path(name)
        files.write_results(new / "results.json", reports)
        files.write_junit(new / "junit.xml", reports)
        files.write_matrix(new / "matrix.csv", reports)
        with (new / "index.html").open("w", encoding="utf-8") as file:
            file.writelines(html.page(reports, table.summary(reports)))
        for path in new.iterdir():
            path.replace(folder / path.name)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # who has started us says so
        sys.exit(130)
