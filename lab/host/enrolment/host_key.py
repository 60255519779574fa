"""The gate's host key, kept where `make clean` does not remove it: else every student would be warned of an attack.

The gate makes the key at its first start, and has it in a volume; a copy is in `.gate`, and goes into the next volume.
"""

import io
import tarfile
from pathlib import Path

import docker
from cryptography.hazmat.primitives.serialization import load_ssh_private_key
from docker.models.containers import Container

from lab.host import project
from lab.host.enrolment.roster import write_private
from lab.host.python import ROOT
from lab.host.step import Step
from lab.language import tr

FOLDER = ROOT / ".gate"
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
        gate.put_archive(IN_GATE, _archive(kept))
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
    pieces, _ = gate.get_archive(f"{IN_GATE}/{name}")
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as tar:
        file = tar.extractfile(name)
        assert file
        return file.read().decode()


def _archive(files: dict[str, str]) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content.encode()), 0o600 if name == NAMES[0] else 0o644
            tar.addfile(entry, io.BytesIO(content.encode()))
    return archive.getvalue()


def where() -> Path:
    """Return the folder, as a person names it."""
    return FOLDER.relative_to(ROOT)
