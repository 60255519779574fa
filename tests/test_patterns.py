"""What programs print is looked at with regular expressions: none may take its time from a line's length squared."""

import importlib
import pkgutil
import re
import time
from typing import Any

import pytest

import checks
import lab

LONG = 10_000  # characters of a line; as many are in short ones
SHORT = 100
# What the patterns look for, over and over.
KINDS = (".", "1", "a", " ", "1 ", "a.", "/", "a/", ":", "at ", "line 1", 'File "', "pid=1 ", "Error ", ": ", "\x1b[0")


def patterns() -> list[Any]:
    """Return every pattern that a module of ours has a name for."""
    found: dict[re.Pattern[Any], Any] = {}
    for package in (checks, lab):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith((".__main__", ".skeleton", ".trace.calls")):  # strace's own lines are short
                for name, value in vars(importlib.import_module(module.name)).items():
                    if isinstance(value, re.Pattern):
                        found.setdefault(value, pytest.param(value, id=f"{module.name}.{name}"))
    return list(found.values())


@pytest.mark.parametrize("pattern", patterns())
def test_a_long_line_takes_no_longer_than_short_ones(pattern: re.Pattern[Any]) -> None:
    assert seconds(pattern, LONG) < 10 * seconds(pattern, SHORT) + 0.2


def seconds(pattern: re.Pattern[Any], length: int) -> float:
    """Return the processor time that a pattern takes for as many characters in lines of a length."""
    line = [(kind * length)[:length] + "\n" for kind in KINDS]
    text = "".join(each * (LONG // length) for each in line)
    began = time.process_time()
    for _ in pattern.finditer(text if isinstance(pattern.pattern, str) else text.encode()):
        pass
    return time.process_time() - began
