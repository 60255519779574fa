"""The steps of the bring-up where something is missing or breaks: a sentence, a command, exit code 2."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
import pytest
from docker.errors import APIError
from requests import Response
from rich.cells import cell_len

from lab.host import command, targets
from lab.host.bringup import engine, images, packages
from lab.host.command import CommandError, LabError, answer, reported, stream
from lab.host.step import Step
from lab.language import tr
from tests.clone import ROOT, clone_into, run
from tests.compiled import compiled
from tests.eventually import PATIENCE, eventually

NOBODY = 65534
FAB = Path(sys.prefix, "bin", "fab")


def path_without_docker(folder: Path) -> str:
    """Return a PATH that has every program of ours but docker's."""
    for place in ("/usr/bin", "/bin", "/usr/sbin", "/sbin"):
        for program in Path(place).iterdir():
            link = folder / program.name
            if not program.name.startswith("docker") and not link.is_symlink():
                link.symlink_to(program)
    return str(folder)


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="the sentence is Debian's")
def test_without_an_engine_that_may_be_installed(tmp_path: Path) -> None:
    done = run(str(FAB), "-r", "lab", "engine", PATH=path_without_docker(tmp_path), LAB_INSTALL="no")
    assert done.returncode == 2
    assert "LAB_INSTALL=no forbids to install it. Install it: make engine LAB_INSTALL=yes" in done.stderr
    assert "make local" in done.stderr


def test_without_a_compiler_or_a_browser_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "apt-get").symlink_to("/bin/true")
    (tmp_path / "gcc").write_text("#!/bin/sh\necho libc.a\n")  # as it answers where the library is missing
    (tmp_path / "gcc").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("LAB_INSTALL", "no")
    monkeypatch.setenv("LANGUAGE", "en")
    with pytest.raises(LabError, match="LAB_INSTALL=no forbids to install it: install gcc and libc6-dev"):
        packages.get_compiler(Step("gcc"))
    with pytest.raises(LabError, match="LAB_INSTALL=no forbids to install it: install chromium"):
        packages.get_browser(Step("browser"))
    compiled.cache_clear()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AssertionError, match="There is no C compiler here: install gcc and libc6-dev"):
        compiled("int main(void) { return 0; }")


def test_without_a_daemon_and_without_root() -> None:
    """An ordinary user is told what root has to do."""
    program = (
        "import os\nfrom lab.host import step, command\nfrom lab.host.bringup import engine\n"
        "current = step.Step('engine')\n"
        f"os.geteuid() or os.setuid({NOBODY})\n"
        "engine.Found.look = classmethod(lambda cls: cls(None, '2.20.0', '0.13'))\n"
        "try:\n    engine.ensure(current)\n"
        "except command.LabError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin"}
    )
    assert "sudo make engine" in done.stdout or "sudo usermod -aG docker" in done.stdout, done.stdout + done.stderr
    assert "make local" in done.stdout


@pytest.mark.parametrize(
    ("ends", "starts"),
    [
        ("exit 0", 1),  # told to end
        ("exit 1", 1),  # cannot start
        ("kill -KILL $$", 2),
        ("exit 2", 2),  # a Go program's own crash
    ],
)
def test_an_engine_that_was_killed_or_has_crashed_starts_again(ends: str, starts: int, tmp_path: Path) -> None:
    count = tmp_path / "starts"
    daemon = f"echo started >> {count}; [ $(wc -l < {count}) = 2 ] || {{ {ends}; }}"
    assert run("sh", "-c", engine.KEEP_RUNNING, "engine", "sh", "-c", daemon).returncode == 0
    assert len(count.read_text().splitlines()) == starts


