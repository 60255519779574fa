"""Bytes to lines, and names: any bytes in any cuts give the same lines and faults, in bounded memory."""

import itertools
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.chat.outbox import QUEUE_LIMIT, Line, Outbox, QueueFullError
from lab.chat.protocol import (
    MAX_LINE,
    MAX_NAME,
    Fault,
    LineParser,
    clean,
    encode,
    name_fault,
    normal_name,
)
from lab.invisible import looks

LIMIT = 8  # small, so that hypothesis meets it often
STREAMS = st.lists(st.sampled_from([b"\n", b"a", b"\r", "é".encode(), "你".encode(), b"\xff", b"12345678"])).map(
    b"".join
)


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    marks = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in itertools.pairwise(marks)]


def parsed(pieces: list[bytes], limit: int = MAX_LINE) -> list[str | Fault]:
    parser = LineParser(limit)
    return [*(line for piece in pieces for line in parser.feed(piece)), *parser.finish()]


def plainly(data: bytes, limit: int) -> list[str | Fault]:
    """What the parser must say, by the plainest means: all bytes at once."""
    *ended, rest = data.split(b"\n")
    lines = [_judged(line, limit) for line in ended]
    if len(rest) > limit:
        return [*lines, Fault.TOO_LONG]
    return [*lines, Fault.UNFINISHED] if rest else lines


def _judged(line: bytes, limit: int) -> str | Fault:
    if len(line) > limit:
        return Fault.TOO_LONG
    try:
        return line.decode()
    except UnicodeDecodeError:
        return Fault.NOT_UTF8


@given(st.one_of(st.binary(), STREAMS), st.lists(st.integers(min_value=0)))
def test_any_cuts_give_the_same_lines_and_faults(data: bytes, cuts: list[int]) -> None:
    assert parsed(in_pieces(data, cuts), LIMIT) == plainly(data, LIMIT)


@given(STREAMS)
def test_byte_by_byte_too(data: bytes) -> None:
    assert parsed([bytes([byte]) for byte in data], LIMIT) == plainly(data, LIMIT)


@given(st.lists(st.binary(max_size=3 * LIMIT)))
def test_it_never_holds_more_than_one_line(pieces: list[bytes]) -> None:
    parser, seen = LineParser(LIMIT), b""
    for piece in pieces:
        list(parser.feed(piece))
        seen += piece
        assert len(vars(parser)["_start"]) <= LIMIT
        assert parser.is_inside == (seen != b"" and not seen.endswith(b"\n"))


def test_a_megabyte_without_a_newline_is_one_fault_and_no_memory() -> None:
    parser = LineParser()
    faults = [fault for _ in range(1024) for fault in parser.feed(b"x" * 1024)]
    assert faults == [Fault.TOO_LONG]
    assert sys.getsizeof(vars(parser)["_start"]) < 100
    assert list(parser.feed(b"\nnext\n")) == ["next"]


@pytest.mark.parametrize(("length", "answer"), [(4095, "x" * 4095), (4096, "x" * 4096), (4097, Fault.TOO_LONG)])
def test_4096_bytes_are_a_line_and_4097_are_not(length: int, answer: str | Fault) -> None:
    assert parsed([b"x" * length + b"\n", b"next\n"]) == [answer, "next"]


def test_the_limit_counts_bytes_not_characters() -> None:
    assert parsed([("你" * 1365).encode() + b"x\n"]) == ["你" * 1365 + "x"]
    assert parsed([("你" * 1366).encode() + b"\n"]) == [Fault.TOO_LONG]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_character_cut_by_the_newline_is_a_fault_and_the_next_line_is_not(size: int) -> None:
    cut = "𝄞".encode()[:size]
    assert parsed([b"ab" + cut, b"\nnext\n"]) == [Fault.NOT_UTF8, "next"]


def test_each_fault_has_a_reason_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    english = {fault.reason for fault in Fault}
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    chinese = {fault.reason for fault in Fault}
    assert len(english | chinese) == 2 * len(Fault)
    assert all(reason.isascii() for reason in english)
    assert not any(reason.isascii() for reason in chinese)


@given(st.text())
def test_clean_drops_control_characters_only(text: str) -> None:
    assert clean(text) == "".join(char for char in text if char == "\t" or not is_control(char))


def test_every_control_character_is_dropped() -> None:
    controls = [chr(code) for code in range(0x110000) if is_control(chr(code))]
    assert clean("".join(controls)) == "\t"
    assert len(controls) == 65 + 2 + 9


def is_control(char: str) -> bool:
    """Ask Unicode: C0 and C1, the two separators, and the embeddings, overrides and isolates of UAX #9."""
    turns = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    return unicodedata.category(char) in ("Cc", "Zl", "Zp") or unicodedata.bidirectional(char) in turns


