"""Is the lab as it should be, and how far is each student."""

import sys
from pathlib import Path

from fabric import task
from invoke.context import Context
from invoke.exceptions import Exit

from lab.fabfile.in_rooms import in_rooms, is_spread
from lab.fabfile.turn import told, tool
from lab.host import project
from lab.host.bringup import engine, images
from lab.host.classroom import gathering, proof
from lab.host.command import see_through
from lab.host.hosts import evidence as evidence_of_rooms
from lab.host.hosts.rooms import Options
from lab.student.texts import exercise


def _reports(room: str, options: Options) -> Options:
    return {**options, "reports": f"{options['reports']}/{room}"}


@task
@in_rooms("check", own=_reports)
def check(_: Context, only: str = "", reports: str = "reports") -> None:
    """Check the running lab: exit code 0 all is as promised, 1 something is not, 2 it could not be told."""
    quiet = ["-q", "--no-header", "--tb=no", "--no-summary", "-p", "no:cacheprovider"]
    kept = [f"--reports={reports}", f"--junitxml={reports}/junit.xml", f"--lab-version={images.version()}"]
    chosen = ["-k", only] if only else []
    with told():
        running = project.running(engine.client())
        places = project.places(running)
        images.refuse_outdated(running)
        code = see_through(tool("pytest"), "checks", "-n", "4", *quiet, *kept, *places, *chosen)
    raise Exit(code=code if code in (0, 1) else 2)


@task
def grade(_: Context, seats: str = "", only: str = "", evidence: str = "", reports: str = "reports") -> None:
    """Grade all exercises in all seats: exit code 0 all passed, 1 not yet, 2 something could not be told."""
    folder = Path(evidence) if evidence else Path(reports, "evidence")
    options = ["--lab-version", images.version(), "--to", reports, "--only", only, "--seats", seats]
    graded: list[str] = []  # the rooms, where the class is on many hosts
    with told():
        if not evidence and is_spread():
            graded = evidence_of_rooms.gather(seats, only, folder)
        elif not evidence:
            _gather(seats, only, folder)
        code = see_through(sys.executable, "-m", "checks.grading", str(folder), *options)
        if not evidence and is_spread():
            evidence_of_rooms.prove(graded, reports)
        elif not evidence:
            proof.tell(engine.client(), Path(reports))
    raise Exit(code=code)


def _gather(seats: str, only: str, folder: Path) -> None:
    names = [seat for seat in seats.split(",") if seat]
    slugs = [exercise(word) for word in only.split(",") if word]
    gathering.gather(engine.client(), names, slugs, folder)


@task
def gather(_: Context, seats: str = "", only: str = "", to: str = "") -> None:
    """Only the first half of grading, of a room: what was seen, into a folder."""
    with told():
        _gather(seats, only, Path(to))


@task
def prove(_: Context, reports: str = "") -> None:
    """Only the last step of grading, of a room: tell its board."""
    with told():
        proof.tell(engine.client(), Path(reports))
