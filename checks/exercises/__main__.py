"""`python3 -I -m checks.exercises check [--json] [EXERCISE ...]`: what `lab check` becomes.

Exit status: 0 all passed, 1 not yet, 2 the check itself could not be made, or the words make no sense.

`python3 -I -m checks.exercises observe REQUEST`: what `make grade` has root do in a seat. The request is JSON,
`{"seat": …, "home": …, "uid": …, "gid": …, "exercises": {slug: values}}`; the answer two lines of JSON an exercise,
`{"doing": slug}` and `{"slug": …, "seconds": …, "evidence": …}`; what could not be told is done, and answered, last.
Judging it is done elsewhere.
"""

import json
import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from checks.judging import examine, report, telling
from checks.judging.afresh import begin_afresh
from checks.judging.reach import too_deep
from checks.judging.result import Result, verdict
from checks.judging.seat import Evidence, Seat, User
from lab.exercises import EXERCISES, LIVE
from lab.language import speak_utf8, tr
from lab.signals import by_default_for_programs
from lab.student import place
from lab.student.home import home, login, progress, remember_pass
from lab.student.seed import seed_here, values_of
from lab.student.texts import exercise
from lab.student.usage import UsageError

ROUNDS = 3  # of a grading; a machine that was too busy to tell may be calmer when the others are done
VERSION = "1"  # of the checks; a later one may judge differently


def main(words: Sequence[str]) -> int:
    """Do what the first word says."""
    begin_afresh()
    speak_utf8()
    by_default_for_programs()  # a verdict is the same below nohup, or in a script's background
    try:
        match words:
            case ["check", *rest]:
                return check([word for word in rest if word != "--json"], is_json="--json" in rest)
            case ["observe", request]:
                observe(json.loads(request))
                return 0
            case _:
                raise UsageError(tr("use: lab check [--json] [N]"))
    except UsageError as error:
        print(error, file=sys.stderr)
    except BrokenPipeError:  # whoever reads it has seen enough: lab check | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is in the buffer has nowhere to go
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception:  # noqa: BLE001 - whatever it is, it is not the student who has not passed yet
        traceback.print_exc()
    return 2


def check(words: Sequence[str], is_json: bool) -> int:
    """Check the exercises that the words name, or all that were begun."""
    seat = Seat(login(), home())
    slugs = [exercise(word) for word in words] or begun(seat)
    if not slugs:
        print(tr("nothing is begun yet: lab start 1"), file=sys.stderr)
        return 1
    if note := too_deep(seat.work):
        print(note, file=sys.stderr)
    verdicts = [check_one(slug, seat, is_json, is_alone=len(slugs) == 1) for slug in slugs]
    return 2 if None in verdicts else 1 if False in verdicts else 0


def observe(request: dict[str, Any]) -> None:
    """Gather the evidence of each exercise that is asked for; of what could not be told, later once more."""
    seat = Seat(request["seat"], Path(request["home"]), User(request["uid"], request["gid"]))
    left = request["exercises"]
    for still in reversed(range(ROUNDS)):
        again = {}
        for slug, values in left.items():
            print(json.dumps({"doing": slug}), flush=True)
            began = time.monotonic()
            evidence = examine.observe(slug, seat, values)
            seconds = round(time.monotonic() - began, 3)
            if still and verdict(examine.judge(slug, evidence, values)) is None:
                again[slug] = values
            else:
                print(json.dumps({"slug": slug, "seconds": seconds, "evidence": evidence}), flush=True)
        left = again


def begun(seat: Seat) -> list[str]:
    """Return the exercises that were started, or that there is a program for."""
    known = progress()
    return [slug for slug in EXERCISES if slug in known or (slug not in LIVE and place.is_there(seat.work, slug))]


def check_one(slug: str, seat: Seat, is_json: bool, is_alone: bool) -> bool | None:
    """Check an exercise, show the results, remember a pass, and return the verdict."""
    values = values_of(slug, seed_here())
    with report.looking(slug):
        evidence: Evidence = examine.observe(slug, seat, values)
    results: list[Result] = examine.judge(slug, evidence, values)
    passed = verdict(results)
    if is_json:
        print(json.dumps(report.document(slug, seat.name, VERSION, results), ensure_ascii=False), flush=True)
    elif is_alone or passed is not True:
        report.show(slug, results, evidence)
        print(end="" if is_alone else "\n", flush=True)
    else:
        print(report.headline(slug, passed), flush=True)
    if passed:
        remember(slug)
    sys.stdout.flush()  # the student waits for nobody
    telling.tell(slug, results, evidence)
    return passed


def remember(slug: str) -> None:
    """Remember a pass, or say why it will be forgotten."""
    try:
        remember_pass(slug)
    except OSError as error:
        print(tr("cannot remember it: {error}", error=error), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
