"""`lab` as a student goes through the exercises with it, from an empty home on."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab.exercises import EXERCISES, NUMBERS
from lab.student.seed import values_of
from lab.student.texts import fill
from lab.trace.timeline import columns
from tests.eventually import eventually
from tests.shell import shell
from tests.window import Window

ROOT = Path(__file__).parent.parent
ENGLISH, CHINESE = {"LANG": "en_US.UTF-8"}, {"LANG": "zh_CN.UTF-8"}
CJK = re.compile(r"[\u4e00-\u9fff]")
SEED = "client7"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def environment(home: Path, language: dict[str, str]) -> dict[str, str]:
    path = f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}"
    seat = {"HOME": str(home), "LAB_HOME": str(home), "LAB_SEED": SEED}
    return {"PATH": path, "PYTHONPATH": str(ROOT)} | seat | language


def start(home: Path, *words: str, language: dict[str, str] = ENGLISH) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "lab.student.cli", *words],
        env=environment(home, language),
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def lab(home: Path, *words: str, language: dict[str, str] = ENGLISH) -> tuple[int, str, str]:
    """Run `lab WORDS`, and return its status, output and complaints."""
    process = start(home, *words, language=language)
    out, err = process.communicate()
    return process.returncode, out, err


def solve(home: Path, slug: str, name: str = "reference.py") -> None:
    """Put a solution of the tests into the student's work, at once."""
    text = fill((ROOT / "tests/exercises" / slug / name).read_text(), values_of(slug, SEED))
    (home / "work").mkdir(exist_ok=True)
    (home / "new").write_text(text)
    (home / "new").replace(home / "work" / f"{slug}.py")