def test_clean_leaves_no_escape_sequence() -> None:
    assert clean("a\x1b[31mb\x9b2Jc\x07\x00\x7f\td\r") == "a[31mb2Jc\td"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_name_that_passes_is_safe_to_show(line: str) -> None:
    name = normal_name(line)
    if name_fault(name) is None:
        assert 1 <= len(name) <= MAX_NAME
        assert name == unicodedata.normalize("NFC", name) == clean(name)
        assert not set(name) & set(" \t:\n\u202e\u200b\ufeff")
        assert all(char.isprintable() or unicodedata.category(char) in ("Cn", "Co") for char in looks(name))
        assert encode(name).decode() == name + "\n"


@pytest.mark.parametrize(
    "name", ["张三", "a", "x" * 32, "O'Neil", "名" * 32, "no-reply", "administrator", "é", "-x", "王*", "🐧"]
)
def test_good_names(name: str) -> None:
    assert name_fault(normal_name(name)) is None


BAD_NAMES = {
    "empty": "",
    "too long": "x" * 33,
    "reserved": "admin",
    "reserved, shouted": "ADMIN",
    "reserved, full width": "ａｄｍｉｎ",
    "space": "zhang san",
    "ideographic space": "张　三",
    "colon": "a:b",
    "escape sequence": "\x1b[31mred",
    "bell": "a\x07",
    "C1": "a\x9b2J",
    "right-to-left override": "a\u202eb",
    "right-to-left isolate": "a\u2067b",
    "zero-width space": "ad\u200bmin",
    "zero-width joiner": "a\u200db",
    "byte order mark": "\ufeffbob",
    "soft hyphen": "a\u00adb",
    "hangul filler": "\u3164",
    "braille blank": "\u2800",
    "variation selector": "a\ufe0f",
    "line separator": "a\u2028b",
    "another's seat": "x(client2)",
    "another's seat, full width": "x（client2）",
    "another's seat, ornamental": "x❨client2❩",
    "a bracketed letter": "x⒜",
    "star": "*bob",
    "slash": "/who",
    "combining mark": "\u0301a",
    "only a mark": "\u0301",
}


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_bad_names(name: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    reason = name_fault(normal_name(name))
    assert reason
    assert reason.isascii() == (language == "en")
    assert reason == clean(reason), "the complaint must not carry what it complains of"


def test_two_spellings_of_one_name_are_one() -> None:
    assert normal_name("e\u0301") == normal_name("é") == normal_name("é\r")


class Wire:
    """A socket whose kernel buffer takes so many bytes."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.taken = b""

    def sendmsg(self, pieces: list[bytes]) -> int:
        data = b"".join(pieces)[: self.room]
        if not data:
            raise BlockingIOError
        self.room -= len(data)
        self.taken += data
        return len(data)


def outbox_on(wire: Wire) -> Outbox:
    return Outbox(wire)  # type: ignore[arg-type]


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=30), st.lists(st.integers(0, 40)))
def test_an_outbox_loses_and_swaps_nothing_whatever_the_kernel_takes(lines: list[bytes], rooms: list[int]) -> None:
    wire, settled = Wire(0), list[bytes]()
    outbox = outbox_on(wire)
    for data, room in zip(lines, rooms + [0] * len(lines), strict=False):
        line = Line(data)
        outbox.put(line)
        line.release()
        line.when_settled(lambda data=data: settled.append(data))  # type: ignore[misc]
        wire.room += room
        outbox.flush()
        assert wire.taken.startswith(b"".join(settled)), "told too early"
    wire.room = 1 << 20
    outbox.flush()
    assert not outbox
    assert wire.taken == b"".join(lines)
    assert settled == lines


def test_an_outbox_is_full_at_its_limit_and_not_before() -> None:
    outbox = outbox_on(Wire(0))
    for _ in range(QUEUE_LIMIT // 1024):
        outbox.put(Line(b"x" * 1024))
    with pytest.raises(QueueFullError):
        outbox.put(Line(b"x"))


@pytest.mark.parametrize("end", ["let_go", "close"])
def test_a_reader_that_does_not_read_or_is_gone_unsettles_no_line(end: str) -> None:
    wire, told = Wire(3), list[str]()
    outbox, line = outbox_on(wire), Line(b"hello\n")
    outbox.put(line)
    line.release()
    line.when_settled(lambda: told.append("settled"))
    assert not told
    getattr(outbox, end)()
    assert told == ["settled"]
    later = Line(b"later\n")
    outbox.put(later)
    later.release()
    assert later.is_settled
    wire.room = 100
    outbox.flush()
    assert wire.taken == (b"hello\nlater\n" if end == "let_go" else b"hel")
