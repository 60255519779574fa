"""The language a person reads: English, which stands in the code, or one that lab/locale/ has, as the locale says.

A catalogue is gettext's (https://www.gnu.org/software/gettext/manual): lab/locale/LANGUAGE/LC_MESSAGES/forklab.po, from
English to another language, which the first who needs it compiles.
"""

import os
import sys
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

LOCALE = Path(__file__).resolve().parent / "locale"
COMPILED = LOCALE.parents[1] / ".lab" / "locale"  # unless they are beside their sources, as in the images
CATALOGUE = Path("LC_MESSAGES", "forklab")
SOURCE = "en"  # the language of the code


def chosen() -> str:
    """Return the language: "en", or the name of a catalogue, such as "zh_CN".

    The first of LANGUAGE, LC_ALL, LC_MESSAGES and LANG that is set decides, as gettext(3) has it: LANGUAGE may name
    several, with ":" between them, of which the first that there is counts. LANG is the shell's own, else the one that
    came along with ssh, else the class's.
    """
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if wanted := os.environ.get(variable):
            return _first_of(wanted)
    return SOURCE


@lru_cache
def _first_of(wanted: str) -> str:
    """Return the first that there is; another country's if it is the same language, as zh_CN for zh_TW."""
    there = sorted(path.name for path in LOCALE.iterdir())
    for locale in wanted.split(":"):
        code = locale.partition(".")[0].partition("@")[0].replace("-", "_").lower()
        language = code.partition("_")[0]
        if language in (SOURCE, "c", "posix"):
            return SOURCE
        same = [name for name in there if name.lower().partition("_")[0] == language]
        if same:
            return next((name for name in same if name.lower() == code), same[0])
    return SOURCE


def tag() -> str:
    """Return the language as a page names it, BCP 47: zh-CN."""
    return chosen().replace("_", "-")


def suffixes(language: str) -> tuple[str, str]:
    """Return the names under which a text in a language may be a file: zh_CN's, or zh's for every country."""
    return language, language.partition("_")[0]


@lru_cache
def _translations(name: str) -> NullTranslations:
    """Return a catalogue; that of the code's own language says what it is given."""
    if name == SOURCE:
        return NullTranslations()
    source = LOCALE / name / CATALOGUE.with_suffix(".po")
    for folder in (LOCALE, COMPILED):
        path = folder / name / CATALOGUE.with_suffix(".mo")
        if path.exists() and path.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            with path.open("rb") as file:
                return GNUTranslations(file)
    from lab.catalogue import compiled

    return compiled(source, path)


def tr(text: str, /, **values: object) -> str:
    """Return a text in the chosen language, with its {values}."""
    found = _translations(chosen()).gettext(text)
    return found.format(**values) if values else found


def tr_as(context: str, text: str, /, **values: object) -> str:
    """Return a text that other languages have several words for: the context says which is meant."""
    found = _translations(chosen()).pgettext(context, text)
    return found.format(**values) if values else found


def tr_count(number: int, one: str, many: str, /, **values: object) -> str:
    """Return a text about a number, {n}: for one, or for any other, or however the language has it."""
    return _translations(chosen()).ngettext(one, many, number).format(n=number, **values)


def speak_utf8() -> None:
    """Read and write UTF-8 on the standard streams under any locale, and never die of a byte that is not."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
