"""How many wrong programs pass: the right ones of tests/exercises, each with one small change.

    python3 -m tests.bench.mutants [ONLY] [--seed SEED] [--sample N]

Each mutant is observed and judged as `lab check` does, eight at a time. It is refused, or could not be told, or it
passes: then it does what the statement demands in spite of the change, and tests/mutation/equivalent.toml says why by
its name, or it is a fault of the judge. Printed: each that passes without being named there, as a change to its
program, each that is named and does not pass, and a line an exercise. ONLY names one exercise, or a part of a mutant's
name, such as two-tasks/reference:drop-wait; `--sample` takes so many of all, others for another seed.
"""

import argparse
import ast
import collections
import difflib
import random
import time
from concurrent.futures import as_completed

from checks.judging import examine
from checks.judging.result import verdict
from lab.exercises import EXERCISES
from tests.mutation.cases import MutantCase, cases, equivalent
from tests.observed import observe, observers, surroundings
from tests.solutions import SEEDS

WORDS = {True: "passes", False: "refused", None: "not told"}


def judged(case: MutantCase, number: int) -> str:
    """Look at one mutant; return what became of it."""
    return WORDS[verdict(examine.judge(case.slug, observe(case, number), case.values))]


def difference(case: MutantCase) -> str:
    """Return what is changed, as lines before and after."""
    before = plainly(case.path.read_text(encoding="utf-8"))
    lines = difflib.unified_diff(before.splitlines(), case.text.splitlines(), lineterm="", n=1)
    return "\n".join(list(lines)[3:])


def plainly(program: str) -> str:
    """Return a program as Python writes it, without its comments."""
    return ast.unparse(ast.parse(program))


def main() -> None:
    """Print the survivors, and the counts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("only", nargs="?", default="")
    parser.add_argument("--seed", default=SEEDS[0])
    parser.add_argument("--sample", type=int)
    asked = parser.parse_args()
    found = [case for case in cases(asked.seed) if asked.only in (case.slug, "") or asked.only in case.name]
    if asked.sample:
        found = random.Random(asked.seed).sample(found, min(asked.sample, len(found)))
    explained, counts, began = equivalent(), collections.Counter[tuple[str, str]](), time.monotonic()
    with surroundings(), observers() as pool:
        futures = {pool.submit(judged, case, number): case for number, case in enumerate(found)}
        for done in as_completed(futures):
            case, word = futures[done], done.result()
            word = "equivalent" if word == "passes" and case.name in explained else word
            counts[case.slug, word] += 1
            if word == "passes" or (case.name in explained and word != "equivalent"):
                print(f"\n{word}: {case}\n{difference(case)}", flush=True)
    print(f"\n{time.monotonic() - began:.0f} s")
    words = ("refused", "equivalent", "not told", "passes")
    for slug in [*EXERCISES, "all"]:
        row = [sum(n for (one, word), n in counts.items() if word == want and slug in (one, "all")) for want in words]
        if any(row):
            print(f"{slug:16}" + "".join(f"{n:6} {word}" for n, word in zip(row, words, strict=True)))


if __name__ == "__main__":
    main()
