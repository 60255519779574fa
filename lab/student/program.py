"""The lab's own programs: other modules of it, run by this Python as this one is run.

`lab` and `chat` are started with -I, and so is what they start: a person's PYTHONPATH, a socket.py where they stand, or
a package of their own has no part in the lab. The environment goes on untouched, for the person's own programs.
"""

import os
import sys
from typing import NoReturn

from lab.trace.leader import environment_at_start


def command_of(module: str, *words: str) -> list[str]:
    """Return the command that runs a module of the lab."""
    apart = ["-I"] if sys.flags.isolated else ["-P"] if sys.flags.safe_path else []
    return [sys.executable, *apart, "-m", module, *words]


def become(module: str, *words: str) -> NoReturn:
    """Become a module of the lab, so that the process tree holds it and nothing of us."""
    sys.stdout.flush()
    os.execve(sys.executable, command_of(module, *words), environment_at_start())


def as_given() -> dict[str, str]:
    """Return our environment without what Python itself has put there, under the C locale (PEP 538)."""
    added = {"LC_CTYPE"} - set(map(os.fsdecode, environment_at_start()))
    return {name: value for name, value in os.environ.items() if name not in added}
