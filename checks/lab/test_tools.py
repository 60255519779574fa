"""The course's tools, at work in a seat."""

import re

from checks.judging.verdict import Wrong
from checks.lab.place import Place

# A line of shell, and what it prints (a regular expression, whole).
TOOLS = {
    "ps": ("ps -o stat=,comm= -p $$", r"[RS]s? +\S+"),  # R: it has forked, and does not wait yet
    "top": ("top -b -n 1 -p 1 | tail -1 | awk '{print $1}'", "1"),
    "pstree": ("pstree -p $$ | head -1", r"\S+\(\d+\)-.*\(\d+\).*"),
    "nice": ("nice -n 9 nice", "9"),
    "renice": ("sleep 5 & renice -n 4 $! > /dev/null; ps -o ni= -p $!; kill $!", r" *4"),
    "sudo nice": ("sudo nice --9 nice", "-9"),
    "sudo renice": ("sleep 5 & sudo renice -n -4 $! > /dev/null; ps -o ni= -p $!; kill $!", r" *-4"),
    "kill": (
        "sleep 5 & kill -STOP $!; for i in $(seq 50); do ps -o stat= -p $! | grep T && break; done;"
        " kill -CONT $!; kill $!; wait $!; echo $?",
        r"T\n.*\n?143",
    ),
    "jobs": ("bash -c 'set -m; sleep 5 & jobs; kill %1' 2> /dev/null", r"\[1\]\+ +Running +sleep 5 &"),
    "strace": (
        "strace true 2>&1 | tail -1",  # no file: /tmp may be full
        r"\+\+\+ exited with 0 \+\+\+",
    ),
    "less": ("echo one | less", "one"),
    "editor": ("nano --version | head -1", r".*nano.*"),
    "python3": ("python3 -P -c 'import os; print(os.fork() and 7 or os._exit(0))'", "7"),
    "chat": ("echo | chat 2>&1 | wc -l", "1"),
    "lab": ("lab demo | grep -c '^zombie '", "1"),
}
MARK = "@tool "


def test_tools(seat: Place) -> None:
    """ps, top, pstree, nice, renice, kill, jobs, strace, less, an editor, python3, chat and lab are there and work."""
    script = "\n".join(f"echo '{MARK}{name}'\n{{ {line}\n}} 2>&1" for name, (line, _) in TOOLS.items())
    said = seat.run(script)
    answers = dict(part.split("\n", 1) for part in f"\n{said}\n".split(f"\n{MARK}")[1:])
    for name, (line, promised) in TOOLS.items():
        answer = answers.get(name, "").strip("\n")
        if not re.fullmatch(promised, answer):
            raise Wrong(f"{name} does not do its work", expected=promised, actual=answer, rows=f"$ {line}\n{answer}")
