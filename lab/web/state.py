"""The files of `web`: what it has to know again when it was killed, each written as a whole or not at all."""

import json
from pathlib import Path
from typing import Any

PORT = 8080  # of the pages, in the container
FOLDER = Path("/var/lib/web")  # root's; the host writes here
BOARD = FOLDER / "board"  # ours
PROGRESS = BOARD / "progress.json"
TERMINALS = BOARD / "terminals.json"  # {seat: [when each that is open was typed at last, in seconds since 1970]}
PROVED = FOLDER / "proved.json"  # what the last `make grade` found: {seat: {slug: passed}}
CERTIFICATE, KEY = FOLDER / "tls.crt", FOLDER / "tls.key"


def has_certificate() -> bool:
    """Tell whether the lab was given one; the host empties the file to take it away."""
    return CERTIFICATE.exists() and CERTIFICATE.stat().st_size > 0


def read(path: Path) -> Any:
    """Return a file's JSON; None if there is none, or it is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def write(path: Path, value: Any) -> None:
    """Write a file's JSON. Raises OSError, ValueError: it is none; what was there is then there still."""
    text = json.dumps(value, allow_nan=False)
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def verdict_of(seat: str) -> Path:
    """Return where a seat's last verdict is."""
    return BOARD / f"verdict-{seat}.json"