@pytest.mark.parametrize(
    ("settings", "words"), [(None, ["--live-restore"]), ("{}", ["--live-restore"]), ('{"live-restore": false}', [])]
)
def test_live_restore_is_said_once(
    settings: str | None, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setting that is in the daemon's file as well as in its command keeps it from starting."""
    monkeypatch.setattr(engine, "DAEMON_SETTINGS", tmp_path / "daemon.json")
    if settings:
        (tmp_path / "daemon.json").write_text(settings)
    assert engine.daemon_command()[1:] == words


def test_a_full_disk_says_so_and_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        stream(["dd", "if=/dev/zero", "of=/dev/full", "count=1"], tmp_path / "log", print)
    assert "No space left on device" in str(caught.value)
    assert "docker system prune" in str(caught.value)


def test_a_full_disk_under_our_own_log(tmp_path: Path) -> None:
    (tmp_path / "log").symlink_to("/dev/full")
    with pytest.raises(LabError, match="docker system prune"), reported():
        stream(["echo", "much"], tmp_path / "log", print)


def test_a_port_that_is_taken_names_the_way_out() -> None:
    said = "Error response from daemon: driver failed: Bind for 0.0.0.0:2222 failed: port is already allocated"
    assert "make lab LAB_PORT=" in str(CommandError(["docker"], 1, said))


@pytest.mark.parametrize(
    "said",
    [
        "Error response from daemon: all predefined address pools have been fully subdivided",
        "failed to create network forklab_gate: Error response from daemon: could not find an available, "
        "non-overlapping IPv4 address pool among the defaults to assign to the network",
    ],
)
def test_an_engine_without_addresses_names_the_way_out(said: str) -> None:
    assert "docker network prune" in str(CommandError(["docker"], 1, said))


def test_an_engine_in_a_user_namespace_names_the_way_out() -> None:
    said = 'runc run failed: error during container init: error mounting "sysfs" to rootfs: operation not permitted'
    assert "userns-remap" in str(CommandError(["docker"], 1, said))


def test_an_engine_that_dies_meanwhile_gets_a_sentence(tmp_path: Path) -> None:
    gone = docker.DockerClient(base_url=f"unix://{tmp_path}/engine.sock", version="1.41")
    with pytest.raises(LabError, match="does not answer any more: make lab starts it"), reported():
        gone.containers.list()


def test_what_the_engine_refuses_is_told_in_its_words() -> None:
    with pytest.raises(LabError) as caught, reported():
        raise APIError("409 Client Error", response=Response(), explanation="volume is in use")
    assert str(caught.value) == "volume is in use"


def test_an_engine_that_hangs_is_one_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "ANSWER_SECONDS", 0.1)
    assert answer("sleep", "1000") is None


