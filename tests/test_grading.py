"""The reports of a class, from kept evidence alone: no seat, no engine."""

import base64
import csv
import errno
import gzip
import json
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jinja2.nodes import Assign, Const, Output, TemplateData
from requests import ConnectionError as NotConnectedError

from checks.grading import __main__ as judging
from checks.grading import files, html
from checks.grading.evidence import Grade, Report, read
from checks.judging import examine
from checks.judging.result import cause
from checks.judging.seat import Seat
from lab.host import compose, project
from lab.host.bringup import images
from lab.host.classroom import gathering
from lab.host.command import LabError
from lab.host.enrolment import roster
from lab.student.seed import values_of
from lab.student.texts import fill
from lab.trace.timeline import columns
from tests.browser import OpenPage

ROOT = Path(__file__).parent.parent
SLUGS = ("exit-status", "zombie")
VERSION = "0123456789ab"
JUDGED_BY = ("--lab-version", VERSION)
HOSTILE = "</svg><script>alert(1)</script>&\x00\x1b[31m"


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What was seen of four students: all right, all wrong, nothing there, and a seat that was down."""
    home = tmp_path_factory.mktemp("home")
    (home / "work").mkdir()

    def seen(slug: str, text: str) -> dict[str, Any]:
        (home / "work" / f"{slug}.py").write_text(text)
        return examine.observe(slug, Seat("seat", home), values_of(slug, "seat"))

    def solution(slug: str, name: str) -> dict[str, Any]:
        path = ROOT / "tests/exercises" / slug / name
        return seen(slug, fill(path.read_text(), values_of(slug, "seat")))

    return {
        "anna": {slug: solution(slug, "reference.py") for slug in SLUGS},
        "bo": {
            "exit-status": seen("exit-status", f"raise SystemExit({HOSTILE!r})"),
            "zombie": solution("zombie", "wrong_sleeping_child.py"),
        },
        "cy": {slug: examine.trouble("no-program") for slug in SLUGS},
        "dd": {slug: examine.trouble("could-not-run", "the seat is exited") for slug in SLUGS},
    }


NAMES = {"anna": "张三丰", "bo": "Bo <b>", "cy": "", "dd": "=1+1"}


@pytest.fixture
def folder(evidence: dict[str, dict[str, Any]], tmp_path: Path) -> Path:
    """The evidence, as `make grade` keeps it."""
    (tmp_path / "evidence").mkdir()
    for seat, found in evidence.items():
        kept = {"seat": seat, "name": NAMES[seat], "version": VERSION, "began": "2026-01-02T03:04:05+00:00"}
        exercises = {
            slug: {"values": values_of(slug, "seat"), "seconds": 1.0, "evidence": found[slug]} for slug in SLUGS
        }
        with gzip.open(tmp_path / "evidence" / f"{seat}.json.gz", "wt", encoding="utf-8") as file:
            json.dump(kept | {"exercises": exercises}, file)
    return tmp_path


def grade(folder: Path, *words: str, language: str = "en") -> subprocess.CompletedProcess[str]:
    """Judge what is in the folder, and write the reports beside it."""
    return subprocess.run(
        [sys.executable, "-m", "checks.grading", str(folder), *JUDGED_BY, "--to", str(folder / "reports"), *words],
        cwd=ROOT,
        env=os.environ | {"LANGUAGE": language},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_table_has_a_row_a_seat_in_80_columns(folder: Path) -> None:
    done = grade(folder)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert max(map(columns, lines[:-1])) <= 80
    rows = {line.split()[0]: line for line in lines if line.split()[:1] and line.split()[0] in NAMES}
    assert {seat: row.split()[-1] for seat, row in rows.items()} == {"anna": "✓✓", "bo": "✗✗", "cy": "··", "dd": "??"}
    assert "张三丰" in rows["anna"]
    assert "2/2" in rows["anna"]
    assert "dd: the seat is exited" in done.stdout


@pytest.mark.parametrize("slug", ["file-types", "states", "nice", "jobs", "fork-bomb"])
def test_what_is_live_and_was_never_begun_is_no_mistake(slug: str, tmp_path: Path) -> None:
    """As a program that is not there: nothing of it is to be seen in the seat."""
    (tmp_path / "work").mkdir()
    seat, values = Seat("seat", tmp_path), values_of(slug, "seat")
    seen = {"traces": [], "neighbours": None, "pids": [{"limit": 128, "refused": 0, "current": 3}] * 2}
    evidence = json.loads(json.dumps(seen if slug == "fork-bomb" else examine.observe(slug, seat, values)))
    assert Grade(slug, examine.judge(slug, evidence, values), evidence, 1.0).is_missing


@pytest.mark.parametrize("slug", ["file-types", "states"])
def test_what_was_begun_is_one(slug: str, tmp_path: Path) -> None:
    (tmp_path / "work/types").mkdir(parents=True)
    seat, values = Seat("seat", tmp_path), values_of(slug, "seat")
    words = ["bash", "-c", f"exec -a {values['sleeping']} sleep 1000"] if slug == "states" else ["sleep", "1000"]
    with subprocess.Popen(words, env={**os.environ, "LAB_HOME": str(tmp_path)}) as process:
        evidence = json.loads(json.dumps(examine.observe(slug, seat, values)))
        process.kill()
    grade = Grade(slug, examine.judge(slug, evidence, values), evidence, 1.0)
    assert grade.passed is False
    assert not grade.is_missing


@pytest.mark.parametrize(("seats", "code"), [("anna", 0), ("anna,bo", 1), ("cy", 1), ("anna,dd", 2), ("bo,dd", 2)])
def test_exit_codes(folder: Path, seats: str, code: int) -> None:
    assert grade(folder, "--seats", seats).returncode == code


def test_results_are_a_document_a_seat_in_check50s_shape(folder: Path) -> None:
    grade(folder)
    documents = json.loads((folder / "reports/results.json").read_text(encoding="utf-8"))
    assert [document["seat"] for document in documents] == list(NAMES)
    assert all(set(document) == {"slug", "version", "seat", "results"} for document in documents)
    results = {result["name"]: result for result in documents[1]["results"]}
    assert set(next(iter(results.values()))) == {"name", "description", "passed", "log", "cause", "data", "dependency"}
    assert results["zombie/zombie"]["passed"] is False
    assert re.search(r"your child \d+ slept for", results["zombie/zombie"]["cause"]["rationale"])
    assert results["zombie/reaped"]["passed"] is None
    assert results["zombie/reaped"]["dependency"] == "zombie/ends"
    assert {result["passed"] for result in documents[3]["results"]} == {None}


def test_junit_is_xml_whatever_a_program_has_printed(folder: Path) -> None:
    grade(folder)
    suites = ET.parse(folder / "reports/junit.xml").getroot()  # noqa: S314 (our own file)
    counts = [(suite.get("tests"), suite.get("failures"), suite.get("errors")) for suite in suites]
    assert counts == [("2", "0", "0"), ("2", "2", "0"), ("2", "2", "0"), ("2", "0", "2")]
    assert suites[0].get("name") == "张三丰 (anna)"
    assert "alert(1)" in suites[1][0][0].attrib["message"]
    assert [case[0].attrib["type"] for case in suites[1]] == ["crashed", "asleep"]
    assert [case[0].attrib["type"] for case in suites[3]] == ["unknown"] * 2


def test_the_matrix_opens_in_a_spreadsheet(folder: Path) -> None:
    grade(folder)
    raw = (folder / "reports/matrix.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "so that it is known to be UTF-8"
    rows = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert rows[0] == ["seat", "name", "passed", *SLUGS]
    assert rows[1] == ["anna", "张三丰", "2", "passed", "passed"]
    assert rows[2][2:] == ["0", "not yet", "not yet"]
    assert rows[3][2:] == ["0", "missing", "missing"]
    assert rows[4] == ["dd", "'=1+1", "0", "unknown", "unknown"], "a name is no formula"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(1)", "＝1+1", "＋1", "－1", "＠SUM(1)", "\t=1+1", "\r=1+1"])
def test_no_name_is_a_formula(name: str, tmp_path: Path) -> None:
    files.write_matrix(tmp_path / "matrix.csv", [Report("anna", name, "", "", [])])
    with (tmp_path / "matrix.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1] == ["anna", f"'{name}", "0"]


def test_the_page_needs_no_network_and_shows_each_verdicts_timeline(folder: Path) -> None:
    grade(folder)
    page = (folder / "reports/index.html").read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=['\"]?[^#'\"]", page)
    assert set(re.findall(r"https?://[^\s\"'<]+", page)) <= {"http://www.w3.org/2000/svg"}
    assert page.count("<svg") == 4, "a timeline for each program that ran"
    assert page.count("<style>") == 1
    assert "张三丰 (anna)" in page
    assert "Bo &lt;b&gt; (bo)" in page
    assert "<script>alert" not in page
    assert "\x00" not in page
    assert page.count("<details") == page.count("</details>") == 8
    assert page.count(" open>") == 4, "what is wrong, or could not be told, is seen at once"
    packed = re.findall(r'<figure data-trace="([^"]+)">', page)
    assert len(packed) == 4
    assert all(unpacked(text)["processes"] for text in packed)
    figures = sum(map(len, re.findall(r"<svg.*?</svg>", page, re.S)))
    assert sum(map(len, packed)) < figures / 2, "a class's page grows by less than half"


def test_a_verdicts_timeline_comes_alive_on_the_screen_and_stays_a_drawing_on_paper(
    folder: Path, open_page: OpenPage
) -> None:
    grade(folder)
    page = open_page(offline=True)
    page.goto((folder / "reports/index.html").as_uri())
    page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    for figure in page.locator("figure").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".trace-ps tbody tr").first.wait_for()
    assert page.locator("figure svg:visible").count() == 0
    assert page.locator("figure canvas:visible").count() == 4
    letters, words = (page.locator(f".trace-key li:first-child {tag}").first.bounding_box() for tag in ("i", "span"))
    assert letters
    assert words
    assert letters["x"] + letters["width"] <= words["x"], "the page's own lists look otherwise"
    page.emulate_media(media="print")
    assert page.locator("figure svg:visible").count() == 4
    assert page.locator("figure canvas:visible").count() == 0


def test_without_scripts_a_verdicts_timeline_is_a_drawing(folder: Path, open_page: OpenPage) -> None:
    grade(folder)
    page = open_page(java_script_enabled=False)
    page.goto((folder / "reports/index.html").as_uri())
    assert page.locator("details[open] figure svg:visible").count() > 0


class Events(HTMLParser):
    """What a browser makes of a page: its tags with their attributes, its text, and the texts of what is packed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[Any] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        packed = [value for name, value in attrs if name == "data-trace" and value]  # none in a template
        self.seen.append((tag, *((name, value) for name, value in attrs if value not in packed)))
        for value in packed:
            self.seen += leaves(unpacked(value))

    def handle_endtag(self, tag: str) -> None:
        self.seen.append((f"/{tag}",))

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


