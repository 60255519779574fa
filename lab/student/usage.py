"""Words that a person types: what they stand for, or one sentence that says why they make no sense."""

import difflib
from collections.abc import Iterable

from lab.language import tr


class UsageError(Exception):
    """The words make no sense; the text says why, and what would, in one sentence. The exit status is 2."""


def find(word: str, names: Iterable[str], kind: str, listing: str) -> str:
    """Return the name that the word stands for, with - as good as _; else name the nearest."""
    known = {plain(name): name for name in names}
    if plain(word) in known:
        return known[plain(word)]
    nearest = ", ".join(known[name] for name in difflib.get_close_matches(plain(word), known, cutoff=0.4))
    hint = tr("; did you mean {nearest}?", nearest=nearest) if nearest else ""
    raise UsageError(tr("no {kind} {word!r}: see `{listing}`{hint}", kind=kind, word=word, listing=listing, hint=hint))


def plain(name: str) -> str:
    """Return a name as it is compared."""
    return name.replace("-", "_")
