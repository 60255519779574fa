"""A check does not depend on what it inherits: whatever starts it, the student's program begins as in a terminal."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SAYS = (  # of the signals there are: the C library keeps 32 and 33 for itself, and lets nobody set them
    "import os, signal, sys\n"
    "known = sum(1 << number - 1 for number in signal.valid_signals())\n"
    "for line in open('/proc/self/status'):\n"
    "    if line.startswith(('SigBlk', 'SigIgn')): print(f'{int(line.split()[1], 16) & known:016x}')\n"
    "print(oct(os.umask(0)))\n"
)
REST = {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, signal.SIGXFSZ}
NAMES = ",".join(number.name.removeprefix("SIG") for number in signal.Signals if number not in REST)
PYTHONS = 1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1  # what every Python ignores
ODDLY = ("sh", "-c", 'umask 077; exec env "$@"', "sh")  # as some runners start what they run
AFRESH = "from checks.judging.afresh import begin_afresh; begin_afresh(); import subprocess, sys; "


def begun(*environment: str, program: str) -> list[str]:
    """Return what a program that is started in an odd way says of how it was started: blocked, ignored, its umask."""
    done = subprocess.run(
        [*ODDLY, *environment, sys.executable, "-c", program, SAYS], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.parametrize("odd", [f"--ignore-signal={NAMES}", f"--block-signal={NAMES}"])
def test_what_is_started_has_nothing_of_it(odd: str) -> None:
    starts = "subprocess.run([sys.executable, '-c', sys.argv[1]], check=True)"
    blocked, ignored, umask = begun(odd, program=AFRESH + starts)
    assert (int(blocked, 16), int(ignored, 16), umask) == (0, PYTHONS, "0o22")
    blocked, ignored, umask = begun(odd, program=f"import subprocess, sys; {starts}")
    assert int(blocked, 16) or int(ignored, 16) > PYTHONS, "it would have been inherited"
    assert umask == "0o77"


def test_a_check_of_a_nohup_in_the_background_sees_what_any_other_sees(tmp_path: Path) -> None:
    """What the student's program says of itself is in the evidence."""
    (tmp_path / "work").mkdir()
    program = tmp_path / "work" / "exit-status.py"
    program.write_text(f"import sys\nsys.argv = ['', '']\nexec({SAYS!r})\n")
    request = {
        "seat": "tester",
        "home": str(tmp_path),
        "uid": os.getuid(),
        "gid": os.getgid(),
        "exercises": {"exit-status": {"status": 7}},
    }
    words = [sys.executable, "-P", "-m", "checks.exercises", "observe", json.dumps(request)]
    odd = ["--ignore-signal=HUP,INT,QUIT,CHLD,TERM", "--block-signal=TERM,USR1"]
    done = subprocess.run([*ODDLY, *odd, *words], capture_output=True, text=True, check=True)
    assert all(said in done.stdout for said in (f"{0:016x}", f"{PYTHONS:016x}", "0o22")), done.stdout
