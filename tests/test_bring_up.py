"""The steps of the bring-up where something is missing or breaks: a sentence, a command, exit code 2."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.seats import engine, images
from lab.seats.command import CommandError, LabError, reported, stream
from tests.clone import ROOT, clone_into, run
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


def test_without_a_daemon_and_without_root() -> None:
    """An ordinary user is told what root has to do."""
    program = (
        "import os\nfrom lab.seats import engine, step, command\n"
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
    (tmp_path / "lab" / "fabfile.py").write_text("the host's side is no part of it")
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


def test_every_target_is_a_task_or_says_what_it_does() -> None:
    targets = [line.split()[1] for line in run("make").stdout.splitlines()]
    assert targets == [
        *("help", "lab", "shell", "status", "transcript", "check", "grade", "down", "clean"),
        *("snapshot", "snapshots", "restart", "reset", "factory", "undo", "export", "import"),
        *("run", "put", "get", "say", "test", "lint", "local", "engine", "images"),
    ]
    tasks = set(re.findall(r"^  (\w+) ", run(str(FAB), "-r", "lab", "--list").stdout, re.MULTILINE))
    assert set(targets) - {"help", "local"} == tasks
