"""A seat's parameters of an exercise: the same every time, others in another seat.

They are drawn by `random.Random`, seeded with the seat's seed and the exercise. A host and a seat have different
versions of Python and must draw the same, so a `values` function uses only these of its methods, whose results have
not changed since Python 3.2: random(), randrange(), randint(), choice(), sample() of a list, shuffle().
"""

import importlib
import os
import random
from collections.abc import Mapping

from lab.exercises import NUMBERS, module_name
from lab.student.home import login

Value = int | str | float
Values = Mapping[str, Value]


def values_of(slug: str, seed: str) -> dict[str, Value]:
    """Return the parameters of an exercise for the seat with this seed, and the exercise's `number`."""
    module = importlib.import_module(f"lab.exercises.{module_name(slug)}.values")
    found: dict[str, Value] = module.values(random.Random(f"{seed}:{slug}"))  # noqa: S311 (no secret is made of it)
    return {"number": NUMBERS[slug]} | found


def seed_here() -> str:
    """Return the seed of the seat in which we are."""
    return os.environ.get("LAB_SEED") or login()