@pytest.mark.parametrize("interrupted", ["SOURCES", "PREFERENCES"])
def test_no_newer_debian_without_the_pin_that_keeps_it_away(
    interrupted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half done, the host's next upgrade must not be one to another Debian."""
    monkeypatch.setattr(engine, "distribution", lambda: "debian")
    monkeypatch.setenv("LAB_MIRROR", "http://mirror.invalid/debian")
    for name in ("SOURCES", "PREFERENCES"):
        monkeypatch.setattr(engine, name, tmp_path / name)
    (tmp_path / interrupted).mkdir()
    with pytest.raises(IsADirectoryError):
        engine._pin_newer_suite(Step("engine"))
    assert not (tmp_path / "SOURCES").is_file()
    assert (tmp_path / "PREFERENCES").is_file() == (interrupted == "SOURCES")


def test_a_failed_command_brings_its_words_its_code_and_its_last_lines(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        stream(["sh", "-c", "seq 100; exit 9"], tmp_path / "log", lambda _: None)
    assert str(caught.value).splitlines() == ["`sh -c 'seq 100; exit 9'` ended with 9:", *map(str, range(89, 101))]
    assert len((tmp_path / "log").read_text().splitlines()) == 101, "the log has all of it"


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        stream(["no-such-program"], tmp_path / "log", print)


@pytest.mark.parametrize("name", ["lab/chat/server.py", "images/seat/sudo", "images/Dockerfile", ".dockerignore"])
def test_the_images_version_follows_what_goes_into_them(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone_into(tmp_path)
    monkeypatch.setattr(images, "ROOT", tmp_path)
    before = images.version()
    (tmp_path / "lab" / "fabfile" / "__init__.py").write_text("the host's side is no part of it")
    assert images.version() == before
    with (tmp_path / name).open("a") as file:
        file.write("\n")
    assert images.version() != before


def test_a_venv_that_was_interrupted_is_made_again(tmp_path: Path) -> None:
    """Ctrl-C while pip works leaves no `.complete`, so the next make starts over."""
    clone_into(tmp_path)
    (tmp_path / "requirements.lock").write_text("iniconfig==2.3.1 --hash=sha256:" + "0" * 64 + "\n")
    first = run("make", "lint", cwd=tmp_path)
    assert first.returncode == 2
    assert "the packages could not be installed" in first.stderr
    assert not (tmp_path / ".venv" / ".complete").exists()
    shutil.rmtree(tmp_path / ".venv")
    process = subprocess.Popen(
        ["make", "lint"], cwd=tmp_path, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    eventually((tmp_path / ".venv" / "pyvenv.cfg").exists)
    os.killpg(process.pid, 2)
    _, errors = process.communicate(timeout=PATIENCE)
    assert b"stopped; `make` again goes on from here" in errors
    assert not (tmp_path / ".venv" / ".complete").exists()


def test_what_only_the_tests_need_comes_with_make_test(tmp_path: Path) -> None:
    """Their lock is held against its hashes too; what could not be installed is tried again, what is there is left."""
    clone_into(tmp_path)
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    lock = tmp_path / "requirements-test.lock"
    lock.write_text("iniconfig==2.3.1 --hash=sha256:" + "0" * 64 + "\n")
    add = [sys.executable, "-c", "import sys; from lab.host.bringup import venv; sys.exit(venv.add_for_tests())"]
    first = run(*add, cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert (first.returncode, (venv / ".tested").exists()) == (2, False)
    assert "the packages could not be installed" in first.stderr
    lock.write_text("")
    assert "requirements-test.lock" in run(*add, cwd=tmp_path, PYTHONPATH=str(tmp_path)).stdout
    assert (venv / ".tested").exists()
    again = run(*add, cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert (again.returncode, again.stdout) == (0, "")


def test_nothing_that_make_lab_installs_is_for_the_tests_browser() -> None:
    named = [
        re.findall(r"^(\S+)==", (ROOT / name).read_text(), re.M)
        for name in ("requirements.lock", "requirements-test.lock")
    ]
    assert "playwright" in named[1]
    assert not set(named[0]) & set(named[1])


HOLD = """
import sys
from pathlib import Path
from lab.host.lock import locked
with locked(Path(sys.argv[1]), lambda: print("waiting", flush=True), shared="shared" in sys.argv):
    print("in", flush=True)
    sys.stdin.read()
"""


def hold(folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start a process that holds a folder's lock until its stdin ends."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def hears(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout
    assert process.stdout.readline() == f"{word}\n"


def test_one_make_at_a_time(tmp_path: Path) -> None:
    """Who comes second waits and says so; who is killed holds nothing; those who share wait for nobody who shares."""
    first, second = hold(tmp_path), None
    try:
        hears(first, "in")
        second = hold(tmp_path, "shared")
        hears(second, "waiting")
        first.kill()
        hears(second, "in")
        with hold(tmp_path, "shared") as third:
            hears(third, "in")
            third.communicate()
        with hold(tmp_path) as alone:
            hears(alone, "waiting")
            second.kill()
            hears(alone, "in")
            alone.communicate()
    finally:
        for process in (first, second):
            if process:
                process.kill()
                process.communicate()


def test_two_makes_at_once_in_a_fresh_clone(tmp_path: Path) -> None:
    """One of them makes the .venv, the other waits and finds it made."""
    clone_into(tmp_path)
    (tmp_path / "requirements.lock").write_text("")
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "lab.host.bringup.venv"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=100)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(text.count("another make is at work here") for text in said) == [0, 1]
    assert sorted(text.count(".venv from requirements.lock") for text in said) == [0, 1]
    assert (tmp_path / ".venv" / ".complete").exists()


@pytest.mark.engine
def test_two_labs_of_one_engine_may_remove_what_is_left_at_the_same_time() -> None:
    def prune(_: int) -> None:
        images.prune(docker.from_env())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(prune, range(160)))  # the engine refuses all but one at a time: 49 of 160


@pytest.mark.parametrize(("locale", "language"), [("C", "en"), ("zh_CN.UTF-8", "zh_CN")])
def test_make_says_what_there_is_in_80_columns_and_either_language(
    locale: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    told = [tr(text) for _, text in targets.described()]
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    shown = run("make", LANGUAGE="", LANG=locale).stdout.splitlines()
    assert [line.split(maxsplit=2)[2] for line in shown] == told
    assert max(map(cell_len, shown)) <= 80
    nothing = run("make", "nonsense", LANGUAGE="", LANG=locale)
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert nothing.stderr.splitlines()[0] == tr(
        "forklab: there is no target {name!r}; make lists them", name="nonsense"
    )


def test_every_target_is_a_task_or_says_what_it_does() -> None:
    targets = [line.split()[1] for line in run("make").stdout.splitlines()]
    assert targets == [
        *("help", "lab", "shell", "status", "board", "links", "transcript", "check", "grade", "drill", "down", "clean"),
        *("move", "snapshot", "snapshots", "restart", "reset", "factory", "undo", "export", "import"),
        *("run", "put", "get", "say", "test", "lint", "soak", "language", "local", "engine", "images", "bundle"),
    ]
    tasks = set(re.findall(r"^  (\w+) ", run(str(FAB), "-r", "lab", "--list").stdout, re.MULTILINE))
    halves = {"gather", "leave", "pack", "prove"}  # of what a room does when the class is graded, or it moves
    assert set(targets) - {"help", "local"} == tasks - halves
