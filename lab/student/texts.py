"""What a student reads of an exercise, in the student's language, with this seat's values in it."""

import re
from pathlib import Path

from lab.exercises import COURSE, EXERCISES, NUMBERS, folder
from lab.language import SOURCE, chosen, suffixes, tr
from lab.student.seed import Values
from lab.student.usage import UsageError, find


def title(slug: str) -> str:
    """Return the title: the first line of the statement."""
    return read(slug, "statement").partition("\n")[0].removeprefix("# ")


def statement(slug: str, values: Values) -> str:
    """Return the whole statement."""
    return fill(read(slug, "statement"), values).rstrip()


def hints(slug: str, values: Values) -> list[str]:
    """Return the hints, from a nudge to nearly there."""
    return [hint.strip() for hint in re.split(r"^---$", fill(read(slug, "hints"), values), flags=re.MULTILINE)]


def skeleton(slug: str, values: Values) -> str | None:
    """Return what the student's file begins as, None if it begins empty."""
    path = folder(slug) / "skeleton.py"
    if not path.exists():
        return None
    is_chinese = chosen().startswith("zh")  # the program of a student who reads neither is commented in English
    text = re.sub(r"# (.+) \| (.+)$", lambda both: f"# {both[1 + is_chinese]}", path.read_text("utf-8"), flags=re.M)
    return fill(text, values)


def fill(text: str, values: Values) -> str:
    """Put the values where the text has {{name}}; raise KeyError for a name that is none of theirs."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: str(values[found[1]]), text)


def read(slug: str, name: str) -> str:
    """Return a text in the chosen language, in English if it has not been translated."""
    return next(path for path in in_languages(folder(slug), name) if path.exists()).read_text(encoding="utf-8")


def in_languages(where: Path, name: str) -> list[Path]:
    """Return where a text may be: in the language of a country, in the language, in English."""
    return [where / f"{name}.{code}.md" for code in (*suffixes(chosen()), SOURCE)]


def exercise(word: str) -> str:
    """Return the slug that a number or a name stands for. Raises UsageError."""
    if word.isdecimal() and 1 <= int(word) <= len(COURSE):
        word = COURSE[int(word) - 1]
    if word in NUMBERS and word not in EXERCISES:
        raise UsageError(tr("exercise {word} is not in this lab", word=word))
    return find(word, EXERCISES, tr("exercise"), "lab list")
