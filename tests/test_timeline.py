"""The timeline, in the terminal and as SVG: what is drawn where, in which language, in how many columns."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.trace import svg, timeline
from lab.trace.history import Command, Exit, History, Output, Span, Trace
from tests.test_trace import Person, person

__all__ = ["person"]

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


def spans(*changes: tuple[float, Any], until: float) -> tuple[Span[Any], ...]:
    """Return spans: each value from its moment until the next."""
    ends = [moment for moment, _ in changes[1:]] + [until]
    return tuple(Span(start, end, value) for (start, value), end in zip(changes, ends, strict=True))


def process(pid: int, ppid: int, *states: tuple[float, str], until: float, **more: Any) -> History:
    first = states[0][0]
    history = History(
        pid=pid, start=pid, uid=0, first_seen=first, last_seen=until, gone=until, exit=None,
        states=spans(*states, until=until), parents=spans((first, ppid), until=until),
        groups=spans((first, 2), until=until), sessions=spans((first, 1), until=until),
        niceness=spans((first, 0), until=until), threads=spans((first, 1), until=until),
        foreground=spans((first, False), until=until),
        commands=spans((first, Command("python3", ("/usr/bin/python3", f"{pid}.py"))), until=until),
    )  # fmt: skip
    return replace(history, **more)


def trace(*processes: History, seconds: float = 1.0, **more: Any) -> Trace:
    whole = Trace(
        command=("python3", "zombie.py"), began=0.0, seconds=seconds, interval=0.01, longest_gap=0.012, samples=100,
        pid=processes[0].pid, leader=1, ended=seconds, exit=Exit(0, None), cut=None, left_running=(), unrecorded=0,
        terminal=False, stdout=Output(""), stderr=Output(""), outsiders={1: "tini"}, processes=processes,
    )  # fmt: skip
    return replace(whole, **more)


PARENT = process(2, 1, (0.0, "R"), (0.1, "S"), until=1.0)
ZOMBIE = process(3, 2, (0.2, "S"), (0.5, "Z"), until=0.8, exit=Exit(7, None))


def row(text: str, pid: int) -> str:
    """Return the cells of a process's row."""
    (line,) = [line for line in text.splitlines() if re.match(rf"[│├└─ …]*{pid} ", line)]
    return line.rpartition(" ")[2]


WHOLE = """\
1.00 s, 100 samples every 10 ms, longest gap 12 ms: python3 zombie.py
                 ┬0 s───────┬0.2───────┬0.4───────┬0.6───────┬0.8───────
2 python3 2.py   RRRRRRSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS
└─3 python3 3.py ...........SSSSSSSSSSSSSSSSZZZZZZZZZZZZZZZZZ...........
                                            ╰ exit 7

R running  S sleeping  D uninterruptible  T stopped  Z zombie  . not there
a letter is 18.2 ms; of several states in it, the first of Z D T R S is shown
exit status 0"""


def test_births_too_short_to_be_seen_are_marked_on_the_drawing() -> None:
    missed = (Span(0.1, 0.11, 4), Span(0.5, 0.51, 12), Span(0.51, 0.52, 3))
    drawn = svg.draw(trace(PARENT, ZOMBIE, missed=missed))
    root = ET.fromstring(drawn)  # noqa: S314 (our own)
    name = "{http://www.w3.org/2000/svg}"
    marks = [path for path in root.iter(f"{name}path") if path.get("class") == "missed"]
    texts = [element.text for element in root.iter(f"{name}text")]
    assert len(marks) == 2, "of those too near to each other the first"
    assert {"4", "12"} <= set(texts)
    assert "3" not in texts
    assert 'class="missed"' not in svg.draw(trace(PARENT, ZOMBIE))


def test_the_whole_of_a_small_timeline() -> None:
    assert timeline.draw(trace(PARENT, ZOMBIE), 72) == WHOLE


def test_a_letter_stands_at_its_time_and_dots_where_there_is_no_process() -> None:
    cells = timeline.cells(ZOMBIE, timeline.Scale(1.0, 10))
    assert cells == "..SSSZZZ.."


def test_a_short_zombie_is_never_invisible() -> None:
    short = process(3, 2, (0.2, "S"), (0.501, "Z"), until=0.502)
    assert timeline.cells(short, timeline.Scale(100.0, 50)) == "Z" + "." * 49


def test_of_several_states_in_a_cell_the_most_notable_is_shown() -> None:
    for first, second in zip("ZDTR", "DTRS", strict=True):
        for states in ((first, second), (second, first)):
            history = process(2, 1, (0.0, states[0]), (0.05, states[1]), until=0.1)
            assert timeline.cells(history, timeline.Scale(0.1, 1)) == first


def test_a_child_stands_below_its_parent_and_an_orphan_keeps_its_place() -> None:
    orphan = process(5, 3, (0.3, "S"), until=1.0, parents=spans((0.3, 3), (0.8, 1), until=1.0))
    later = process(4, 2, (0.4, "S"), until=0.9)
    text = timeline.draw(trace(PARENT, ZOMBIE, orphan, later), 80)
    names = re.findall(r"^[│├└─ ]*\d (?=p)", text, re.MULTILINE)
    assert names == ["2 ", "├─3 ", "│ └─5 ", "└─4 "]
    assert "adopted by 1 (tini)" in text


def test_children_stand_in_the_order_of_their_birth_where_the_pids_begin_anew() -> None:
    """All of one tick; 32767 is the highest, and 300 the lowest that is given again."""
    born = [process(pid, 2, (0.2, "S"), until=0.8, start=20) for pid in (32766, 32767, 300, 302)]
    drawn = timeline.draw(trace(PARENT, *sorted(born, key=lambda child: child.pid)))
    places = [drawn.index(f" {child.pid}.py") for child in born]
    assert places == sorted(places)


