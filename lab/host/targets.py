"""What `make` lists, and what it says of a target that is none, in another language than the Makefile's own.

    python3 -m lab.host.targets [TARGET]

It runs before there is any .venv: the standard library alone.
"""

import re
import sys
from collections.abc import Iterator, Sequence

from lab.host.python import ROOT
from lab.language import speak_utf8, tr

TARGET = re.compile(r"^([a-z]+):.* ## (.+)$", re.MULTILINE)


def main(words: Sequence[str]) -> int:
    """Print the targets; or, if one is named, that there is none of that name."""
    speak_utf8()
    if words:
        print(tr("forklab: there is no target {name!r}; make lists them", name=words[0]))
    else:
        for name, text in described():
            print(f"  make {name:10} {tr(text)}")
    return 0


def described() -> Iterator[tuple[str, str]]:
    """Yield each target, and what the Makefile says of it."""
    yield from TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
