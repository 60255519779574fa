"""A language that nobody speaks: every sentence as it is, between marks, so that what has none was not translated."""

import re
from pathlib import Path

from babel.messages.catalog import Catalog

from lab.host import translation
from lab.language import CATALOGUE

NAME = "qps"  # reserved for what is made up
MARKS = "⟦", "⟧"
# What is no language: names of programs, files, states, signals, functions, fields, keys, values.
TECHNICAL = re.compile(
    r"\blab:?( (show|start|check|watch|hint|list|demo|trace)\b)?|\b\d+ [a-z-]+|[/~][\w./~*-]+|[\w.-]+\.(?:py|sh|sock)"
    r"|\w+\(\)|[A-Z_]{2,}\d*|\*+ ?\w+|\w*[\d_=:.]\w*|[\w-]*“[^”]*”[\w-]*|\$ .*"
)
WORD = re.compile(r"[A-Za-z]{3,}")


def make(folder: Path) -> None:
    """Write its catalogue."""
    catalogue = Catalog(locale="en", fuzzy=False)
    for message in translation.extracted():
        if message.id:
            ids = [message.id] if isinstance(message.id, str) else message.id
            forms = tuple(text.join(MARKS) for text in ids)
            catalogue.add(message.id, forms if message.pluralizable else forms[0], context=message.context)
    path = folder / NAME / CATALOGUE.with_suffix(".po")
    path.parent.mkdir(parents=True)
    path.write_bytes(translation.text_of(catalogue))


def unmarked(text: str) -> list[str]:
    """Return the words that are in no sentence, and are not technical ones."""
    outside, depth = [], 0
    for char in text:
        depth += (char == MARKS[0]) - (char == MARKS[1])
        if not depth:
            outside.append(" " if char in MARKS else char)
    return WORD.findall(TECHNICAL.sub(" ", "".join(outside)))
