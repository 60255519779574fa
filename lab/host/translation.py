"""What there is to translate, and what a language lacks: the sentences of the code, and the texts that are files.

The catalogues are gettext's, and Babel reads and writes them. `make language NAME=es` writes what is to be translated
into Spanish, `make lint` says what any language lacks.
"""

import io
import re
import string
from collections.abc import Iterator
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from lab.host import targets
from lab.host.command import LabError
from lab.host.python import ROOT
from lab.language import CATALOGUE, LOCALE, SOURCE, suffixes, tr

KEYWORDS = {"tr": None, "tr_as": ((1, "c"), 2), "tr_count": (2, 3)}
CODE = ("lab", "checks")
TEXTS = ("lab/exercises/*/*.en.md", "images/seat/welcome.en")


def extracted() -> Catalog:
    """Return the sentences that stand in the code, with where they do."""
    catalogue = Catalog(fuzzy=False)
    for path in sorted(path for folder in CODE for path in (ROOT / folder).rglob("*.py")):
        if path.name == "skeleton.py":
            continue
        for _, words, _, context in extract_from_file("python", path, keywords=KEYWORDS):
            catalogue.add(words, None, [(path.relative_to(ROOT).as_posix(), 0)], context=context)
    for _, text in targets.described():
        catalogue.add(text, None, [("Makefile", 0)])
    return catalogue


def languages() -> list[str]:
    """Name the languages that there are, but for that of the code."""
    return sorted(path.name for path in LOCALE.iterdir())


def source_of(language: str) -> Path:
    """Return where a language's catalogue is."""
    return LOCALE / language / CATALOGUE.with_suffix(".po")


def write(language: str) -> list[Path]:
    """Write the catalogue of a language, what is translated kept, and the English of texts that it has not.

    Return what was written. Raises LabError.
    """
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Z][A-Za-z]+)?", language) or language == SOURCE:
        raise LabError(tr("Which language? NAME=… is its code, such as es or pt_BR."))
    path = source_of(language)
    try:
        Locale.parse(language)
    except UnknownLocaleError as error:
        raise LabError(tr("Nobody knows a language {language!r}: NAME=es", language=language)) from error
    catalogue = read(language) if path.exists() else Catalog(locale=language, fuzzy=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    path.write_bytes(text_of(catalogue))
    missing = [(english, copy) for english, copy in texts(language) if not copy.exists()]
    for english, copy in missing:
        copy.write_bytes(english.read_bytes())
    return [path, *(copy for _, copy in missing)]


def read(language: str) -> Catalog:
    """Return the catalogue of a language."""
    with source_of(language).open("rb") as file:
        return read_po(file, locale=language)


def text_of(catalogue: Catalog) -> bytes:
    """Return a catalogue as its file has it."""
    file = io.BytesIO()
    write_po(file, catalogue, width=100, omit_header=False, include_lineno=False, sort_by_file=True)
    return file.getvalue()


def texts(language: str) -> Iterator[tuple[Path, Path]]:
    """Yield each text that is a file, and where it is in another language."""
    for pattern in TEXTS:
        for english in sorted(ROOT.glob(pattern)):
            copies = [english.with_name(english.name.replace(".en", f".{code}")) for code in suffixes(language)]
            yield english, next((copy for copy in copies if copy.exists()), copies[0])


def lacks(language: str) -> Iterator[str]:
    """Yield what a language lacks, a line each: what is not translated, or not as it should be."""
    there = read(language)
    for message in extracted():
        if message.id:
            found = there.get(message.id, message.context)
            if fault := "not in the catalogue" if found is None else fault_of(found):
                yield f"{source_of(language).relative_to(ROOT)}: {fault}: {first_of(message.id)!r}"
    for english, copy in texts(language):
        name = copy.relative_to(ROOT)
        if not copy.exists():
            yield f"{name}: not there"
        elif copy.read_bytes() == english.read_bytes():
            yield f"{name}: still English"


def fault_of(message: Message) -> str:
    """Return what is wrong with a translation, "" if nothing is."""
    forms = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    if not all(forms):
        return "not translated"
    if message.fuzzy:
        return "fuzzy"
    texts = (
        [message.id] if isinstance(message.id, str) else ["{n}", *message.id]
    )  # each form may have any of the values
    wanted = set().union(*map(placeholders, texts))
    if strangers := set().union(*map(placeholders, forms)) - wanted:
        return f"there is no value {', '.join(sorted(strangers))}"
    return ""


def placeholders(text: str) -> set[str]:
    """Return the names of the values in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def first_of(identity: str | tuple[str, ...] | list[str]) -> str:
    """Return the text, or the one for one."""
    return identity if isinstance(identity, str) else identity[0]
