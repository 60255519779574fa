"""A clone of the working tree: what git knows of it, and what it would take in."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run(*command: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, without a terminal."""
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def clone_into(folder: Path) -> None:
    """Copy the working tree's files, and none of what is generated."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in listed.stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def share_venv(folder: Path) -> None:
    """Let a clone's make use this Python's packages, and never take them for older than the clone's locks.

    It would install them anew, into the folder that everybody here runs from.
    """
    (folder / ".venv").symlink_to(sys.prefix)
    for name in ("requirements.lock", "requirements-test.lock"):
        os.utime(folder / name, (0, 0))
