"""The course's exercises: a folder each, named as the slug with _ for -. docs/author.md says how to add one.

statement.en.md, statement.zh.md    what to make; the first line is the title
hints.en.md, hints.zh.md            three hints, `---` between them
values.py                           this seat's parameters, which are {{name}} in the texts
skeleton.py                         where it helps: what `lab start` puts into the student's folder
"""

from pathlib import Path

FOLDER = Path(__file__).parent
COURSE = (
    "file-types",
    "local-socket",
    "two-tasks",
    "fork-copy",
    "pids",
    "exit-status",
    "orphan",
    "zombie",
    "wait",
    "waitpid",
    "sigchld",
    "double-fork",
    "states",
    "uninterruptible",
    "nice",
    "renice",
    "tree",
    "jobs",
    "threads",
    "timeout",
    "multiplex",
    "chat-client",
    "chat-room",
    "fork-bomb",
)
NUMBERS = {slug: number for number, slug in enumerate(COURSE, 1)}
LIVE = {"file-types", "states", "nice", "jobs", "fork-bomb"}  # no program is handed in: the check looks at the seat


def module_name(slug: str) -> str:
    """Return the name of an exercise's folder, and of its module in checks/exercises."""
    return slug.replace("-", "_")


def folder(slug: str) -> Path:
    """Return where an exercise's texts are."""
    return FOLDER / module_name(slug)


EXERCISES = tuple(slug for slug in COURSE if (folder(slug) / "values.py").exists())
