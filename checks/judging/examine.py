"""One exercise in one seat: look, and look again if the machine was too busy to tell; then judge."""

import importlib
import json
from types import ModuleType

from checks.judging.result import Check, Mistake, Result, results, untold, verdict
from checks.judging.seat import Evidence, NotStarted, Seat
from checks.judging.verdict import CouldNotRunError
from lab.exercises import LIVE, module_name
from lab.language import tr
from lab.student import place
from lab.student.seed import Values

TRIES = 2
HELD = 0.1  # seconds for which a program may have waited for us to read what it prints
FLOOD = 16 << 20  # bytes: who prints more, and does not end, would not have ended had we read in time
LARGEST = 4_000_000  # characters of evidence; a program that does what is asked for needs some thousands


def observe(slug: str, seat: Seat, values: Values) -> Evidence:
    """Return the evidence of one exercise, from a second run if the first could not be judged."""
    for _ in range(TRIES):
        evidence = observe_once(slug, seat, values)
        if verdict(judge(slug, evidence, values)) is not None:
            break
    return evidence


def observe_once(slug: str, seat: Seat, values: Values) -> Evidence:
    """Look once; that the program could not be started is evidence too."""
    try:
        evidence: Evidence = exercise(slug).observe(seat, values)
    except NotStarted as error:
        return trouble(error.why, error.detail)
    except CouldNotRunError as error:
        return trouble("could-not-run", str(error))
    except Exception as error:  # noqa: BLE001 - such as no thread, no memory, no space for us: not the student's fault
        return trouble("could-not-run", f"{type(error).__name__}: {error}")
    return evidence if len(json.dumps(evidence)) <= LARGEST else trouble("too-much")


def trouble(why: str, detail: str = "") -> Evidence:
    """Return the evidence of a program that could not be observed."""
    return {"traces": [], "trouble": [why, detail]}


def judge(slug: str, evidence: Evidence, values: Values, *, other: str = "") -> list[Result]:
    """Return the results: that the program could be started, and what the exercise says of it.

    `other` says that the evidence is of another version of the checks, in which case it may not be what they expect.
    """
    first: list[Result] = []
    try:
        if "trouble" in evidence:
            return started(slug, evidence)
        first = [] if slug in LIVE else started(slug, evidence)
        return first + doubted(exercise(slug).judge(evidence, values), evidence)
    except Exception as error:  # noqa: BLE001 - evidence that the check did not foresee: not the student's fault
        why = f"{type(error).__name__}: {error}"
        return first + unjudged(other or tr("the check itself failed: {why}", why=why))


def doubted(found: list[Result], evidence: Evidence) -> list[Result]:
    """Return results that refuse nobody who may have slept in a write, because what was printed was read too late."""
    held = evidence.get("held", 0.0)
    if held <= HELD:
        return found
    why = tr("the machine was too busy to tell: what was printed was read {held:.1f} s too late; try again", held=held)
    sure = {"no-pause", *(["hangs"] if evidence.get("printed", 0) > FLOOD else [])}  # to be read late spaces lines out
    return [
        entry | untold(why) if entry["passed"] is False and entry["data"]["mistake"] not in sure else entry
        for entry in found
    ]


def started(slug: str, evidence: Evidence) -> list[Result]:
    """Return the result that comes before all others."""
    description = tr("the program is there, and starts")
    return results(Check("started", description, lambda: starts(slug, evidence)))


def unjudged(why: str) -> list[Result]:
    """Return the result of a check that could not make anything of the evidence."""

    def fail() -> None:
        raise CouldNotRunError(why)

    return results(Check("judged", tr("what was seen can be judged"), fail))


def exercise(slug: str) -> ModuleType:
    """Return the module of an exercise."""
    return importlib.import_module(f"checks.exercises.{module_name(slug)}")


def starts(slug: str, evidence: Evidence) -> None:
    """Say why the program did not start, if so."""
    if "trouble" not in evidence:
        return
    why, detail = evidence["trouble"]
    if why == "could-not-run":
        raise CouldNotRunError(detail)
    rationale, advice = troubles(slug, detail)[why]
    raise Mistake(why, rationale, advice=advice)


def troubles(slug: str, detail: str) -> dict[str, tuple[str, str]]:
    """Return, by its key, what may keep a program from being run: a sentence, and what to do."""
    return place.sentences(slug, detail) | {
        "too-much": (
            tr("so many processes and changes that nobody can look at them"),
            tr("is a fork in a loop that the child does not leave?"),
        ),
        "seat-ended": (tr("the whole seat ended while your program ran"), tr("does it signal every process (pid -1)?")),
        "recorder-killed": (
            tr("your program killed the check that was watching it"),
            tr("signal only the processes that you have started: pid -1 means everybody"),
        ),
    }
