"""How many verdicts are wrong, of all solutions of tests/solutions.py, while both cores are kept busy by other work.

    python3 -m tests.bench.verdicts [ROUNDS] [ONLY]

Each round (20 unless given) is another seat's: its references, its alternatives, its wrong ones and a neighbour's
references, each observed as `lab check` does, eight at a time, beside an endless loop a core. A verdict is wrong if a
right solution failed, or if a wrong one passed or failed with another hint than its own; what is live is looked at once
more when it is as expected. "not told" is none, not even after looking again for a minute. Printed: each of those as it
comes, and a line an exercise. ONLY names one exercise.
"""

import collections
import json
import os
import sys
import time
from concurrent.futures import as_completed

from checks.judging import examine
from checks.judging.result import verdict
from lab.exercises import EXERCISES
from tests.bench.trace_busy import busy_cores
from tests.observed import observe, observers, outcome, surroundings
from tests.solutions import Case, alternatives, made_for, neighbours, wrong


def cases(seed: str, only: str) -> list[Case]:
    """Return all solutions for one seat."""
    found = made_for(seed, "reference.*") + alternatives(seed) + wrong(seed) + neighbours(seed)
    return [case for case in found if only in ("", case.slug)]


def judged(case: Case, number: int) -> str:
    """Look at one solution; return how the verdict is."""
    results = examine.judge(case.slug, observe(case, number, again=True), case.values)
    found = outcome(results)
    if found is None if case.fails is None else found is not None and found[1] == case.fails[1]:
        return "right"
    word = "not told" if verdict(results) is None else "wrong"
    print(f"\n{word}: {case}: {found}, load {os.getloadavg()[0]:.1f}")
    for result in results if found else []:
        print(json.dumps(result["cause"], ensure_ascii=False), result["log"], sep="\n", flush=True)
    return word


def main(rounds: str = "20", only: str = "") -> None:
    """Print the counts."""
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    began = time.monotonic()
    with surroundings(), busy_cores(os.cpu_count() or 1), observers() as pool:
        for number in range(int(rounds)):
            seed = f"round{number}"
            futures = {pool.submit(judged, case, n): case.slug for n, case in enumerate(cases(seed, only))}
            for done in as_completed(futures):
                counts[futures[done], done.result()] += 1
            print(f"round {number + 1} of {rounds}, {time.monotonic() - began:.0f} s", flush=True)
    words = ("right", "wrong", "not told")
    for slug in [*EXERCISES, "all"]:
        row = [sum(n for (one, word), n in counts.items() if word == want and slug in (one, "all")) for want in words]
        if any(row):
            print(f"{slug:16}" + "".join(f"{n:7} {word}" for n, word in zip(row, words, strict=True)))


if __name__ == "__main__":
    main(*sys.argv[1:])
