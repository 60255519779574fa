"""How long a class takes to be graded, and how much of that the students' programs themselves wait.

    python3 -m tests.bench.grade_class [SEATS] [REPORTS]

A class (30 seats unless given) has the reference solution of every exercise in place, made for its seat: the live ones
too, with their shells open and their endless loops running. Printed: what `fab grade` prints last, its seconds, and
every result that is not "passed". The reports are kept if a folder is named for them.
"""

import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lab.exercises import EXERCISES
from tests.class_lab import ClassLab
from tests.solved_class import SolvedSeat

AT_ONCE = 4  # seats that are made ready


def main(count: str = "30", reports: str = "") -> None:
    """Print the figures."""
    seats = [f"s{number:02}" for number in range(1, int(count) + 1)]
    with tempfile.TemporaryDirectory() as folder:
        lab = ClassLab(Path(folder), "forklab-class30")
        solved: list[SolvedSeat] = []
        try:
            lab.up(*((seat, f"学生{seat}", "") for seat in seats))
            solved = [SolvedSeat(lab, seat) for seat in seats]
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(SolvedSeat.solve, solved))
            kept = Path(reports or f"{folder}/reports").absolute()
            began = time.monotonic()
            done = lab.fab("grade", "--reports", str(kept))
            took = time.monotonic() - began
            documents = json.loads((kept / "results.json").read_text(encoding="utf-8"))
            print("\n".join(done.stdout.strip().splitlines()[-2:]), done.stderr[-500:])
            tell(took, documents)
        finally:
            for seat in solved:
                seat.close()
            lab.remove()


def tell(took: float, documents: list[dict[str, Any]]) -> None:
    """Print how long it took, and what did not pass though it should have."""
    wrong = [
        (document["seat"], result["name"], result["passed"], result["cause"])
        for document in documents
        for result in document["results"]
        if result["passed"] is not True
    ]
    print(f"{len(documents)} seats, {len(EXERCISES)} exercises: {took:.1f} s; {len(wrong)} results not passed")
    for row in wrong:
        print(*row)


if __name__ == "__main__":
    main(*sys.argv[1:])
