"""A class that has solved its exercises: programs in ~/work, and for the live ones shells in which they were typed."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping

from lab.exercises import EXERCISES, LIVE
from lab.student.seed import values_of
from tests.class_lab import ClassLab
from tests.clone import run
from tests.eventually import eventually
from tests.shell import BASH, PROMPT, Shell
from tests.solutions import Case, solutions

HAND_IN = "import json, pathlib, sys\nw = pathlib.Path.home() / 'work'; w.mkdir(exist_ok=True)\n" + (
    "for name, text in json.load(sys.stdin).items(): (w / name).write_text(text)"
)


class SolvedSeat:
    """A student's seat in a running lab, until the shells in it are closed."""

    def __init__(self, lab: ClassLab, seat: str) -> None:
        self.seat = seat
        self.container = lab.container(seat)
        variables = dict(entry.partition("=")[::2] for entry in lab.inspect(seat)["Config"]["Env"])
        self.seed = variables["LAB_SEED"]
        self.home = ("--env", f"HOME=/home/{seat}")
        self.shells: list[Shell] = []

    def case(self, slug: str, stem: str = "reference") -> Case:
        """Return a solution, made for this seat."""
        [path] = solutions(slug, f"{stem}.*")
        return Case(slug, path, self.seed, self.seed)

    def solve(self, slugs: Iterable[str] = EXERCISES, stems: Mapping[str, str] | None = None) -> None:
        """Put a solution of each exercise in place: the reference, or the one named for it."""
        cases = [self.case(slug, (stems or {}).get(slug, "reference")) for slug in slugs]
        self.hand_in({f"{case.slug}.py": case.solution for case in cases if case.slug not in LIVE})
        for case in sorted((case for case in cases if case.slug in LIVE), key=lambda case: case.slug != "fork-bomb"):
            self.play(case)  # the bomb first: it would end while the others are there, but later

    def hand_in(self, programs: Mapping[str, str]) -> None:
        """Put programs into the work folder, as the student."""
        command = ("docker", "exec", "--interactive", *self.home, self.container, "python3", "-c", HAND_IN)
        subprocess.run(command, input=json.dumps(programs), text=True, check=True)

    def play(self, case: Case) -> None:
        """Type the lines of a live exercise into a shell of its own."""
        student = self.shell()
        *lines, last = case.typed
        for line in lines:
            student.enter(line)
        if case.slug == "jobs":  # it stays in the foreground
            student.type(last)
            name = values_of("jobs", self.seed)["foreground"]
            eventually(lambda: f"\n{name} " in self.ps())
        else:
            student.enter(last)

    def shell(self) -> Shell:
        """Open a shell in ~/work."""
        words = ["docker", "exec", "--interactive", "--tty", *self.home, "--env", f"PS1={PROMPT}"]
        words += ["--workdir", f"/home/{self.seat}/work", self.container, *BASH]
        self.shells.append(Shell(words, {**os.environ, "TERM": "dumb"}))
        return self.shells[-1]

    def ps(self) -> str:
        """Return the command lines of the seat's processes."""
        return run("docker", "exec", self.container, "ps", "-eo", "args").stdout

    def close(self) -> None:
        """Close the shells."""
        for student in self.shells:
            student.close()
