"""Who keeps the way to the rooms' pages open: it follows a file, begins again what has ended, and leaves nothing."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.host.command import LabError
from lab.host.hosts import forwarding, pages
from tests.clone import ROOT
from tests.eventually import eventually

SAYS = "echo $$ >> {path}; exec sleep 600"  # each that is begun is a line


def name(folder: Path, **rooms: str) -> None:
    """Say what is to run, a shell's command a room."""
    part = folder / "part"
    part.write_text(json.dumps({room: ["sh", "-c", command] for room, command in rooms.items()}))
    part.replace(folder / forwarding.FILE)


def begun(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@contextmanager
def follower(folder: Path, again: float = forwarding.AGAIN) -> Iterator[subprocess.Popen[bytes]]:
    program = f"from lab.host.hosts import forwarding as f; f.AGAIN = {again}; f.main(f.Path({str(folder)!r}))"
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.terminate()


@pytest.fixture
def north(tmp_path: Path) -> Path:
    name(tmp_path, north=SAYS.format(path=tmp_path / "north"))
    return tmp_path / "north"


def test_what_has_ended_is_begun_again_and_all_ends_with_the_file(tmp_path: Path, north: Path) -> None:
    with follower(tmp_path, again=0.0) as process:
        first = eventually(lambda: begun(north))[0]
        os.kill(first, signal.SIGKILL)
        second = eventually(lambda: begun(north)[1:])[0]
        (tmp_path / forwarding.FILE).unlink()
        assert process.wait(30) == 0
        assert not is_there(second)


def test_what_is_as_it_was_goes_on(tmp_path: Path, north: Path) -> None:
    south = tmp_path / "south"
    with follower(tmp_path):
        (first,) = eventually(lambda: begun(north))
        name(tmp_path, north=SAYS.format(path=north), south=SAYS.format(path=south))
        (other,) = eventually(lambda: begun(south))
        moved = tmp_path / "moved"
        name(tmp_path, north=SAYS.format(path=north), south=SAYS.format(path=moved))
        eventually(lambda: begun(moved))
        assert (is_there(first), is_there(other)) == (True, False)
        assert begun(north) == [first]


def test_there_is_one_and_its_end_is_all_of_theirs(tmp_path: Path, north: Path) -> None:
    with follower(tmp_path) as process:
        (pid,) = eventually(lambda: begun(north))
        with follower(tmp_path) as other:
            assert other.wait(30) == 0
        assert is_there(pid)
        process.terminate()
        assert process.wait(30) == 0
        assert not is_there(pid)


def test_what_ssh_says_is_kept_and_it_does_not_come_too_often(tmp_path: Path) -> None:
    south = tmp_path / "south"
    name(tmp_path, north="echo refused >&2; exit 255")
    with follower(tmp_path):
        log = tmp_path / forwarding.LOG.format(room="north")
        eventually(lambda: log.exists() and log.read_text() == "refused\n")
        log.unlink()
        name(tmp_path, north="echo refused >&2; exit 255", south=SAYS.format(path=south))
        eventually(lambda: begun(south))  # it has looked once more, and has left north alone
        assert not log.exists()


def test_a_port_that_another_program_has_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_WEB", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(LabError, match=f"cannot be at port {port} of this machine: Address already in use"):
            pages._refuse_taken(port)
    pages._refuse_taken(port)
