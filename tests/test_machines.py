"""Machines and people that are not like ours: another's files, another's Python settings."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.host import owner
from lab.host.bringup import fitness, venv
from lab.host.command import LabError
from tests.clone import clone_into, run

SOMEBODY = 23456
AS_SOMEBODY = ["setpriv", f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", "--clear-groups", "--"]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another's files")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone that anybody can enter, and whose .venv takes a moment: it has no packages."""
    folder = tmp_path / "clone"
    folder.mkdir()
    clone_into(folder)
    (folder / "requirements.lock").write_text("")
    for parent in (folder, *folder.parents):
        if parent.is_relative_to("/tmp/pytest-of-root") or parent == folder:
            parent.chmod(0o755)
    return folder


def made(clone: Path, *before: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Make the .venv of a clone."""
    python = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
    return run(
        *before, python if before else sys.executable, "-s", "-m", "lab.host.bringup.venv", cwd=clone, **environment
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"PIP_USER": "1"},
        {"PIP_TARGET": "/nowhere/target", "PIP_PREFIX": "/nowhere/prefix"},
        {"PIP_CONFIG_FILE": "{folder}/pip.conf"},
    ],
)
def test_a_persons_pip_settings_say_how_to_reach_packages_and_not_where_to_put_them(
    clone: Path, tmp_path: Path, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = http://mirror.example/simple\n[install]\nuser = true\n")
    (clone / "wheel").mkdir()
    (clone / "wheel" / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\n')
    given = {name: value.format(folder=tmp_path) for name, value in settings.items()}
    assert made(clone, **given).returncode == 0
    monkeypatch.setattr(venv, "VENV", clone / ".venv")
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    found = venv._pips_environment()
    assert found["PIP_CONFIG_FILE"] == os.devnull
    assert not {"PIP_USER", "PIP_TARGET", "PIP_PREFIX"} & found.keys()
    if "PIP_CONFIG_FILE" in given and "PIP_INDEX_URL" not in os.environ:
        assert found["PIP_INDEX_URL"] == "http://mirror.example/simple"


def test_a_persons_python_settings_have_no_part_in_make(clone: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil"
    evil.mkdir()
    for name in ("json", "fabric", "socket", "venv", "sitecustomize", "lab"):
        (evil / f"{name}.py").write_text("print('THE PERSON''S OWN')\nraise SystemExit(9)\n")
    (clone / "Makefile").write_text((clone / "Makefile").read_text() + "\nshow:\n\t@env | grep ^PYTHON || echo none\n")
    settings = {"PYTHONPATH": str(evil), "PYTHONHOME": "/nowhere", "PYTHONSAFEPATH": "1", "PYTHONSTARTUP": "x"}
    assert run("make", "show", cwd=clone, **settings).stdout == "none\n"
    assert made(clone).returncode == 0
    found = run("make", "-n", "status", cwd=clone, **settings)
    assert ".venv/bin/python -m fabric -r lab status" in found.stdout


@needs_root
def test_what_root_makes_in_anothers_folder_is_that_persons(clone: Path) -> None:
    for path in owner.below(clone.parent, [clone.name]):
        os.chown(path, SOMEBODY, SOMEBODY)
    assert made(clone).returncode == 0
    log = clone / ".lab" / "log"
    log.mkdir(parents=True)
    (log / "engine.log").write_text("by root")
    owner.give_back(clone, ".lab")
    strange = [path for path in owner.below(clone, [".venv", ".lab"]) if path.lstat().st_uid != SOMEBODY]
    assert strange == []


@needs_root
def test_who_may_not_change_roots_files_is_told_what_to_type(clone: Path) -> None:
    assert made(clone).returncode == 0
    found = made(clone, *AS_SOMEBODY, LANGUAGE="en")
    assert found.returncode == 2
    assert "which is another user's: make a clone of your own" in found.stderr
    os.chown(clone, SOMEBODY, SOMEBODY)
    (clone / ".venv" / ".complete").unlink()
    found = made(clone, *AS_SOMEBODY, LANGUAGE="en")
    assert found.returncode == 2
    assert ".venv is another user's, root's perhaps, and you may not change it: sudo chown -R" in found.stderr
    assert "Traceback" not in found.stderr
    shutil.rmtree(clone / ".venv")
    assert made(clone, *AS_SOMEBODY, LANGUAGE="en").returncode == 0


def test_an_engine_on_which_the_lab_cannot_be_is_refused_before_anything_is_built() -> None:
    docker = [{"Name": "Engine", "Version": "26.1.5"}, {"Name": "rootlesskit", "Version": "2.0.2"}]
    podman = [{"Name": "Podman Engine", "Version": "5.4.2"}, {"Name": "Conmon", "Version": "2.1.12"}]
    fitness.refuse_unfit({"ApiVersion": "1.45", "Version": "26.1.5", "Components": docker})
    with pytest.raises(LabError, match=r"Podman 5\.4\.2.* unset DOCKER_HOST"):
        fitness.refuse_unfit({"ApiVersion": "1.41", "Version": "5.4.2", "Components": podman})
    with pytest.raises(LabError, match=r"The engine is 20\.10\.24, and 25 or later is needed"):
        fitness.refuse_unfit({"ApiVersion": "1.41", "Version": "20.10.24", "Components": None})


def test_of_an_engine_that_keeps_no_limits_a_teacher_is_told() -> None:
    assert fitness.warning({"MemoryLimit": True, "PidsLimit": True}) == fitness.warning({}) == ""
    without_root = {"MemoryLimit": False, "PidsLimit": False, "CgroupDriver": "none"}
    assert "keeps no limits of memory, pids: a fork bomb" in fitness.warning(without_root)
