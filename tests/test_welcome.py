"""The welcome of a seat, as images/seat/profile.sh has a login shell show it: in the student's language, once."""

import os
from pathlib import Path

import pytest

from tests.clone import ROOT
from tests.window import Window

SEAT = ROOT / "images/seat"


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("", "forklab: your seat."),
        ("export LANG=zh_CN.UTF-8", "forklab：这是您的座位。"),
        ("export LANG=zh_CN.UTF-8 LC_ALL=C.UTF-8", "forklab: your seat."),
        ('export LANGUAGE=zh PROMPT_COMMAND="$PROMPT_COMMAND; echo mine"', "forklab：这是您的座位。"),
    ],
)
def test_the_welcome_is_in_the_language_that_the_students_profile_sets(
    profile: str, words: str, tmp_path: Path
) -> None:
    system = (SEAT / "profile.sh").read_text().replace("/usr/share/forklab", str(SEAT))
    (tmp_path / "profile").write_text(f"{system}\n{profile}\nPS1='forklab$ '\n")  # as bash(1) reads the two at login
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TERM": "xterm", "LANG": "C.UTF-8"}
    window = Window(["bash", "--noprofile", "--rcfile", str(tmp_path / "profile"), "-i"], environment)
    assert words in window.sees("forklab$ ")
    window.type("bash --norc\n")
    window.type("exit\n")
    window.sees("exit\r\n")
    assert words not in window.sees("forklab$ ")
    window.type("exit\n")
    assert window.ends() == 0
