"""Characters that draw nothing: in names of the room and of the roster only where a script or an emoji needs them."""

import re
import unicodedata
from pathlib import Path

import pytest

from lab import invisible
from lab.chat.protocol import name_fault, normal_name
from lab.host.command import LabError
from lab.host.enrolment import roster
from lab.invisible import hidden, looks
from tests.chat_room import ChatServer

NEEDED = {
    "a conjunct, UAX #31 B": "ශ්\u200dරී",
    "another": "क्\u200dष",
    "no ligature, A2": "क्\u200cष",
    "a virama under a mark": "क़्\u200dष",
    "no stroke between, A1": "می\u200cترا",
    "with vowel signs": "مِی\u200cتَرا",
    "Pashto": "ښ\u200cړ",
    "N'Ko": "ߊ\u200cߋ",
    "an emoji as a picture": "❤\ufe0f",
    "a sequence": "👨\u200d👩\u200d👧",
    "both": "❤\ufe0f\u200d🔥",
    "a skin tone": "👩🏽\u200d🚀",
    "a flag": "🏳\ufe0f\u200d🌈",
    "a keycap": "1\ufe0f\u20e3",
    "in a sentence of both": "张三❤\ufe0f",
}
USELESS = {
    "Latin": "a\u200db",
    "Latin, non-joiner": "a\u200cb",
    "Chinese": "张\u200d三",
    "Hangul": "김\u200c철",
    "in front": "\u200dශ",
    "at the end": "ශ්\u200d",
    "a non-joiner at the end": "می\u200c",
    "twice": "می\u200c\u200cترا",
    "twice, joined": "ශ්\u200d\u200dරී",
    "no virama": "ශ\u200dර",
    "after a letter that never joins the next": "سا\u200cد",
    "before a sign": "می\u200c!",
    "a letter as a picture": "a\ufe0f",
    "a star that is no emoji": "★\ufe0f",
    "a picture twice": "❤\ufe0f\ufe0f",
    "a digit without its key": "1\ufe0f",
    "an emoji joined to nothing": "😀\u200d",
    "an emoji joined to a letter": "😀\u200da",
    "text style": "❤\ufe0e",
    "another selector": "葛\U000e0100",
    "a zero-width space": "x\u200by",
    "a word joiner": "x\u2060y",
    "a mark of direction": "a\u200e",
}


@pytest.mark.parametrize("name", NEEDED.values(), ids=NEEDED)
def test_what_is_needed_is_let_in_by_the_room_and_by_the_roster(name: str, tmp_path: Path) -> None:
    assert hidden(normal_name(name)) is None
    assert name_fault(normal_name(name)) is None
    assert [seat.name for seat in roster.read(written(tmp_path, name))] == [name]


@pytest.mark.parametrize("name", USELESS.values(), ids=USELESS)
def test_what_is_not_is_refused_by_both_and_named(name: str, tmp_path: Path) -> None:
    found = hidden(normal_name(name))
    assert found
    assert f"U+{ord(found):04X}" in (name_fault(normal_name(name)) or "")
    with pytest.raises(LabError, match=re.escape(f"U+{ord(found):04X}")):
        roster.read(written(tmp_path, name))


def written(folder: Path, name: str) -> Path:
    path = folder / "class.csv"
    path.write_text(f"seat,name,key\nanna,{name},\n", encoding="utf-8")
    return path


def test_two_who_differ_by_nothing_that_is_seen_are_one(chat_server: ChatServer) -> None:
    chat_server.connect("می\u200cترا")
    late = chat_server.connect()
    late.say("میترا")
    assert late.line().startswith("* error: the name میترا is taken")
    late.say("ترا")
    assert late.line() == "* welcome ترا, 2 online"
    assert looks("❤\ufe0f") == looks("❤")


def test_the_joining_letters_are_those_that_have_such_forms() -> None:
    """Unicode has the old presentation forms of the commonest: a letter with an initial one joins the next."""
    forms: dict[str, set[str]] = {}
    for code in [*range(0xFB50, 0xFE00), *range(0xFE70, 0xFF00)]:
        kind, _, letters = unicodedata.decomposition(chr(code)).partition(" ")
        if kind in ("<initial>", "<medial>", "<final>") and " " not in letters:
            forms.setdefault(chr(int(letters, 16)), set()).add(kind)
    assert len(forms) > 60
    for letter, kinds in forms.items():
        joins_next = "<initial>" in kinds or letter == "ں"  # which has one in later fonts
        assert bool(invisible.JOINS_NEXT.match(letter)) == joins_next, unicodedata.name(letter)
        assert invisible.JOINS_PREVIOUS.match(letter), unicodedata.name(letter)


def test_the_emoji_are_those_that_are_drawn_wide() -> None:
    wide = [chr(code) for code in range(0x1F300, 0x1FB00) if unicodedata.east_asian_width(chr(code)) == "W"]
    tones = range(0x1F3FB, 0x1F400)
    assert len(wide) > 900
    assert [sign for sign in wide if not invisible.BARE_EMOJI.match(sign) and ord(sign) not in tones] == []
