"""`lab` as a student types it: what it prints, in both languages, and what it becomes."""

import os
import re
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from lab.demos import DEMOS
from lab.language import tr_count

ROOT = Path(__file__).parent.parent
ENGLISH, CHINESE = {"LANG": "en_US.UTF-8"}, {"LANG": "zh_CN.UTF-8"}
CJK = re.compile(r"[\u4e00-\u9fff]")


def start(
    *words: str, environment: dict[str, str] = ENGLISH, cwd: Path = ROOT, flags: tuple[str, ...] = ()
) -> subprocess.Popen[str]:
    """Start `lab WORDS` as the images do, with nothing of this environment but what is named."""
    return subprocess.Popen(
        [sys.executable, *flags, "-m", "lab.student.cli", *words],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def lab(*words: str, environment: dict[str, str] = ENGLISH) -> tuple[int, str, str]:
    """Run `lab WORDS`, and return its status, output and complaints."""
    process = start(*words, environment=environment)
    out, err = process.communicate()
    return process.returncode, out, err


def columns(text: str) -> int:
    """Return the width of a text on a terminal."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",), ("help",)])
@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_help_is_one_screen_and_names_every_command(words: tuple[str, ...], language: dict[str, str]) -> None:
    status, out, err = lab(*words, environment=language)
    assert (status, err) == (0, "")
    assert len(out.splitlines()) <= 24
    assert max(map(columns, out.splitlines())) < 80
    assert {"lab demo", "lab trace"} <= {" ".join(line.split()[:2]) for line in out.splitlines()}
    assert bool(CJK.search(out)) == (language is CHINESE)


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_demo_lists_all_in_the_order_of_the_course(language: dict[str, str]) -> None:
    status, out, err = lab("demo", environment=language)
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in lines] == list(DEMOS)
    assert len({len(re.match(r"\w+ +", line)[0]) for line in lines}) == 1  # type: ignore[index]
    assert max(map(columns, lines)) <= 80
    assert all(CJK.search(line) for line in lines) == any(CJK.search(line) for line in lines) == (language is CHINESE)


def test_the_list_is_utf8_where_the_locale_is_not() -> None:
    environment = {"LC_ALL": "zh_CN.GBK", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    assert "僵尸进程" in lab("demo", environment=environment)[1]


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
@pytest.mark.parametrize("name", DEMOS)
def test_demo_explains_in_one_language_and_runs(name: str, language: dict[str, str], tmp_path: Path) -> None:
    process = start("demo", name, environment={**language, "TMPDIR": str(tmp_path)})
    assert process.stdout
    waits = "ready pid=" in (ROOT / f"lab/demos/{name}.py").read_text()
    said = ""
    while waits and not said.endswith(f"\nready pid={process.pid}\n"):
        said += process.stdout.readline()
    if waits:
        process.terminate()
    rest, err = process.communicate()
    explanation = said or rest
    assert (process.returncode, err) == (0, "") or name == "local_client"
    assert bool(CJK.search(explanation.splitlines()[0])) == (language is CHINESE)
    assert ("Source:" in explanation) == (language is ENGLISH) != ("出处：" in explanation)
    assert waits == bool(re.search("Ctrl-C ends it|按 Ctrl-C 结束", explanation))


def test_demo_becomes_the_demo_and_hands_it_its_words() -> None:
    process = start("demo", "nice", "19")
    assert process.stdout
    while process.stdout.readline() != f"ready pid={process.pid}\n":
        pass
    assert process.stdout.readline() == "ni=19\n"
    command = Path(f"/proc/{process.pid}/cmdline").read_text().rstrip("\0").split("\0")
    assert command == [sys.executable, "-m", "lab.demos.nice", "19"]
    process.send_signal(signal.SIGTERM)
    assert process.communicate() == ("", "")


def test_demo_hands_on_words_that_look_like_options() -> None:
    status, _, err = lab("demo", "nice", "--fast")
    assert status == 2
    assert "--fast" in err


def test_demo_accepts_a_dash_for_the_underscore() -> None:
    assert lab("demo", "one-by-one")[0] == 0


def test_demo_runs_from_any_folder_and_no_file_there_stands_in_for_a_module(tmp_path: Path) -> None:
    (tmp_path / "signal.py").write_text("raise SystemExit('the wrong signal')")
    (tmp_path / "lab").mkdir()
    process = start("demo", "fork", cwd=tmp_path, flags=("-P",))
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert "child pid=" in out


@pytest.mark.parametrize("name", ["zombie", "double-fork"])
def test_source_is_the_file(name: str) -> None:
    path = ROOT / f"lab/demos/{name.replace('-', '_')}.py"
    assert lab("demo", "--source", name) == (0, path.read_text(), "")


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        (("demo", "zombi"), "no demo 'zombi': see `lab demo`; did you mean zombie?", "您想输入的是 zombie 吗？"),
        (("demo", "--source", "xyz"), "no demo 'xyz': see `lab demo`", "没有示例 'xyz'：见 `lab demo`"),
        (("demo", "../cli"), "no demo '../cli': see `lab demo`", "没有示例"),
        (("demo", "--sauce", "fork"), "use: lab demo", "用法：lab demo"),
        (("demo", "--source"), "use: lab demo", "用法：lab demo"),
        (("demos",), "no command 'demos': see `lab`; did you mean demo?", "没有命令 'demos'"),
    ],
)
def test_words_that_make_no_sense_cost_one_sentence(words: tuple[str, ...], english: str, chinese: str) -> None:
    for language, expected in ((ENGLISH, english), (CHINESE, chinese)):
        status, out, err = lab(*words, environment=language)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert expected in err


def test_trace_is_handed_its_words_and_its_status() -> None:
    assert lab("trace", "--help")[0] == 0
    assert lab("trace", "--json", "sh", "-c", "exit 3")[0] == 3


def test_trace_is_loaded_only_where_it_is_used() -> None:
    program = (
        "import sys, lab.student.cli; lab.student.cli.main(['demo']); sys.exit('lab.trace.recording' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.DEVNULL).returncode == 0


@pytest.mark.parametrize(("number", "said"), [(0, "0 checks"), (1, "1 check"), (2, "2 checks")])
def test_one_is_one(number: int, said: str) -> None:
    assert tr_count(number, "{n} check", "{n} checks") == said