def remembered(home: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = json.loads((home / ".lab/progress.json").read_text())
    return found


@pytest.mark.parametrize("slug", ["local-socket", "timeout"])
def test_a_server_that_binds_its_name_alone_is_right_in_a_deep_folder_too(home: Path, slug: str) -> None:
    deep = home / ("d" * 100)
    deep.mkdir()
    solve(deep, slug)
    status, out, err = lab(deep, "check", slug)
    assert status == 0, out
    assert "and a socket's has at most 107" in err
    assert "套接字的路径最多 107 字节" in lab(deep, "check", "8", language=CHINESE)[2]


def test_from_an_empty_home_to_a_pass(home: Path) -> None:
    status, out, err = lab(home)
    assert (status, err) == (0, "")
    assert f"0 of {len(EXERCISES)} exercises passed" in out
    assert f"next: {NUMBERS[EXERCISES[0]]} {EXERCISES[0]}" in out

    assert lab(home, "check")[0] == 1, "nothing is begun"
    status, out, _ = lab(home, "start", "8")
    assert status == 0
    assert (home / "work/zombie.py").read_text().startswith("import os")
    assert re.search(r"8 … zombie", lab(home, "list")[1])

    status, out, err = lab(home, "check")
    assert (status, err) == (1, "")
    assert "8 zombie  A zombie, and its end: not yet" in out
    assert "R running  S sleeping" in out, "the timeline is there"

    solve(home, "zombie")
    status, out, err = lab(home, "check", "zombie")
    assert (status, err) == (0, ""), out
    assert "8 zombie  A zombie, and its end: passed" in out
    assert "Z" * 10 in out, "the timeline is there"
    assert {"started", "passed"} <= set(remembered(home)["zombie"])
    assert f"1 of {len(EXERCISES)} exercises passed" in lab(home)[1]


def test_a_verdict_says_what_was_seen_in_80_columns_in_both_languages(home: Path) -> None:
    solve(home, "zombie", "wrong_never_reaped.py")
    for language in (ENGLISH, CHINESE):
        status, out, err = lab(home, "check", "8", language=language)
        assert (status, err) == (1, "")
        assert max(map(columns, out.splitlines())) <= 80
        assert "\x1b" not in out
        assert bool(CJK.search(out)) == (language is CHINESE)
        if language is ENGLISH:
            sentence = r"your child \d+ was a zombie for [\d.]+ s, until its parent \d+ ended: no wait has returned it"
            assert re.search(sentence, re.sub(r"\s+", " ", out))


def test_json_is_a_document_an_exercise(home: Path) -> None:
    solve(home, "zombie")
    solve(home, "exit-status", "wrong_raw_status.py")
    status, out, err = lab(home, "check", "--json")
    assert (status, err) == (1, "")
    documents = [json.loads(line) for line in out.splitlines()]
    assert [document["slug"] for document in documents] == ["forklab/exit-status", "forklab/zombie"]
    assert all(set(document) == {"slug", "version", "seat", "results"} for document in documents)
    keys = {"name", "description", "passed", "log", "cause", "data", "dependency"}
    assert all(set(result) == keys for document in documents for result in document["results"])
    assert [result["passed"] for result in documents[1]["results"]] == [True] * 6
    failed = next(result for result in documents[0]["results"] if result["passed"] is False)
    assert failed["name"] == "printed"
    assert list(failed["cause"]) == ["rationale", "help", "expected", "actual"]
    assert failed["data"] == {"mistake": "raw-status"}


def test_start_never_writes_over_work(home: Path) -> None:
    lab(home, "start", "zombie")
    (home / "work/zombie.py").write_text("mine")
    status, out, _ = lab(home, "start", "zombie")
    assert status == 0
    assert "is there already" in out
    (home / "work/exit-status").write_text("mine")
    assert "is there already" in lab(home, "start", "6")[1]
    assert (home / "work/zombie.py").read_text() == "mine"
    assert not (home / "work/exit-status.py").exists()


def test_one_more_hint_each_time(home: Path) -> None:
    given = [lab(home, "hint", "8")[1] for _ in range(4)]
    assert [text.splitlines()[0][:8] for text in given[:3]] == ["hint 1/3", "hint 2/3", "hint 3/3"]
    assert "There are no more" in given[3]
    again = lab(home, "hint", "--again", "8")[1]
    assert all(text.partition("\n\n")[2].strip() in again for text in given[:3])
    assert lab(home, "hint", "8", language=CHINESE)[1].startswith("没有更多提示了")


@pytest.mark.parametrize("content", ["{", "[]", '{"zombie": 3}', '{"zombie": {"hints": "many"}}', "\0"])
def test_a_damaged_memory_costs_the_memory_alone(home: Path, content: str) -> None:
    (home / ".lab").mkdir()
    (home / ".lab/progress.json").write_text(content)
    for words in ((), ("list",), ("hint", "8"), ("start", "8")):
        status, _, err = lab(home, *words)
        assert (status, err) == (0, "")
    assert remembered(home)["zombie"]["hints"] == 1


def test_a_home_that_cannot_be_written_gets_a_sentence(home: Path) -> None:
    (home / ".lab").write_text("a file where a folder should be")
    (home / "work").write_text("this too")
    for words, sentence in ((("hint", "8"), "File exists"), (("start", "8"), "~/work is no folder: move it away")):
        status, _, err = lab(home, *words)
        assert (status, err.count("\n")) == (2, 1)
        assert sentence in err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show",), "which exercise? lab show N"),
        (("show", "99"), "no exercise '99': see `lab list`"),
        (("show", "zombi"), "did you mean zombie"),
        (("check", "exit_stats"), "did you mean exit-status, "),
        (("start", "../cli"), "no exercise '../cli'"),
        (("list", "all"), "use: lab list"),
        (("watch",), "which exercise? lab watch N"),
        (("hint", "8", "9"), "which exercise? lab hint N"),
    ],
)
def test_words_that_make_no_sense_cost_one_sentence(home: Path, words: tuple[str, ...], sentence: str) -> None:
    status, out, err = lab(home, *words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert sentence in err


def test_a_name_is_as_good_with_a_dash_an_underscore_or_as_a_number(home: Path) -> None:
    assert lab(home, "show", "6") == lab(home, "show", "exit-status") == lab(home, "show", "exit_status")


@pytest.mark.parametrize(
    ("files", "mistake"),
    [
        ({}, "no-program"),
        ({"zombie.py": "", "zombie": ""}, "two-programs"),
        ({"zombie": "#!/bin/sh\n"}, "not-executable"),
        ({"zombie*": "no\0program\n"}, "not-startable"),
        ({"zombie*": "#!/no/such/shell\n"}, "not-startable"),
    ],
)
def test_a_program_that_cannot_be_run_gets_a_sentence(home: Path, files: dict[str, str], mistake: str) -> None:
    (home / "work").mkdir()
    for name, content in files.items():
        path = home / "work" / name.rstrip("*")
        path.write_text(content)
        path.chmod(0o755 if name.endswith("*") else 0o644)
    status, out, err = lab(home, "check", "--json", "8")
    assert (status, err) == (1, "")
    (result,) = json.loads(out)["results"]
    assert (result["name"], result["data"]["mistake"]) == ("started", mistake)
    assert lab(home, "check", "8", language=CHINESE)[1].count("✗") == 1


@pytest.mark.parametrize("name", ["exit-status.py", "work/exit_status.py", "work/exit-status.py.txt"])
def test_a_program_of_another_name_or_place_is_found(home: Path, name: str) -> None:
    (home / "work").mkdir()
    (home / name).touch()
    out = " ".join(lab(home, "check", "6")[1].split())
    assert f"is it ~/{name}? Then: mv ~/{name} ~/work/exit-status.py" in out


@pytest.mark.parametrize("slug", ["zombie", "waitpid", "timeout"])  # to its end, on a terminal, as a server
def test_a_crash_is_told_with_its_line(home: Path, slug: str) -> None:
    (home / "work").mkdir()
    for program, told in (
        (b"import os\n\nprint(oss)\n", "line 3: NameError: name 'oss' is not defined"),
        (b"import os\nprint('\xc4\xe3')\n", "save the file in the encoding UTF-8"),
    ):
        (home / "work" / f"{slug}.py").write_bytes(program)
        status, out, _ = lab(home, "check", slug)
        assert status == 1
        assert told in " ".join(out.split())
        assert "[0m" not in out


def test_next_is_what_was_begun_last(home: Path) -> None:
    (home / ".lab").mkdir()
    (home / ".lab/progress.json").write_text(json.dumps({"zombie": {"started": 20}, "exit-status": {"started": 10}}))
    assert "go on: 8 zombie" in lab(home)[1]
    (home / ".lab/progress.json").write_text(json.dumps({"zombie": {"started": 20, "passed": 30}}))
    assert "next: 1 file-types" in lab(home)[1]


def test_watch_checks_at_every_change_until_it_passes(home: Path) -> None:
    lab(home, "start", "8")
    process = start(home, "watch", "8")
    said = until(process, "waiting for a change")
    assert "not yet" in said
    solve(home, "zombie", "wrong_never_reaped.py")
    said = until(process, "waiting for a change")
    assert "no wait has returned it" in " ".join(said.split())
    solve(home, "zombie")
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert "passed" in out


def test_ctrl_c_ends_a_watch_and_what_it_runs(home: Path) -> None:
    solve(home, "zombie", "wrong_hangs.py")
    process = start(home, "watch", "8")
    program, *_ = eventually(lambda: running(home / "work"))
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err
    eventually(lambda: program not in running(home / "work"))


def running(folder: Path) -> list[str]:
    """Return the pids of the processes that work in a folder."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if link.readlink() == folder:
                found.append(link.parent.name)
        except OSError:
            continue
    return found


def until(process: subprocess.Popen[str], text: str) -> str:
    """Return what a process prints, up to a line that has a text in it."""
    said = ""
    assert process.stdout
    while text not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    return said


def test_watch_sees_the_processes_of_a_live_exercise(home: Path) -> None:
    (home / "work").mkdir()
    names = values_of("states", SEED)
    with shell(home, **environment(home, ENGLISH)) as student:
        process = start(home, "watch", "states")
        until(process, "waiting for a change")
        for which in ("sleeping", "stopped"):
            student.enter(f"(exec -a {names[which]} sleep 1000) &")
        student.enter(f'until pgrep -P $$ -f "^{names["stopped"]} "; do :; done')  # before, it would still be a shell
        student.enter("kill -STOP %2")
        student.enter(f"(exec -a {names['running']} yes > /dev/null) &")
        out, err = process.communicate()
    assert (process.returncode, err) == (0, ""), out


def test_a_reader_who_has_seen_enough_is_no_trouble(home: Path) -> None:
    """`lab check | head`, with a head that has gone."""
    lab(home, "start", "8")
    ours, theirs = os.pipe()
    os.close(ours)
    words = [sys.executable, "-P", "-m", "lab.student.cli", "check"]
    done = subprocess.run(words, env=environment(home, ENGLISH), stdout=theirs, stderr=subprocess.PIPE, check=False)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (1, b"")


def test_colour_is_for_terminals_alone(home: Path) -> None:
    (home / "work").mkdir()
    for variables, is_coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        with shell(home, **environment(home, ENGLISH) | {"TERM": "xterm"} | variables) as student:
            student.enter("python3 -P -m lab.student.cli check 8")
            assert "there is no ~/work/zombie.py" in student.shown
            assert ("\x1b[31m✗" in student.shown) == is_coloured
            student.enter("python3 -P -m lab.student.cli list; echo status=$?")
            assert "status=0" in student.shown, "the terminal is as it was"


def test_what_takes_long_says_so_on_a_terminal(home: Path) -> None:
    solve(home, "zombie")
    words = [sys.executable, "-P", "-m", "lab.student.cli", "check", "8"]
    window = Window(words, environment(home, ENGLISH) | {"TERM": "xterm"})
    window.sees("\x1b78 zombie: looking …")
    assert window.sees("passed").startswith("\x1b8\x1b[K")
    assert window.ends() == 0


def test_a_check_starts_at_once(home: Path) -> None:
    """What is loaded is small: the modules of other exercises, and what only the host needs, are not."""
    program = "import sys; from checks.exercises.__main__ import main; main(['check']); print(*sys.modules)"
    words = [sys.executable, "-P", "-c", program]
    done = subprocess.run(words, env=environment(home, ENGLISH), capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"asyncio", "unittest", "docker", "rich", "pytest", "testinfra", "checks.exercises.zombie"}
