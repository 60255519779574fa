"""A bundle: made here, unpacked where there is no network, and refused where it is damaged, another's or no bundle.

What takes longest is done once. A machine without make, Python and engine is `python3 -m tests.bench.bare_machine`.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.host.bringup import bundle
from lab.host.bringup.images import NAMES
from tests.class_lab import ClassLab, class_lab, project_name
from tests.clone import clone_into, run

pytestmark = [
    pytest.mark.engine,
    pytest.mark.timeout(400),  # all that it takes is fetched
    pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a network namespace"),
    pytest.mark.skipif(shutil.which("apt-get") is None, reason="the packages of a bundle come from apt"),
]
WITHOUT_A_NETWORK = ("unshare", "--net")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ClassLab, Path]]:
    """A clone and its bundle; the images are the working tree's, by names that only the bundle has then."""
    folder = tmp_path_factory.mktemp("bundle")
    prefix = project_name("bundle-images")
    (folder / "clone").mkdir()
    with class_lab(folder / "clone", project_name("bundle"), prefix) as lab:
        assert run("git", "init", "--quiet", cwd=lab.folder).returncode == 0
        assert run("git", "add", "--all", ":!.venv", cwd=lab.folder).returncode == 0
        (lab.folder / "class.csv").write_text("zhang,张三,\n")  # nobody else's business
        ours = [f"{prefix}/{name.rpartition('/')[2]}" for name in NAMES]
        for theirs, name in zip(NAMES, ours, strict=True):
            assert run("docker", "tag", theirs, name).returncode == 0
        lab.done("bundle", f"FILE={folder}/lab.tar")
        assert run("docker", "image", "rm", *ours).returncode == 0
        yield lab, folder / "lab.tar"
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def unpacked(made: tuple[ClassLab, Path]) -> Path:
    """The folder that comes out of the archive, with nothing made in it yet."""
    _, archive = made
    assert run("tar", "--extract", "--file", str(archive), cwd=archive.parent).returncode == 0
    return archive.parent / bundle.TOP


def test_the_archive_has_the_project_and_nothing_that_lies_beside_it(made: tuple[ClassLab, Path]) -> None:
    lab, archive = made
    with tarfile.open(archive) as found:
        names = {name.removeprefix(f"{bundle.TOP}/") for name in found.getnames()}
    project = {name for name in names if not name.startswith(f"{bundle.NAME}/")}
    assert project == set(run("git", "ls-files", cwd=lab.folder).stdout.splitlines())
    assert {"bundle/manifest.json", "bundle/packages/Packages", "bundle/images.tar.gz", "bundle/start"} <= names
    packages = {name.split("/")[2].partition("_")[0] for name in names if name.startswith("bundle/packages/")}
    assert {"docker.io", "containerd", "libc6", "make", "python3"} <= packages
    assert lab.fab("bundle", "--file", str(archive)).returncode == 2, "it is there already"


def damaged(path: Path, at: int) -> Callable[[], None]:
    """Turn a byte over, from the end where `at` is negative; return what turns it back."""

    def turn() -> None:
        with path.open("r+b") as file:
            file.seek(at, os.SEEK_END if at < 0 else os.SEEK_SET)
            byte = file.read(1)[0]
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte ^ 1]))

    turn()
    return turn


@contextmanager
def fault(kind: str, archive: Path, folder: Path) -> Iterator[Path]:
    """Yield a file that is not as a bundle should be."""
    other = folder / f"{kind}.tar"
    if kind == "a byte":
        undo = damaged(archive, archive.stat().st_size - 2**20)
        try:
            yield archive
        finally:
            undo()
    elif kind == "cut off":
        length = archive.stat().st_size
        with archive.open("r+b") as file:
            file.seek(length - 2**20)
            rest = file.read()
            file.truncate(length - 2**20)
            try:
                yield archive
            finally:
                file.seek(length - 2**20)
                file.write(rest)
    elif kind == "another tar":
        with tarfile.open(other, "w") as found:
            found.add(__file__, "file")
        yield other
    else:
        other.write_bytes(b"text\n" * 1000)
        yield other


def files(folder: Path) -> set[Path]:
    """Return what there is but what Python and the catalogue have compiled."""
    return {path for path in folder.rglob("*") if not {"__pycache__", ".lab"} & {*path.parts}}


