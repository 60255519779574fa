"""The images on each host: this machine's own, by `docker save | zstd | docker load` where a host has others."""

import shutil
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

import docker
from docker.errors import ImageNotFound

from lab.host.bringup import images
from lab.host.command import LabError, pipe
from lab.host.hosts import tunnel
from lab.host.hosts.inventory import FOLDER
from lab.host.step import Step, size
from lab.host.together import each
from lab.language import tr

IDs = dict[str, str | None]


def ship(step: Step, engine: docker.DockerClient, sockets: Mapping[str, Future[Path]]) -> dict[str, Exception]:
    """Have the same images everywhere as the engine here; return by host why one has not. Raises LabError."""
    ours = ids(engine)
    there = each(sockets, lambda host: ids(tunnel.client(sockets[host].result())))
    failed: dict[str, Exception] = {host: found for host, found in there.items() if isinstance(found, Exception)}
    reached = [host for host in there if host not in failed]
    lacking = [host for host in reached if there[host] != ours]
    if not lacking:
        if reached:
            step.done(tr("{hosts} have them", hosts=", ".join(reached)))
        return failed
    step.doing(tr("bringing them to {hosts}", hosts=", ".join(lacking)))
    with NamedTemporaryFile(dir=FOLDER) as file:
        _save(file)
        loaded = each(lacking, lambda host: _load(file.name, sockets[host].result(), ours))
        bulk = size(Path(file.name).stat().st_size)
    failed |= {host: outcome for host, outcome in loaded.items() if outcome is not None}
    if good := [host for host in lacking if host not in failed]:
        step.done(tr("{hosts} have them, {bulk} each", hosts=", ".join(good), bulk=bulk))
    return failed


def bulk(engine: docker.DockerClient) -> int:
    """Return how many bytes the images take; what they share is counted with each."""
    return sum(engine.images.get(name).attrs["Size"] for name in images.NAMES)


def ids(engine: docker.DockerClient) -> IDs:
    """Return the ID of each image; None for one that is not there."""

    def of(name: str) -> str | None:
        try:
            return engine.images.get(name).id
        except ImageNotFound:
            return None

    return {name: of(name) for name in images.NAMES}


def _save(file: IO[bytes]) -> None:
    """Write the images to a file, compressed if there is zstd: the engines know it by themselves. Raises LabError."""
    compress = " | zstd -q -1 -T0" if shutil.which("zstd") else ""
    words = ["bash", "-c", f'set -o pipefail; docker save "$@"{compress}', "save", *images.NAMES]

    def take(piece: bytes) -> None:
        file.write(piece)

    code, errors = pipe(words, take=take)
    file.flush()
    if code:
        raise LabError(tr("The images could not be saved: {errors}", errors=errors))


def _load(path: str, socket: Path, ours: IDs) -> None:
    """Load the images on a host, and see that they are the same. Raises LabError."""
    with Path(path).open("rb") as source:
        code, errors = pipe(["docker", "--host", f"unix://{socket}", "load", "--quiet"], source)
    if code:
        raise LabError(tr("the images could not be loaded: {errors}", errors=errors))
    engine = tunnel.client(socket)
    if (found := ids(engine)) != ours:
        others = ", ".join(name for name in images.NAMES if found[name] != ours[name])
        told = tr(
            "{names} came to have another ID there: the two engines keep images in different stores.", names=others
        )
        raise LabError(told)
    engine.images.prune(filters={"dangling": True, "label": images.OURS})
