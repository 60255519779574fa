"""Homes that hold so much and no more: on an engine of its own, whose volumes are on a btrfs with quota groups."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lab.host.bringup import base_image, images
from tests.class_lab import ClassLab, class_lab, project_name
from tests.clone import ROOT, run
from tests.eventually import eventually

BTRFS = """
truncate -s 4G /var/disk && mkfs.btrfs -q /var/disk && mkdir -p /var/lib/docker &&
mount -o loop /var/disk /var/lib/docker && btrfs quota enable /var/lib/docker &&
exec dockerd --host=unix://{folder}/engine.sock
"""
LIMIT, TEN = 16 * 2**20, 10 * 2**20
MACHINE = project_name("btrfs")
WRITE = "cd; head -c {size}M /dev/urandom > big; echo $?; sync; stat -c %s big"

pytestmark = [
    pytest.mark.engine,
    pytest.mark.timeout(300),
    pytest.mark.skipif("btrfs" not in Path("/proc/filesystems").read_text(), reason="this kernel has no btrfs"),
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassLab]:
    folder = tmp_path_factory.mktemp("homes")
    with engine_on_btrfs(folder), class_lab(folder / "clone", project_name("homes")) as found:
        assert "each home holds 16 MiB at most" in found.done("lab", "LAB_HOME_SIZE=16M")
        yield found


@contextmanager
def engine_on_btrfs(folder: Path) -> Iterator[None]:
    """Let `docker`, here and in what is started, mean the engine of a machine that is a container."""
    (folder / "clone").mkdir()
    built = run("docker", "build", "--quiet", "--network=host", str(ROOT / "tests" / "hosts"))
    assert built.returncode == 0, built.stderr
    options = ["--detach", "--privileged", f"--name={MACHINE}", "--tmpfs=/run", f"--volume={folder}:{folder}"]
    begun = run("docker", "run", *options, built.stdout.strip(), "sh", "-c", BTRFS.format(folder=folder))
    assert begun.returncode == 0, begun.stderr
    there = f"unix://{folder}/engine.sock"
    try:
        saved = run("docker", "save", f"--output={folder}/images.tar", *images.NAMES, base_image.IMAGE)
        assert saved.returncode == 0, saved.stderr
        eventually(lambda: run("docker", "version", DOCKER_HOST=there).returncode == 0, every=0.1)
        loaded = run("docker", "load", "--quiet", f"--input={folder}/images.tar", DOCKER_HOST=there)
        assert loaded.returncode == 0, loaded.stderr
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DOCKER_HOST", there)
            yield
    finally:
        run("docker", "rm", "--force", "--volumes", MACHINE)


def on_machine(command: str) -> None:
    """Do what whoever keeps the machine does."""
    done = run("docker", "exec", MACHINE, "sh", "-c", command, DOCKER_HOST="")
    assert done.returncode == 0, done.stderr


def row(lab: ClassLab, seat: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = json.loads(lab.fab("status", "--as-json").stdout)
    return next(row for row in rows if row["seat"] == seat)


def written(lab: ClassLab, seat: str, size: int) -> list[str]:
    """Write so many MiB in a seat's home; return how that ended, and how many bytes are there."""
    return lab.execute(seat, WRITE.format(size=size)).split()


def test_who_fills_a_home_is_told_and_the_neighbours_go_on(lab: ClassLab) -> None:
    code, there = written(lab, "client1", 20)
    assert (code, int(there) < LIMIT) == ("1", True)
    assert "Disk quota exceeded" in lab.execute(
        "client1", "cd; echo more 2>&1 > note; true; cat big 2>&1 >> note; true"
    )
    assert written(lab, "client2", 10) == ["0", str(TEN)]
    full, other = row(lab, "client1"), row(lab, "client2")
    assert (full["limit"], other["limit"]) == (LIMIT, LIMIT)
    assert full["home"] > 15 * 2**20 > other["home"] > TEN
    assert "A home holds at most 16 MiB" in lab.done("status")
    lab.done("restart", "SEAT=client1")
    assert lab.execute("client1", "cd; rm big; echo room > note; cat note") == "room\n"


def test_what_does_not_fit_beside_the_home_comes_back_into_an_empty_one(lab: ClassLab) -> None:
    assert written(lab, "client3", 10)[0] == "0"
    lab.done("snapshot", "SEAT=client3")
    assert "is as it was" in lab.refused("undo", "SEAT=client3")
    assert lab.execute("client3", "cd; stat -c %s big; ls -A | grep forklab; true") == f"{TEN}\n"
    lab.done("factory", "SEAT=client3")
    assert lab.execute("client3", "cd; test -e big; echo $?") == "1\n"
    lab.done("undo", "SEAT=client3")
    assert lab.execute("client3", "cd; stat -c %s big") == f"{TEN}\n"


def test_a_limit_stays_and_where_it_can_no_longer_be_kept_that_is_said(lab: ClassLab) -> None:
    lab.done("down")
    on_machine("btrfs quota disable /var/lib/docker")
    assert "sudo btrfs quota enable /var/lib/docker" in lab.refused("lab")
    on_machine("btrfs quota enable /var/lib/docker")
    assert "holds" not in lab.done("lab"), "that is said once"
    assert written(lab, "client1", 20)[0] == "1"
    assert lab.execute("client1", "cd; rm big; echo $?") == "0\n"
