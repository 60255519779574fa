"""How long a class takes to be graded, and how much of that the students' programs themselves wait.

    python3 -m tests.bench.grade_class [SEATS]

A class (30 seats unless given) hands in the reference solution of every exercise that is a program, each made for its
seat; the live ones are looked at as well, and are not there. Printed: what `fab grade` prints last, its seconds, and
every verdict on a program that is not "passed".
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from lab.exercises import EXERCISES, LIVE
from lab.exercises.seed import values_of
from lab.exercises.texts import fill
from tests.class_lab import ClassLab
from tests.clone import ROOT

PROGRAMS = [slug for slug in EXERCISES if slug not in LIVE]
HAND_IN = "import json, pathlib, sys\nw = pathlib.Path.home() / 'work'; w.mkdir(exist_ok=True)\n" + (
    "for slug, text in json.load(sys.stdin).items(): (w / f'{slug}.py').write_text(text)"
)


def hand_in(lab: ClassLab, seat: str) -> None:
    """Put all solutions into a seat, as its student."""
    seed = lab.run(seat, "echo $LAB_SEED", key=".lab/instructor")[1].strip()
    texts = {
        slug: fill((ROOT / "tests" / "exercises" / slug / "reference.py").read_text(), values_of(slug, seed))
        for slug in PROGRAMS
    }
    home = ("--env", f"HOME=/home/{seat}")
    command = ("docker", "exec", "--interactive", *home, lab.container(seat), "python3", "-c", HAND_IN)
    subprocess.run(command, input=json.dumps(texts), text=True, check=True)


def main(count: int = 30) -> None:
    """Print the figures."""
    seats = [f"s{number:02}" for number in range(1, count + 1)]
    with tempfile.TemporaryDirectory() as folder:
        lab = ClassLab(Path(folder), "forklab-class30")
        try:
            lab.up(*((seat, f"学生{seat}", "") for seat in seats))
            for seat in seats:
                hand_in(lab, seat)
            began = time.monotonic()
            done = lab.fab("grade", "--reports", f"{folder}/reports")
            took = time.monotonic() - began
            documents = json.loads(Path(folder, "reports", "results.json").read_text(encoding="utf-8"))
            print(done.stdout.strip().splitlines()[-1], done.stderr[-500:])
            tell(took, documents)
        finally:
            lab.remove()


def tell(took: float, documents: list[dict[str, Any]]) -> None:
    """Print how long it took, and what did not pass though it should have."""
    wrong = [
        (document["seat"], result["data"]["exercise"], result["name"], result["passed"], result["cause"])
        for document in documents
        for result in document["results"]
        if result["data"]["exercise"] in PROGRAMS and result["passed"] is not True
    ]
    print(f"{len(documents)} seats, {len(EXERCISES)} exercises: {took:.1f} s; {len(wrong)} results not passed")
    for row in wrong:
        print(*row)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
