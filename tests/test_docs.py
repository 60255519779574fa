"""The documentation says what is so: its commands run, its links lead somewhere, its pages name what exists."""

import os
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from lab.fabfile.development import LINTERS
from lab.trace.timeline import columns
from tests.clone import ROOT, run
from tests.documented import commands

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def test_ci_calls_the_test_command_of_the_readme() -> None:
    assert commands("README.md")[:2] == ["make lab", "make test"]
    assert "exec make test\n" in (ROOT / ".ci" / "run").read_text()


def test_the_chat_without_a_container(tmp_path: Path) -> None:
    """The block of docs/chat.md, line by line in one shell, as an ordinary Python would run it."""
    script = "\n".join(commands("docs/chat.md")).replace("/tmp/forklab.sock", f"{tmp_path}/s")
    wait = f"\nuntil test -S {tmp_path}/s.admin; do :; done\n"  # made when the other is listened on
    done = subprocess.run(
        ["sh", "-c", script.replace(" &\n", f" &{wait}", 1) + "\nkill $!\nwait $!\n"],
        cwd=ROOT,
        env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[1:] == ["* welcome 张三, 1 online", "* nobody is online"]


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/author.md"])
def test_every_command_for_who_works_on_it(page: str) -> None:
    shown = commands(page)
    assert len(shown) >= 3
    assert [command for command in shown if not is_right(command)] == []


@pytest.mark.parametrize(
    "command",
    ["make lnit", ".venv/bin/pytest tests/test_gone.py", ".venv/bin/pytest tests/test_proc.py -k nobody", "ls"],
)
def test_a_command_that_is_none_is_caught(command: str) -> None:
    assert not is_right(command)


def is_right(command: str) -> bool:
    """Tell whether a target is there, or whether pytest finds what it is to run; it does not run it."""
    program, *words = shlex.split(command)
    if program == "make":
        return f"\n{words[0]}: " in (ROOT / "Makefile").read_text(encoding="utf-8")
    return program == ".venv/bin/pytest" and run(program, *words, "--collect-only").returncode == 0


def test_a_commits_hooks_are_what_make_lint_runs() -> None:
    hooks = re.findall(r"entry: \.venv/bin/(.+)", (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert hooks == [re.sub(r" --(quiet|no-error-summary)", "", command) for command in LINTERS]


def test_every_file_is_as_editors_are_told_to_leave_it() -> None:
    """See .editorconfig; and a line of its that a file does not keep would be changed by whoever opens that file."""
    told = (ROOT / ".editorconfig").read_text(encoding="utf-8")
    assert {"charset = utf-8", "end_of_line = lf", "insert_final_newline = true"} <= set(told.splitlines())
    for name in run("git", "ls-files", "-z").stdout.split("\0"):
        if name and not name.endswith(".png") and (content := (ROOT / name).read_bytes()):
            assert content.endswith(b"\n"), name
            assert not re.search(rb"[ \t\r]+$", content, re.MULTILINE), name
            assert content.decode("utf-8"), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_wire_of_the_labs_picture_begins_and_ends_at_a_box() -> None:
    svg = "{http://www.w3.org/2000/svg}"
    drawing = ET.parse(ROOT / "docs" / "lab.svg")  # noqa: S314
    boxes = [
        tuple(float(box.attrib[side]) for side in ("x", "y", "width", "height"))
        for box in drawing.iter(f"{svg}rect")
        if box.get("class")
    ]
    wires = [wire for path in drawing.iter(f"{svg}path") for wire in path.attrib["d"].split("M")[1:]]
    assert len(wires) == 7  # the room's: the server and three seats; the gate's: three doors
    for wire in wires:
        assert [_is_at_the_edge(x, y, boxes) for x, y in _ends(wire)] == [True, True], wire


def _ends(wire: str) -> list[tuple[float, float]]:
    """Return where an SVG path of one start and H and V lines begins and ends."""
    x, y = map(float, wire.split()[:2])
    start = (x, y)
    for kind, value in re.findall(r"([HV])(\d+)", wire):
        x, y = (float(value), y) if kind == "H" else (x, float(value))
    return [start, (x, y)]


def _is_at_the_edge(x: float, y: float, boxes: list[tuple[float, ...]]) -> bool:
    return any(
        (x in (left, left + width) and top <= y <= top + height)
        or (y in (top, top + height) and left <= x <= left + width)
        for left, top, width, height in boxes
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_that_a_page_names_exist(page: Path) -> None:
    named = re.findall(r"`((?:lab|images|tests|checks|docs)/[\w./-]*)`", page.read_text(encoding="utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_welcome_of_a_seat_fits_a_terminal_and_names_lab(language: str) -> None:
    lines = (ROOT / f"images/seat/welcome.{language}").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 24
    assert max(map(columns, lines)) <= 80
    assert any(line.split()[:1] == ["lab"] for line in lines)


def test_no_host_of_a_registry_and_no_path_of_a_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in tracked.split("\0"):
        if name and (ROOT / name).is_file() and not name.endswith(".png"):
            text = (ROOT / name).read_text(encoding="utf-8")
            assert not re.search(r"(pypi|debian|npmjs|ubuntu)\.(org|com)\b", text), name
            assert f"{ROOT}/" not in text, name