def unpacked(packed: str) -> Any:
    """Return the document of a timeline that a page has packed."""
    return json.loads(zlib.decompress(base64.b64decode(packed)))


def leaves(content: Any) -> list[str]:
    """Return what a document consists of, each name, number and text for itself."""
    if isinstance(content, dict):
        return [leaf for name, value in content.items() for leaf in (name, *leaves(value))]
    if isinstance(content, list):
        return [leaf for value in content for leaf in leaves(value)]
    return [str(content)]


def a_page_that_says(text: str, evidence: dict[str, dict[str, Any]]) -> str:
    """Return the page of a seat in which all that comes from a student, or a roster, is the same text."""
    (recorded,) = json.loads(json.dumps(evidence["anna"]["zombie"]["traces"]))
    for process in recorded["processes"]:
        process["commands"] = [[0, 1, {"comm": text, "cmdline": []}]]
    there = [process | {"gone": None} for process in recorded["processes"]]
    traces = [recorded, recorded | {"command": [], "processes": there}, recorded | {"processes": []}]
    result = {"name": "zombie", "description": text, "passed": False, "log": text, "data": {"remark": text}}
    wrong = result | {"cause": cause(text, text, text, text), "dependency": None}
    compared = [wrong, wrong | {"cause": cause(text, expected=text)}, wrong | {"cause": cause(text, actual=text)}]
    grade = Grade("zombie", compared, {"traces": traces}, 1.0)
    return "".join(html.page([Report(text, text, text, text, [grade])], text))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("text", ['<b>&"张三', "'><img src=x/>", "</pre>{{ 7*7 }}", "&lt;&#39;&amp"])
