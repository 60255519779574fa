"""Where a student's work is: ~/work, and what `lab` remembers of it in ~/.lab. LAB_HOME stands in for the home."""

import contextlib
import json
import os
import pwd
import tempfile
import time
from pathlib import Path
from typing import Any

Record = dict[str, Any]  # of an exercise: "started" and "passed" (seconds since the epoch), "hints" (how many seen)


def login() -> str:
    """Return the login name of whoever runs this, or the UID where it has none."""
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(os.getuid()).pw_name
    return str(os.getuid())


def home() -> Path:
    """Return the folder that stands for the student's home."""
    return Path(os.environ.get("LAB_HOME") or Path.home())


def work() -> Path:
    """Return the folder of the student's solutions."""
    return home() / "work"


def progress() -> dict[str, Record]:
    """Return what is remembered, by slug; nothing of a file that is damaged."""
    try:
        content = json.loads(progress_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    content = content if isinstance(content, dict) else {}
    return {slug: record for slug, record in content.items() if isinstance(record, dict)}


def remember(slug: str, **changes: object) -> None:
    """Change what is remembered of one exercise, keeping the rest. Raises OSError where the home cannot be written."""
    content = progress()
    content[slug] = content.get(slug, {}) | changes
    path = progress_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        json.dump(content, file, indent=1)
    Path(file.name).replace(path)  # whole, or not at all: the home may be full


def remember_pass(slug: str) -> None:
    """Remember the first time that an exercise was passed."""
    if "passed" not in progress().get(slug, {}):
        remember(slug, passed=round(time.time()))


def progress_file() -> Path:
    """Return where it is remembered."""
    return home() / ".lab" / "progress.json"
