"""The gate's host key, kept where `make clean` does not remove it: else every student would be warned of an attack.

The gate makes the key at its first start, and has it in a volume; a copy is in `.gate`, and goes into the next volume.
"""

from pathlib import Path

import docker
from cryptography.hazmat.primitives.serialization import load_ssh_private_key
from docker.models.containers import Container

from lab.host import files, project, room
from lab.host.enrolment.roster import write_private
from lab.host.python import ROOT
from lab.host.step import Step
from lab.language import tr

GATES = ROOT / ".gate"
FOLDER = GATES / room.NAME  # or, of all rooms, each in a folder of its name
IN_GATE = "/var/lib/gate"
NAMES = ("host_key", "host_key.pub")


def settle(step: Step, engine: docker.DockerClient) -> None:
    """Let the running gate have the key that is kept, or keep the one that it has. Raises LabError."""
    gate = project.gate(engine)
    ours = {name: _read(gate, name) for name in NAMES}
    kept = _kept()
    if not kept:
        for name, content in ours.items():
            write_private(FOLDER / name, content)
    elif kept != ours:
        step.doing(tr("giving the gate its host key back"))
        modes = dict(zip(NAMES, (0o600, 0o644), strict=True))
        files.put(gate, IN_GATE, *(files.file(name, text.encode(), modes[name]) for name, text in kept.items()))
        gate.restart(timeout=1)
        project.wait(step, engine, "gate")


def _kept() -> dict[str, str]:
    """Return the pair that is kept, {} if there is none, or none that a gate could start with."""
    try:
        kept = {name: (FOLDER / name).read_text() for name in NAMES}
        load_ssh_private_key(kept["host_key"].encode(), password=None)
    except (FileNotFoundError, ValueError):
        return {}
    return kept


def _read(gate: Container, name: str) -> str:
    content = files.read(gate, f"{IN_GATE}/{name}")
    assert content
    return content.decode()


def where() -> Path:
    """Return the folder, as a person names it."""
    return FOLDER.relative_to(ROOT)
