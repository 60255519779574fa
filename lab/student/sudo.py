"""What the seat's `sudo` (images/seat/sudo) says where it does not start a program, in the language that is read."""

import sys
from collections.abc import Sequence

from lab.language import speak_utf8, tr


def main(words: Sequence[str]) -> int:
    """Say what is asked for: `version`, `list`, or why something is refused, with the word that it is about."""
    speak_utf8()
    kind, word = words[0], words[1] if len(words) > 1 else ""
    if kind == "version":
        print(tr("sudo of forklab: nice and renice, and no root"))
    elif kind == "list":
        print(tr("In this seat you may run, without a password:"))
        print("    sudo nice -n -5 CMD\n    sudo renice -n -5 PID")
    else:
        print(refusal(kind, word), file=sys.stderr)
        return 1
    return 0


def refusal(kind: str, word: str) -> str:
    """Return the sentence of a refusal."""
    said = tr("sudo: a seat has 'sudo nice' and 'sudo renice', for a niceness below zero, and nothing else")
    why = {
        "whom": tr(": nobody here becomes {word}", word=word),
        "needs": tr(": {word} needs a word", word=word),
        "option": tr(": no option {word}", word=word),
    }
    return said + why.get(kind, "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
