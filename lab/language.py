"""The language a student reads: English, or Simplified Chinese, as the locale says."""

import os
import sys


def chosen() -> str:
    """Return "zh" or "en": the first of LANGUAGE, LC_ALL, LC_MESSAGES and LANG that is set decides.

    What begins with zh is Chinese, all else English, C.UTF-8 too. LANG is the shell's own, else the one that came along
    with ssh, else the class's.
    """
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := os.environ.get(variable):
            return "zh" if locale.lower().startswith("zh") else "en"
    return "en"


def tr(en: str, zh: str) -> str:
    """Return the text in the chosen language; both stand side by side, so that neither can be forgotten."""
    return zh if chosen() == "zh" else en


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its English words, such as "1 child was" or "3 children were"; Chinese has one form."""
    return f"{number} {one if number == 1 else many}"


def speak_utf8() -> None:
    """Read and write UTF-8 on the standard streams under any locale, and never die of a byte that is not."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
