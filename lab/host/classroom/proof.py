"""What `make grade` has found, for the board: there, proved looks different from what a seat says of itself."""

import json
from pathlib import Path
from typing import Any

import docker

from lab.host import files, project
from lab.web.state import PROVED, read


def tell(engine: docker.DockerClient, reports: Path) -> None:
    """Give the board the verdicts of reports/results.json; what was proved earlier of others stays. Raises LabError."""
    if project.service(engine, "web") is None:
        return
    web = project.web(engine)
    proved = json.loads(files.read(web, str(PROVED)) or "{}")
    for seat, verdicts in of(read(reports / "results.json") or []).items():
        proved.setdefault(seat, {}).update(verdicts)
    files.put(web, str(PROVED.parent), files.file(PROVED.name, json.dumps(proved).encode()))


def of(documents: list[dict[str, Any]]) -> dict[str, dict[str, bool]]:
    """Return by seat and exercise whether it has passed; what could not be told is left out."""
    found: dict[str, dict[str, bool]] = {}
    for document in documents:
        verdicts: dict[str, set[bool | None]] = {}
        for result in document["results"]:
            verdicts.setdefault(result["data"]["exercise"], set()).add(result["passed"])
        found[document["seat"]] = {
            slug: False not in which for slug, which in verdicts.items() if False in which or None not in which
        }
    return found
