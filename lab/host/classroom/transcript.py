"""Who said what: the chat server's transcript, read from its volume, whether the lab is up or down."""

import json
import subprocess
from collections.abc import Iterator

import docker
from docker.errors import ImageNotFound

from lab.host import project
from lab.host.bringup import images
from lab.host.command import LabError
from lab.language import tr

FOLDER = "/var/lib/chat"
# The newer file is opened first: should it become the older one before that is opened, it is read once.
READ = """exec 3< transcript.jsonl
[ ! -e transcript.jsonl.1 ] || [ transcript.jsonl.1 -ef /dev/fd/3 ] || cat transcript.jsonl.1
cat <&3"""


def lines(engine: docker.DockerClient, seat: str) -> Iterator[str]:
    """Yield the JSON lines in the order of time, those of one seat if it is named. Raises LabError."""
    found = engine.volumes.list(filters={"label": [project.IN_PROJECT, "com.docker.compose.volume=transcript"]})
    if not found:
        raise LabError(tr("There is no transcript: make lab brings up the chat server that writes it."))
    server = images.NAMES[0]
    try:
        engine.images.get(server)
    except ImageNotFound as error:
        raise LabError(
            tr("The image {server} is not there to read the transcript with: make images.", server=server)
        ) from error
    confined = ["--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", "--workdir", FOLDER]
    volume = ["--volume", f"{found[0].name}:{FOLDER}:ro"]
    with subprocess.Popen(
        ["docker", "run", *confined, *volume, server, "sh", "-c", READ],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if not seat or _is_of(seat, line):
                yield line
    if process.returncode:
        raise LabError(tr("The transcript could not be read; the engine's reason is above."))


def _is_of(seat: str, line: str) -> bool:
    try:
        return bool(json.loads(line)["seat"] == seat)
    except json.JSONDecodeError:  # what a machine's sudden end has left is nobody's
        return False