def test_no_text_of_a_students_is_more_than_text(
    text: str, language: str, evidence: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is that of a harmless text as wide, with this one in each place of it, letter by letter."""
    monkeypatch.setenv("LANGUAGE", language)
    harmless = "~" * columns(text)
    page = Events(a_page_that_says(text, evidence)).seen
    plain = Events(a_page_that_says(harmless, evidence)).seen
    assert repr(plain).count(harmless) >= 25
    assert page == [swapped(event, harmless, text) for event in plain]


def test_a_template_has_no_words_of_its_own() -> None:
    """They are in Python, where a translator's tools find them, and where both languages are."""
    folder = ROOT / "checks/grading/templates"
    templates = list(folder.glob("*.j2"))
    assert {path.stem for path in templates} >= {"layout.html", "class.html"}
    for path in templates:
        assert words_of(path.read_text(encoding="utf-8")) <= {"forklab"}, path.name


@pytest.mark.parametrize(
    "said", ["<p>passed</p>", '<td title="seen">', "{{ 'seen' if cell }}", '{% set x = "passed" %}']
)
def test_a_word_in_a_template_is_found(said: str) -> None:
    assert words_of(said)


def words_of(template: str) -> set[str]:
    """Return the words that a page has of a template alone: in its text, in what is read to a person, and as values."""
    tree = html.TEMPLATES.parse(template)
    said = [node.value for code in tree.find_all((Output, Assign)) for node in code.find_all(Const)]
    for event in Events("".join(node.data for node in tree.find_all(TemplateData))).seen:
        if isinstance(event, str):
            said.append(event)
        else:
            said += [value for name, value in event[1:] if name in ("title", "alt", "placeholder", "aria-label")]
    return set(re.findall(r"[^\W\d_]{2,}", " ".join(map(str, said)))) - {"open"}  # which is an attribute


def swapped(event: Any, old: str, new: str) -> object:
    """Return a tag or a text with another text in the place of one."""
    if isinstance(event, str):
        return event.replace(old, new)
    tag, *attributes = event
    return (tag, *((name, value and value.replace(old, new)) for name, value in attributes))


def test_the_same_evidence_gives_the_same_reports(folder: Path) -> None:
    grade(folder)
    before = {path.name: path.read_bytes() for path in (folder / "reports").iterdir()}
    grade(folder / "evidence")
    assert {path.name: path.read_bytes() for path in (folder / "evidence/reports").iterdir()} == before


def test_the_same_evidence_in_chinese(folder: Path) -> None:
    """What a person reads is Chinese, what a spreadsheet or a program reads is the same in both."""
    grade(folder)
    matrix = (folder / "reports/matrix.csv").read_bytes()
    done = grade(folder, language="zh_CN")
    assert "✓ 已通过  ✗ 尚未通过  · 尚未开始  ? 无法判断" in done.stdout
    assert max(map(columns, done.stdout.splitlines()[:-1])) <= 80
    assert (folder / "reports/matrix.csv").read_bytes() == matrix
    page = re.sub(
        r"<(svg|style|script|title|code).*?</\1>", "", (folder / "reports/index.html").read_text(), flags=re.S
    )
    assert "尚未通过" in page
    assert not re.search(
        r"\b(passed|not yet|missing|unknown|expected|seen|your|checks|class)\b", re.sub("<.*?>", "", page)
    )
    assert "没有证据" in grade(folder, "--seats", "eve", language="zh_CN").stderr


def test_some_exercises_are_shown_and_the_reports_stay_those_of_the_class(folder: Path) -> None:
    grade(folder)
    whole = (folder / "reports/results.json").read_text(encoding="utf-8")
    done = grade(folder, "--only", "8", "--seats", "anna")
    assert done.returncode == 0
    assert [line.split() for line in done.stdout.splitlines() if "张三丰" in line] == [["anna", "张三丰", "1/1", "✓"]]
    assert not any(line.startswith("bo") for line in done.stdout.splitlines())
    assert (folder / "reports/results.json").read_text(encoding="utf-8") == whole


@pytest.mark.parametrize("damage", [b"", b"no gzip", *(gzip.compress(data, mtime=0) for data in (b"{", b"[]", b"{}"))])
def test_damaged_evidence_gets_a_sentence(folder: Path, damage: bytes) -> None:
    (folder / "evidence/bo.json.gz").write_bytes(damage)
    done = grade(folder)
    assert done.returncode == 2
    assert "bo.json.gz is damaged" in done.stderr
    assert "Traceback" not in done.stderr


def alter(folder: Path, seat: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a seat's evidence."""
    path = folder / f"evidence/{seat}.json.gz"
    kept = json.loads(gzip.decompress(path.read_bytes()))
    change(kept)
    path.write_bytes(gzip.compress(json.dumps(kept).encode()))


def unforeseen(kept: dict[str, Any]) -> None:
    """Make of a record, and of a reason, something that no check knows."""
    kept["exercises"]["zombie"]["evidence"]["traces"][0]["processes"][0].pop("states")
    kept["exercises"]["exit-status"]["evidence"] = {"trouble": ["of-another-time", ""]}


def test_evidence_that_no_check_foresaw_is_nobodys_fault(folder: Path) -> None:
    alter(folder, "anna", unforeseen)
    done = grade(folder, "--seats", "anna")
    assert done.returncode == 2
    assert "anna: the check itself failed: KeyError" in done.stdout


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_another_version_has_recorded_is_judged_or_said_to_be_of_it(
    folder: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    alter(folder, "anna", unforeseen)
    anna, bo, *_ = read(folder / "evidence", "ba9876543210")
    words = {
        "en": r"recorded by another version of the lab \(0123456789ab\), and cannot be judged by this one \(ba98765432",
        "zh": "另一个版本（0123456789ab）记录的，本版本（ba9876543210）无法评判",
    }
    for result in anna.grades:
        assert result.passed is None
        assert result.cause
        assert re.search(words[language], result.cause["rationale"])
    assert [result.mistake for result in bo.grades] == ["crashed", "asleep"], "what can be judged is"


def test_a_class_of_another_version_is_said_to_be_so_once(folder: Path) -> None:
    for seat in ("anna", "bo"):
        alter(folder, seat, unforeseen)
    done = grade(folder, "--seats", "anna,bo", "--lab-version", "another")
    assert done.returncode == 2
    assert done.stdout.count("recorded by another version") == 1
    assert "anna, bo: this was recorded by another version" in done.stdout
    assert (folder / "reports/index.html").read_text().count("recorded by another version") == 4


MISTAKES = [
    (("--only", "zombi"), "did you mean zombie, jobs, fork-bomb?"),
    (("--seats", "eve"), "there is no evidence in"),
]


@pytest.mark.parametrize(("words", "sentence"), MISTAKES)
def test_a_mistake_gets_a_sentence(folder: Path, words: tuple[str, ...], sentence: str) -> None:
    done = grade(folder, *words)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_a_file_where_the_reports_should_be_gets_a_sentence(folder: Path) -> None:
    (folder / "reports").touch()
    done = grade(folder)
    assert done.returncode == 2
    assert done.stderr == f"forklab: the reports cannot be written to {folder / 'reports'}: File exists\n"


# Its first half, with seats that are stand-ins, and no engine.

ENGINE: Any = None


@pytest.fixture
def kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What is kept of an earlier grading of anna, bo, cy and dd; anna and bo are graded anew."""
    seats: list[Any] = [SimpleNamespace(labels={compose.SEAT: seat}) for seat in ("anna", "bo")]
    monkeypatch.setattr(gathering, "chosen", lambda *_: seats)
    monkeypatch.setattr(gathering, "add_neighbours", lambda *_: None)
    return files_in(folder / "evidence")


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def frame(kind: int, data: bytes) -> bytes:
    """Return what the engine sends of a stream: which, how long, and the data."""
    return struct.pack(">BxxxL", kind, len(data)) + data


SAID = frame(1, b"one\ntw") + frame(2, b"a warning\n") + frame(1, b"") + frame(1, b"o\n" + b"x" * 70_000 + b"\n")


@pytest.mark.parametrize("most", [1, 7, 8, 4096, len(SAID)])
def test_the_engines_frames_come_as_lines_however_the_kernel_cuts_them(most: int) -> None:
    here, there = socket.socketpair()
    with here, there, ThreadPoolExecutor() as pool:

        def say() -> None:
            for at in range(0, len(SAID), most):
                there.sendall(SAID[at : at + most])
            there.close()

        pool.submit(say)
        said = gathering.lines(here, threading.Event())
        assert [next(said), next(said), next(said)] == [b"one", b"two", b"x" * 70_000]
        with pytest.raises(gathering.LostError, match=r"^a warning$"):
            next(said)


@pytest.mark.parametrize("begun", [b"", b"\1\0\0", frame(1, b"one\ntwo")[:-1]])
def test_who_says_nothing_more_is_given_up(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a frame, within its header, within its data."""
    monkeypatch.setattr(gathering, "LOOK", 0.01)
    monkeypatch.setattr(gathering, "PATIENCE", 0.1)
    here, there = socket.socketpair()
    with here, there:
        there.sendall(begun)
        with pytest.raises(gathering.LostError, match="nothing came from the seat"):
            list(gathering.lines(here, threading.Event()))


def test_a_grading_that_is_stopped_reads_no_more() -> None:
    here, there = socket.socketpair()
    stop = threading.Event()
    with here, there:
        there.sendall(frame(1, b"one\n") + frame(1, b"two\n"))
        said = gathering.lines(here, stop)
        assert next(said) == b"one"
        stop.set()
        with pytest.raises(gathering.LostError, match="stopped"):
            next(said)


@pytest.mark.parametrize("error", [KeyboardInterrupt, NotConnectedError, OSError])
def test_what_interrupts_a_grading_leaves_the_old_evidence_whole(
    folder: Path, kept: dict[str, bytes], error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def observed(_: object, container: Any, *__: object) -> gathering.Gathered:
        if container.labels[compose.SEAT] == "bo":
            raise error
        return gathering.Gathered("anna", "", "now")

    monkeypatch.setattr(gathering, "grade_seat", observed)
    with pytest.raises(error):
        gathering.gather(ENGINE, [], [], folder / "evidence")
    assert files_in(folder / "evidence") == kept


def test_new_evidence_takes_the_place_of_all_of_the_old(
    folder: Path, kept: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        gathering, "grade_seat", lambda _, seat, *__: gathering.Gathered(seat.labels[compose.SEAT], "", "now")
    )
    gathering.gather(ENGINE, [], [], folder / "evidence")
    assert set(files_in(folder / "evidence")) == {"anna.json.gz", "bo.json.gz"} < set(kept)
    assert json.loads(gzip.decompress((folder / "evidence/anna.json.gz").read_bytes()))["version"] == "now"


def test_an_engine_that_has_gone_is_no_fact_about_a_seat(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> Iterator[dict[str, Any]]:
        raise NotConnectedError

    monkeypatch.setattr(gathering, "answers", gone)
    attributes = {"Config": {"Env": [], "User": "20001"}}
    container: Any = SimpleNamespace(labels={compose.SEAT: "anna"}, attrs=attributes)
    with pytest.raises(NotConnectedError):
        gathering.observe(ENGINE, container, SLUGS, gathering.Gathered("anna", "", ""), threading.Event(), print)


def test_reports_that_cannot_be_written_leave_the_old_ones_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grade(folder)
    before = files_in(folder / "reports")

    def no_space(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "write_matrix", no_space)
    with pytest.raises(OSError, match="No space"):
        judging.write(folder / "reports", list(read(folder / "evidence", VERSION)))
    assert files_in(folder / "reports") == before


@pytest.mark.parametrize("version", [VERSION, "another"])
def test_a_part_of_a_class_replaces_a_part_of_the_evidence(
    folder: Path, kept: dict[str, bytes], version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One exercise of two seats: other seats stay, and so do other exercises, if they were seen by the same version."""

    def observed(_: object, container: Any, *__: object) -> gathering.Gathered:
        gathered = gathering.Gathered(container.labels[compose.SEAT], "", version)
        gathered.add("zombie", {"number": 8}, {"traces": [], "trouble": ["no-program", ""]})
        return gathered

    monkeypatch.setattr(gathering, "grade_seat", observed)
    gathering.gather(ENGINE, ["anna", "bo"], ["zombie"], folder / "evidence")
    found = files_in(folder / "evidence")
    assert set(found) == set(kept)
    assert found["cy.json.gz"] == kept["cy.json.gz"]
    anna = json.loads(gzip.decompress(found["anna.json.gz"]))["exercises"]
    assert set(anna) == ({"zombie", "exit-status"} if version == VERSION else {"zombie"})
    assert anna["zombie"]["evidence"]["trouble"] == ["no-program", ""]


@pytest.mark.usefixtures("kept")
def test_a_second_grading_is_refused_and_what_a_killed_one_has_left_is_nobodys(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def observed(_: object, container: Any, *__: object) -> gathering.Gathered:
        with pytest.raises(LabError, match="Another make grade is at work"):
            gathering.gather(ENGINE, [], [], folder / "evidence")
        return gathering.Gathered(container.labels[compose.SEAT], "", "now")

    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setattr(gathering, "grade_seat", observed)
    (folder / "evidence" / gathering.NEW).mkdir()
    (folder / "evidence" / gathering.NEW / "eve.json.gz").touch()
    gathering.gather(ENGINE, [], [], folder / "evidence")
    assert set(files_in(folder / "evidence")) == {"anna.json.gz", "bo.json.gz"}


@pytest.mark.usefixtures("kept")
def test_evidence_that_cannot_be_kept_is_told_before_anything_is_graded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    (folder / "file").touch()
    with pytest.raises(LabError, match=f"no evidence can be kept in {folder}/file/evidence: Not a directory"):
        gathering.gather(ENGINE, [], [], folder / "file" / "evidence")


@pytest.mark.parametrize(("seats", "refused"), [([], True), (["bo", "anna"], True), (["anna"], False)])
def test_a_seat_without_a_container_is_said_to_have_none(
    seats: list[str], refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setattr(roster, "current", lambda: [roster.Seat("anna", "", "", 1), roster.Seat("bo", "", "", 2)])
    anna = SimpleNamespace(labels={compose.SEAT: "anna", images.VERSION_LABEL: images.version()})
    monkeypatch.setattr(project, "seat_containers", lambda _: {"anna": anna})
    if refused:
        with pytest.raises(LabError, match="There is no container of bo: make lab makes it"):
            gathering.chosen(ENGINE, seats)
    else:
        assert gathering.chosen(ENGINE, seats) == [anna]