def refused(folder: Path, *words: str) -> str:
    """Return the sentence with which `make lab` ends in a folder, in which it leaves nothing."""
    before = files(folder)
    found = run("make", "lab", *words, cwd=folder)
    assert files(folder) == before
    said, *rest = found.stderr.splitlines()
    assert (found.returncode, len(rest), found.stdout) == (2, 1, ""), found  # make adds one of its own
    return said


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("a byte", "images.tar.gz is not what the bundle's manifest says"),
        ("cut off", "is no bundle of this lab, or a damaged one: nothing was changed."),
        ("another tar", "is no bundle of this lab, or a damaged one: nothing was changed."),
        ("no tar", "is no bundle of this lab, or a damaged one: nothing was changed."),
    ],
)
def test_what_is_no_whole_bundle_is_refused(
    kind: str, sentence: str, made: tuple[ClassLab, Path], tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    clone_into(clone)
    with fault(kind, made[1], tmp_path) as file:
        assert sentence in refused(clone, f"BUNDLE={file}")


@pytest.mark.parametrize("name", ["bundle/images.tar.gz", "bundle/packages/Packages", "lab/host/step.py"])
def test_what_was_damaged_on_the_way_is_refused_by_name(name: str, unpacked: Path) -> None:
    undo = damaged(unpacked / name, 100)
    try:
        assert f"forklab: {name} is not what the bundle's manifest says" in refused(unpacked)
    finally:
        undo()


def test_what_got_lost_on_the_way_is_refused_by_name(unpacked: Path) -> None:
    wheel = next(unpacked.glob("bundle/wheels/rich-*"))
    wheel.rename(unpacked.parent / wheel.name)
    try:
        assert f"forklab: bundle/wheels/{wheel.name} is not what" in refused(unpacked)
    finally:
        (unpacked.parent / wheel.name).rename(wheel)


@pytest.mark.parametrize(
    ("field", "theirs", "sentence"),
    [
        ("architecture", "riscv64", f"The bundle is for riscv64, and this machine is {bundle.architecture()}"),
        ("python", "3.10", f"The bundle's wheels are for Python 3.10, and this is {bundle.python()}: make PYTHON="),
        ("format", "forklab bundle 2", "is no bundle of this lab, or a damaged one"),
    ],
)
def test_a_bundle_for_another_machine_is_refused(field: str, theirs: str, sentence: str, unpacked: Path) -> None:
    path = unpacked / "bundle" / "manifest.json"
    text = path.read_text()
    found = bundle.Manifest.read(text.encode(), path)
    path.write_text(text.replace(f'"{field}": "{getattr(found, field)}"', f'"{field}": "{theirs}"', 1))
    try:
        assert sentence in refused(unpacked)
    finally:
        path.write_text(text)


def test_packages_of_another_release_are_refused_where_the_engine_is_to_come_from_them(
    unpacked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "ROOT", unpacked)
    monkeypatch.setattr(bundle, "FOLDER", unpacked / "bundle")
    monkeypatch.setattr(bundle, "system", lambda: "debian 99")
    bundle.prepare()  # here is an engine
    monkeypatch.setenv("PATH", "")
    with pytest.raises(bundle.BundleError, match=r"are for .*, and this machine is debian 99: install the engine"):
        bundle.prepare()
    bundle.checked.cache_clear()


def test_an_archive_is_unpacked_in_a_clone_once(
    made: tuple[ClassLab, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    monkeypatch.setattr(bundle, "FOLDER", tmp_path / "bundle")
    for expected in ("whole", "as it was", "repaired"):
        bundle.take_in(str(made[1]))
        bundle.checked.cache_clear()
        assert bundle.checked(), expected
        part = tmp_path / "bundle" / "images.tar.gz"
        if expected == "whole":
            kept = part.stat().st_ino
        elif expected == "as it was":
            assert part.stat().st_ino == kept
            damaged(part, 100)
            bundle.checked.cache_clear()
    bundle.checked.cache_clear()


def test_a_machine_without_a_network_brings_the_lab_up(made: tuple[ClassLab, Path], unpacked: Path) -> None:
    """No .venv, no images of these names; the engine's socket is all that leads out of the namespace."""
    lab, _ = made
    assert run(*WITHOUT_A_NETWORK, "cat", "/proc/net/route").stdout.count("\n") <= 1, "only its heading"
    without_pip = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    done = subprocess.run(
        [*WITHOUT_A_NETWORK, "make", "lab"],
        cwd=unpacked,
        env={**without_pip, **lab.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert ".venv from requirements.lock" in done.stdout
    assert "its images are loaded" in done.stdout
    assert "building" not in done.stdout
    assert "zombie" in lab.execute("client1", "lab list")
    again = run(*WITHOUT_A_NETWORK, "make", "lab", cwd=unpacked, **lab.environment)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "its images are here" in again.stdout
    installed = run(str(unpacked / ".venv" / "bin" / "python"), "-c", "import docker; print(docker.__file__)")
    assert installed.stdout.startswith(str(unpacked)), sys.prefix
