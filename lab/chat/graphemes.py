"""What a person takes for one character, and how many columns of a terminal it has."""

import unicodedata

from lab.invisible import BARE_EMOJI, EMOJI_STYLE, ZWJ, ZWNJ

SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")
FLAG_HALVES = ("\U0001f1e6", "\U0001f1ff")
VOWELS_AND_FINALS = ("\u1160", "\u11ff")  # of Hangul: they go into the syllable that began before them


def graphemes(text: str) -> list[str]:
    """Return the characters of a text, each with its combining marks, a sequence of emoji as one (after UAX #29)."""
    found: list[str] = []
    for character in text:
        if found and _belongs(character, found[-1]):
            found[-1] += character
        else:
            found.append(character)
    return found


def _belongs(character: str, grapheme: str) -> bool:
    if unicodedata.category(character).startswith("M") or character in (ZWJ, ZWNJ):
        return True
    if _is_within(VOWELS_AND_FINALS, character) or _is_within(SKIN_TONES, character):
        return True
    if grapheme.endswith(ZWJ) and BARE_EMOJI.match(grapheme):
        return BARE_EMOJI.match(character) is not None
    return len(grapheme) == 1 and _is_within(FLAG_HALVES, grapheme) and _is_within(FLAG_HALVES, character)


def width(text: str) -> int:
    """Return the columns that a text takes, at most: terminals differ about emoji sequences, and none takes more."""
    return sum(map(_width, text)) + text.count(EMOJI_STYLE)


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf") or _is_within(VOWELS_AND_FINALS, character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" or _is_within(FLAG_HALVES, character) else 1


def _is_within(span: tuple[str, str], character: str) -> bool:
    return span[0] <= character <= span[1]
