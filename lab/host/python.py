"""What the first Python on the machine needs to know, before there is a .venv. Standard library alone."""

import sys
from pathlib import Path

from lab.language import tr

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (3, 11)


def refuse_old_python(advice: str) -> int:
    """Return 0, or 2 after a sentence if this Python is too old."""
    if sys.version_info >= OLDEST:
        return 0
    version = sys.version.split()[0]
    return fail(
        tr("forklab needs Python 3.11 or later, and this is {version}: {advice}", version=version, advice=advice)
    )


def fail(sentence: str) -> int:
    """Say what is missing, and return 2."""
    print(f"forklab: {sentence}", file=sys.stderr)
    return 2