def test_a_note_points_at_its_moment() -> None:
    nice = process(2, 1, (0.0, "S"), until=1.0, niceness=spans((0.0, 0), (0.5, 5), until=1.0))
    lines = timeline.draw(trace(nice), 80).splitlines()
    start = lines[1].index("┬")
    (note,) = [line for line in lines if "niceness 0 → 5" in line]
    assert note.index("╰") - start == pytest.approx((80 - start) / 2, abs=1)


def test_the_exit_status_stands_at_the_end() -> None:
    assert timeline.draw(trace(PARENT)).endswith("\nexit status 0")
    killed = timeline.draw(trace(PARENT, exit=Exit(None, 9), cut="time", left_running=(7,), unrecorded=5))
    assert killed.splitlines()[-4:] == [
        "the time was up: what still ran was ended",
        "could not be ended: 7",
        "5 more processes, too many to record",
        "exit status 137: killed by SIGKILL",
    ]
    assert timeline.draw(trace(PARENT, exit=None)).endswith("not known")


NAMES = [
    "python3 zombie.py",
    "聊天服务器：张三和李四和王五和赵六和孙七和周八和吴九和郑十",
    "e\u0301" * 60,
    "x" * 300,
    "\x1b[2J\x07",
]


@pytest.mark.parametrize("width", [60, 80, 133])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_line_fits_and_the_columns_are_straight(
    name: str, width: int, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    named = {"commands": spans((0.0, Command(name[:5], (name,))), until=1.0)}
    chain = [process(n, n - 1, (0.0, "S"), until=1.0, exit=Exit(None, 15), **named) for n in range(2, 20)]
    text = timeline.draw(trace(*chain, command=(name,)), width)
    assert max(map(timeline.columns, text.splitlines()[:-4])) == width
    starts = {timeline.columns(line.rstrip("S")) for line in text.splitlines() if line.endswith("SSSSSSSSSS")}
    assert len(starts) == 1
    assert "\x1b" not in text


def test_a_note_near_the_right_edge_stands_left_of_its_moment() -> None:
    late = process(2, 1, (0.0, "S"), until=1.0, exit=Exit(None, 15))
    (note,) = [line for line in timeline.draw(trace(late), 80).splitlines() if "SIGTERM" in line]
    assert note.endswith("killed by SIGTERM ╯")


def test_chinese_readers_get_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "zh")
    orphan = process(3, 2, (0.0, "Z"), until=1.0, exit=Exit(3, None), parents=spans((0.0, 2), (0.5, 1), until=1.0))
    for text in (timeline.draw(trace(PARENT, orphan, cut="linger")), svg.draw(trace(PARENT, orphan, cut="linger"))):
        for words in ("僵尸", "不可中断", "被 1 (tini) 收养", "退出码 3", "退出状态 0", "后代进程运行过久"):
            assert words in text


def test_many_processes_are_cut_off_and_counted() -> None:
    crowd = [process(n, 2, (0.1, "S"), until=1.0) for n in range(3, 200)]
    lines = timeline.draw(trace(PARENT, *crowd)).splitlines()
    assert len(lines) < 80
    assert "… and 138 more processes, which --json has" in lines


def test_a_chain_of_a_thousand_is_drawn() -> None:
    chain = [process(n, n - 1, (0.0, "S"), until=1.0) for n in range(2, 1002)]
    assert timeline.draw(trace(*chain)).count("\n") < 80
    assert ET.fromstring(svg.draw(trace(*chain)))  # noqa: S314 (our own)


def test_the_drawing_has_a_bar_for_each_state_to_scale() -> None:
    root = ET.fromstring(svg.draw(trace(PARENT, ZOMBIE)))  # noqa: S314 (our own)
    name = "{http://www.w3.org/2000/svg}"
    bars = {
        hint.text: float(bar.attrib["width"])
        for bar in root.iter(f"{name}rect")
        if (hint := bar.find(f"{name}title")) is not None
    }
    assert bars["Z 0.500–0.800 s"] == pytest.approx(bars["R 0.000–0.100 s"] * 3, rel=0.01)


def test_a_short_zombie_is_seen_in_the_drawing_too_and_on_top() -> None:
    short = process(3, 2, (0.0, "S"), (50.0, "Z"), (50.001, "S"), until=100.0)
    drawn = svg.draw(trace(PARENT, short, seconds=100.0))
    assert re.search(rf'class="Z" x="[\d.]+" y="[\d.]+" width="{svg.LEAST}"', drawn)
    assert drawn.index("Z 50.000") > drawn.index("S 50.001")


def test_names_in_the_drawing_cannot_become_markup() -> None:
    named = {"commands": spans((0.0, Command("<b>", ("<script>&\x00",))), until=1.0)}
    assert ET.fromstring(svg.draw(trace(process(2, 1, (0.0, "S"), until=1.0, **named)))) is not None  # noqa: S314 (our own)


@pytest.mark.parametrize(("environment", "colour"), [("", True), ("NO_COLOR=1", False), ("TERM=dumb", False)])
def test_colour_is_for_terminals_and_never_against_the_persons_wish(
    person: Person, environment: str, colour: bool
) -> None:
    person.type(f"TERM=xterm {environment} {sys.executable} -m lab.trace true\n")
    assert ("\x1b[" in person.expect("exit status 0")) == colour


def test_without_a_terminal_there_is_no_colour_and_80_columns() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    command = [sys.executable, "-m", "lab.trace", "sleep", "0.1"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    assert "\x1b" not in done.stdout
    assert max(map(timeline.columns, done.stdout.splitlines())) == 80
