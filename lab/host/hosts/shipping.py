"""The images on each host: this machine's own, by a registry, else by `docker save | zstd | docker load`."""

import shutil
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

import docker
from docker.errors import DockerException, ImageNotFound

from lab.host.bringup import images
from lab.host.command import LabError, pipe
from lab.host.hosts import registry, tunnel
from lab.host.hosts.inventory import FOLDER, Host
from lab.host.step import Step, size
from lab.host.together import each
from lab.language import tr

IDs = dict[str, str | None]
PULLING = 600  # seconds in which an engine may say nothing while it unpacks


def ship(
    step: Step, engine: docker.DockerClient, hosts: Mapping[str, Host], sockets: Mapping[str, Future[Path]]
) -> dict[str, Exception]:
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
    rest = _by_registry(step, engine, {host: hosts[host] for host in lacking}, sockets, ours)
    return failed | (_by_file(step, rest, sockets, ours) if rest else {})


def _by_registry(
    step: Step,
    engine: docker.DockerClient,
    hosts: Mapping[str, Host],
    sockets: Mapping[str, Future[Path]],
    ours: IDs,
) -> list[str]:
    """Let the hosts pull what they lack; return those that do not have the same images then, and say why."""
    found = registry.program(step)
    if not found:
        return list(hosts)

    def pull(name: str) -> None:
        there = tunnel.client(sockets[name].result(), timeout=PULLING)
        registry.pull(hosts[name], there, port, digests)
        _see_same(there, ours)

    try:
        digests = registry.push(found, engine)
        with registry.offered(found) as port:
            pulled = each(hosts, pull)
    except (LabError, DockerException, OSError) as error:
        pulled = dict.fromkeys(hosts, error)
    if good := [host for host, outcome in pulled.items() if outcome is None]:
        step.done(tr("{hosts} have them, by the registry", hosts=", ".join(good)))
    rest = {host: outcome for host, outcome in pulled.items() if outcome is not None}
    for host, why in rest.items():
        step.note(tr("to {host} not by the registry: {why}", host=host, why=why))
    return list(rest)


def _by_file(step: Step, lacking: list[str], sockets: Mapping[str, Future[Path]], ours: IDs) -> dict[str, Exception]:
    """Bring all images as a file; return by host why that failed. Raises LabError."""
    with NamedTemporaryFile(dir=FOLDER) as file:
        _save(file)
        loaded = each(lacking, lambda host: _load(file.name, sockets[host].result(), ours))
        bulk = size(Path(file.name).stat().st_size)
    failed = {host: outcome for host, outcome in loaded.items() if outcome is not None}
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
    _see_same(tunnel.client(socket), ours)


def _see_same(there: docker.DockerClient, ours: IDs) -> None:
    """See that a host has the same images, and none of ours that nothing uses. Raises LabError."""
    if (found := ids(there)) != ours:
        others = ", ".join(name for name in images.NAMES if found[name] != ours[name])
        told = tr(
            "{names} came to have another ID there: the two engines keep images in different stores.", names=others
        )
        raise LabError(told)
    images.prune(there)
