"""The images to the hosts by a registry of this machine's loopback, which each reaches through ssh: only what changed.

It is Debian's docker-registry, a single program: the one that is installed, else apt's, unpacked in .lab and not
installed, since its package would have it listen for ever. It runs while a make is at work: first for this engine,
which pushes, then read-only for the hosts, which pull by digest.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import docker

from lab.host.bringup import bundle, images
from lab.host.command import CommandError, LabError
from lab.host.hosts import tunnel
from lab.host.hosts.inventory import FOLDER, Host
from lab.host.ports import LOOPBACK, await_open, claim
from lab.host.step import Step
from lab.language import tr

HERE = FOLDER / "registry"
NAME = "docker-registry"
UNPACKED = HERE / "program"
PORT = HERE / "port"  # the same each time: the engine knows by it what it has pushed there
QUICKLY = ("-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=5", "-o", "Acquire::https::Timeout=5")
Digests = dict[str, str]  # of each image, by its name


def program(step: Step) -> Path | None:
    """Return the registry's program; None where it cannot be had."""
    HERE.mkdir(parents=True, exist_ok=True)
    if there := shutil.which(NAME):
        return Path(there)
    unpacked = UNPACKED / "usr" / "bin" / NAME
    if not unpacked.exists() and not _unpack(step):
        return None
    return unpacked


def _unpack(step: Step) -> bool:
    """Have apt's package in a folder of ours. It takes no root, and nothing is installed."""
    may = os.environ.get("LAB_INSTALL") != "no" and not bundle.is_here() and shutil.which("apt-get")
    if not may:
        return False
    part = HERE / "part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    script = 'cd "$1" && shift && apt-get download "$@" && dpkg-deb -x ./*.deb .'
    try:
        step.run("sh", "-c", script, "download", str(part), *QUICKLY, NAME)
    except CommandError:
        return False
    part.rename(UNPACKED)
    return True


def push(found: Path, engine: docker.DockerClient) -> Digests:
    """Bring the images of this machine's engine into the registry; return by which digests they are there."""
    port = _port()
    with _serving(found, port, read_only=False):
        digests = {name: _push(engine, name, f"{LOOPBACK}:{port}/{_repository(name)}") for name in images.NAMES}
    # What no image has any more. It must not be at work meanwhile.
    subprocess.run(
        [str(found), "garbage-collect", "--delete-untagged", str(_config(port))], capture_output=True, check=False
    )
    return digests


@contextmanager
def offered(found: Path) -> Iterator[int]:
    """Have the registry at work for whoever pulls; yield its port."""
    port = _port()
    with _serving(found, port, read_only=True):
        yield port


def pull(host: Host, there: docker.DockerClient, port: int, digests: Mapping[str, str]) -> None:
    """Let a host's engine take the images from the registry at a port of this machine. Raises LabError."""
    with tunnel.lent(host, port) as theirs:
        for name, digest in digests.items():
            repository = f"{LOOPBACK}:{theirs}/{_repository(name)}"
            _refuse_error(there.api.pull(repository, digest, stream=True, decode=True))
            whole = f"{repository}@{digest}"
            there.images.get(whole).tag(name)
            there.images.remove(whole)  # that name


def _push(engine: docker.DockerClient, name: str, repository: str) -> str:
    """Push an image; return its digest. Raises LabError."""
    engine.images.get(name).tag(repository)
    try:
        said = _refuse_error(engine.api.push(repository, "latest", stream=True, decode=True))
    finally:
        engine.images.remove(repository)  # that name
    digests = [line["aux"]["Digest"] for line in said if "Digest" in line.get("aux", {})]
    if not digests:
        raise LabError(tr("the engine did not say what it has pushed"))
    return str(digests[-1])


def _refuse_error(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what an engine has said of its work. Raises LabError if that is an error."""
    said = list(lines)
    if errors := [str(line["error"]) for line in said if "error" in line]:
        raise LabError(errors[0])
    return said


def _repository(name: str) -> str:
    return name.rpartition("/")[2]


def _port() -> int:
    """Return the registry's port: the one that it had, if it is free."""
    for wanted in (int(PORT.read_text()) if PORT.exists() else 0, 0):
        with suppress(OSError):
            found = claim(LOOPBACK, wanted)
            PORT.write_text(str(found))
            return found
    raise AssertionError(LOOPBACK)


def _config(port: int, *, read_only: bool = False) -> Path:
    """Write the registry's settings. YAML takes JSON."""
    path = HERE / "config.yml"
    settings = {
        "version": "0.1",
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(HERE / "blobs")},
            "delete": {"enabled": True},
            "maintenance": {"uploadpurging": {"enabled": False}, "readonly": {"enabled": read_only}},
        },
        "http": {"addr": f"{LOOPBACK}:{port}"},
    }
    path.write_text(json.dumps(settings, indent=1))
    return path


@contextmanager
def _serving(found: Path, port: int, *, read_only: bool) -> Iterator[None]:
    """Have the registry at work. Raises LabError if it does not begin."""
    words = [*tunnel.ends_with_us(), str(found), "serve", str(_config(port, read_only=read_only))]
    with (HERE / "registry.log").open("wb") as log:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        try:
            await_open(LOOPBACK, port, 2 * tunnel.PATIENCE, lambda: process.poll() is not None)
        except OSError as error:
            raise LabError(tr("the registry does not begin: {why}", why=error)) from error
        yield
    finally:
        process.terminate()
        process.wait()
