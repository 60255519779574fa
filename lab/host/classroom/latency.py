"""What a drill has measured, and what a fork bomb in one seat did to the others meanwhile.

`make drill` appends a line of JSON a seat and second to .lab/drill.jsonl, as lab/door/pulse.py prints them.
`make grade` takes from there what belongs to the evidence of a bomb.
"""

import json
import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from lab.host.command import GENERATED

FILE = GENERATED / "drill.jsonl"
AROUND = 0.5  # seconds before and after a sample for which it stands: there is one a second
GAP = 3.0  # seconds without a refusal in which it is the same bomb: some let a process go now and then

Span = tuple[float, float]


class Sample(NamedTuple):
    """How long somebody at a seat's door has waited at a moment, and what came of it."""

    at: float  # seconds since 1970
    seat: str
    state: str  # ok, late, full or closed, as lab/door/pulse.py explains
    seconds: float

    @property
    def is_latency(self) -> bool:
        """Whether the door was there, and had room: the seconds are what it took, or so far has."""
        return self.state in ("ok", "late")

    @property
    def span(self) -> Span:
        """For what time it stands."""
        return self.at - self.seconds - AROUND, self.at + AROUND


def parse(line: str) -> Sample:
    """Return the sample of a line. Raises ValueError if it is none."""
    try:
        return Sample(**json.loads(line))
    except TypeError as error:
        raise ValueError(line) from error


def read(path: Path = FILE, since: float = 0.0) -> list[Sample]:
    """Return the samples of all drills since a moment; a line that was cut off, as by a full disk, is none."""
    samples = []
    if path.exists():
        with path.open(encoding="utf-8") as file:
            for line in file:
                with suppress(ValueError):
                    sample = parse(line)
                    if sample.at >= since:
                        samples.append(sample)
    return samples


def neighbours(samples: Sequence[Sample], seat: str, since: float) -> dict[str, Any] | None:
    """Return what a bomb in a seat did to the others, as its evidence has it; None if no drill saw one since then.

    All in seconds: for how long the seat was `full`, the others' latency `meanwhile`, that of each in `seats`, and as
    `quiet` that of the class while no seat was full; each as {"median": …, "worst": …}.
    """
    samples = [sample for sample in samples if sample.at >= since]
    spans = full(sample for sample in samples if sample.seat == seat)
    beside = [sample for sample in samples if sample.seat != seat and sample.is_latency and is_within(sample, spans)]
    if not beside:
        return None
    bombs = full(samples)
    quiet = [sample.seconds for sample in samples if sample.is_latency and not is_within(sample, bombs)]
    by_seat = {
        other: [sample.seconds for sample in beside if sample.seat == other]
        for other in sorted({sample.seat for sample in beside})
    }
    return {
        "full": round(sum(end - begin for begin, end in spans), 1),
        "meanwhile": summary([sample.seconds for sample in beside]),
        "seats": {other: summary(seconds) for other, seconds in by_seat.items()},
        "quiet": summary(quiet) if quiet else None,
    }


def full(samples: Iterable[Sample]) -> list[Span]:
    """Return when a seat was full; one moment of another kind in between changes nothing."""
    spans: list[Span] = []
    for begin, end in sorted(sample.span for sample in samples if sample.state == "full"):
        if spans and begin <= spans[-1][1] + GAP:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((begin, end))
    return spans


def is_within(sample: Sample, spans: Iterable[Span]) -> bool:
    """Tell whether somebody waited during one of the spans."""
    return any(begin <= sample.at and sample.at - sample.seconds <= end for begin, end in spans)


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """Return the median and the worst of some seconds."""
    return {"median": percentile(seconds, 50), "worst": max(seconds)}


def percentile(seconds: Sequence[float], share: int) -> float:
    """Return the smallest of the values that so many per cent of them do not exceed."""
    return sorted(seconds)[max(0, math.ceil(len(seconds) * share / 100) - 1)]
