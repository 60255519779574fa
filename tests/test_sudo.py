"""`sudo` of a seat: nice and renice as the real one takes them, and a sentence for all else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clone import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The script, with programs in the place of the privileged ones that say how they are called."""
    for name in ("nice", "renice"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho {name} "$@" "${{NICE-}}"\n')
        (tmp_path / name).chmod(0o755)
    script = (ROOT / "images/seat/sudo").read_text()
    assert "/usr/libexec/forklab/" in script
    script = script.replace("/usr/bin/python3 -I", f"{sys.executable} -B")
    (tmp_path / "sudo").write_text(script.replace("/usr/libexec/forklab", str(tmp_path)))
    (tmp_path / "sudo").chmod(0o755)
    return tmp_path


def sudo(folder: Path, *words: str, **language: str) -> tuple[int, str, str]:
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **language}
    done = subprocess.run([folder / "sudo", *words], env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "nice --9 id -un",
        "-n nice --9 id -un",
        "-E nice --9 id -un",
        "-nE nice --9 id -un",
        "-- nice --9 id -un",
        "-u root nice --9 id -un",
        "-uroot nice --9 id -un",
        "-nu root nice --9 id -un",
        "-u #0 nice --9 id -un",
        "--user=root --non-interactive --preserve-env=PATH -- nice --9 id -un",
        "-H -S -p password: -k /usr/bin/nice --9 id -un",
    ],
)
def test_options_that_change_nothing_here_are_taken(folder: Path, words: str) -> None:
    assert sudo(folder, *words.split()) == (0, "nice --9 id -un \n", "")
    words = words.replace("nice --9 id -un", "renice -n -5 1")
    assert sudo(folder, *words.split()) == (0, "renice -n -5 1 \n", "")


def test_a_variable_comes_along(folder: Path) -> None:
    assert sudo(folder, "NICE=a b", "nice", "x") == (0, "nice x a b\n", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "and nothing else\n"),
        ("id", "and nothing else\n"),
        ("-n id", "and nothing else\n"),
        ("-i", "and nothing else: no option -i\n"),
        ("-s", "and nothing else: no option -s\n"),
        ("-u client2 nice id", "and nothing else: nobody here becomes client2\n"),
        ("-u", "and nothing else: -u needs a word\n"),
        ("--nonsense nice id", "and nothing else: no option --nonsense\n"),
        ("-- -n nice id", "and nothing else\n"),
        ("/tmp/nice id", "and nothing else\n"),
    ],
)
def test_all_else_is_a_sentence(folder: Path, words: str, said: str) -> None:
    sentence = "sudo: a seat has 'sudo nice' and 'sudo renice', for a niceness below zero, "
    assert sudo(folder, *words.split()) == (1, "", sentence + said)
    status, out, err = sudo(folder, *words.split(), LANG="zh_CN.UTF-8")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "只能用 sudo nice 和 sudo renice" in err


@pytest.mark.parametrize(("words", "said"), [("-V", "sudo of forklab"), ("-l", "sudo renice"), ("-n -l", "sudo nice")])
def test_what_it_tells_of_itself(folder: Path, words: str, said: str) -> None:
    status, out, err = sudo(folder, *words.split())
    assert (status, err) == (0, "")
    assert said in out
    assert sudo(folder, "-v") == sudo(folder, "-k") == (0, "", "")


def test_its_language_is_chosen_as_that_of_all(folder: Path) -> None:
    assert "只能" in sudo(folder, "id", LANGUAGE="zh_CN", LC_ALL="C")[2]
    assert "a seat has" in sudo(folder, "id", LC_ALL="en_US.UTF-8", LANG="zh_CN.UTF-8")[2]
