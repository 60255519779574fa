"""How compose is called on the lab's file, and the labels by which its containers are found."""

from pathlib import Path

from lab.host.command import GENERATED
from lab.host.python import ROOT

ROLE, SEAT, NAME, UID = "forklab.role", "forklab.seat", "forklab.name", "forklab.uid"  # labels; NAME is the student's
LIMIT = "forklab.limit"  # of a home's volume: how many bytes it holds at most
LAB = ROOT / "compose.yaml"
CLASS = GENERATED / "compose.json"


def command(file: Path | None = None) -> list[str]:
    """Return the words with which to call compose on a file; without one, on that of the lab in force."""
    chosen = file or (CLASS if CLASS.exists() else LAB)
    return ["docker", "compose", "--file", str(chosen), "--project-directory", str(ROOT)]
