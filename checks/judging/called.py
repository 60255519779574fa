"""What a process is called: by the kernel, as its argument 0, or as the script that it runs."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from lab.trace import Command, History

SHELLS = ("sh", "bash", "dash")
INTERPRETER = re.compile(r"(ba|da|k|z)?sh|python[\d.]*|perl[\d.]*|ruby|node|lua")
WITH_VALUE = {"python": "WX", "perl": "I", "sh": "oO"}  # the letters of options whose value may be the next word
LONG_WITH_VALUE = ("--check-hash-based-pycs", "--rcfile", "--init-file")
NO_SCRIPT = {"python": "c", "perl": "eE", "sh": "c"}  # the letters of options that bring the program with them


def is_shell(command: Command) -> bool:
    """Tell whether a shell runs: a script's own name is its comm, and the interpreter the first of its words."""
    first = command.cmdline[0] if command.cmdline else command.comm
    return PurePath(first).name.removeprefix("-") in SHELLS


def names(history: History) -> set[str]:
    """Return what a process may be said to be called: by the kernel, as argument 0 (exec -a), or as a script."""
    found = {history.command.comm}
    for words in (span.value.cmdline for span in history.commands):
        found |= {PurePath(word).name for word in words[:1]}
        if script := script_of(words):
            found |= {script.name, script.stem}
    return found


def script_of(words: Sequence[str]) -> PurePath | None:
    """Return the script that an interpreter was given, behind its options and their values; None if it has none."""
    interpreter = PurePath(words[0]).name if words else ""
    if not INTERPRETER.fullmatch(interpreter):
        return None
    kind = next((name for name in WITH_VALUE if interpreter.startswith(name)), "sh")
    left = iter(words[1:])
    for word in left:
        if word == "--":
            break
        if not word.startswith(("-", "+")) or word in ("-", "+"):
            return PurePath(word)
        if not word.startswith("--") and brings_its_program(kind, word[1:]):
            return None
        for _ in range(values_behind(kind, word)):
            next(left, None)
    return PurePath(script) if (script := next(left, None)) else None


def brings_its_program(kind: str, letters: str) -> bool:
    """Tell whether one of an option's letters has the program as its value, as `sh -c` has; not a letter of a value."""
    for letter in letters:
        if letter in NO_SCRIPT[kind]:
            return True
        if kind != "sh" and letter in WITH_VALUE[kind]:
            return False
    return False


def values_behind(kind: str, word: str) -> int:
    """Return how many of the words behind an option are its values: `bash -eo pipefail`, `python3 -uW ignore`."""
    if word.startswith("--"):
        return int(word in LONG_WITH_VALUE)
    if kind == "sh":
        return sum(letter in WITH_VALUE[kind] for letter in word[1:])
    return int(word[-1] in WITH_VALUE[kind] and not any(letter in WITH_VALUE[kind] for letter in word[1:-1]))
