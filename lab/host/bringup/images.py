"""The lab's own images, built when what they are made of has changed."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

import docker
from docker.errors import APIError, ImageNotFound
from docker.models.containers import Container

from lab.host import compose, settings
from lab.host.bringup import base_image, bundle
from lab.host.bringup.packages import SUITE
from lab.host.command import CommandError, LabError
from lab.host.python import ROOT
from lab.host.step import Step
from lab.language import tr

PREFIX = settings.environment().get("LAB_IMAGES") or "forklab"  # compose.yaml reads it too
SEAT_IMAGE = f"{PREFIX}/seat"
WEB_IMAGE = f"{PREFIX}/web"
NAMES = (f"{PREFIX}/server", SEAT_IMAGE, f"{PREFIX}/gate", WEB_IMAGE)
VERSION_LABEL, PACKAGES_LABEL = "org.opencontainers.image.version", "forklab.packages"
OURS = "org.opencontainers.image.title=forklab"
HOST_SIDE = ("lab/host/", "lab/fabfile/")  # .dockerignore keeps them out
SEAT_SIDE = ("__init__.py", "exercises", "judging")  # of checks/: it lets these in


def ensure(step: Step, engine: docker.DockerClient) -> None:
    """Build the images unless they are of this version, and have the packages asked for. Raises LabError."""
    wanted = version()
    if are_current(engine):
        return step.done(tr("{names} are built ({wanted})", names=", ".join(NAMES), wanted=wanted))
    step.doing(tr("building"))
    os.environ["LAB_VERSION"] = wanted
    _build(step)
    prune(engine)
    sizes = [f"{name} {engine.images.get(name).attrs['Size'] / 1e6:.0f} MB" for name in NAMES]
    return step.done(tr("built {sizes} ({wanted})", sizes=", ".join(sizes), wanted=wanted))


def prune(engine: docker.DockerClient) -> None:
    """Remove those of ours that have no name any more; while another prune is at work they are left to the next one."""
    try:
        engine.images.prune(filters={"dangling": True, "label": OURS})
    except APIError as error:
        if error.status_code != HTTPStatus.CONFLICT:
            raise


def are_current(engine: docker.DockerClient) -> bool:
    """Tell whether the images are here, of this version, with the packages asked for."""
    has_packages = _label_of(engine, SEAT_IMAGE, PACKAGES_LABEL) == packages()
    return has_packages and {_label_of(engine, name, VERSION_LABEL) for name in NAMES} == {version()}


def load(step: Step, engine: docker.DockerClient) -> None:
    """Take them, and the base image, from the bundle that is here, unless they are here already. Raises LabError."""
    if are_current(engine) and engine.images.list(base_image.IMAGE):
        return step.done(tr("its images are here"))
    found = bundle.checked()
    if found.version != version():
        raise LabError(
            tr(
                "The images in {folder} are of another version of the lab: unpack the bundle's own, or remove that "
                "folder, and they are built from the network.",
                folder=bundle.FOLDER,
            )
        )
    step.doing(tr("loading its images"))
    step.run("docker", "load", "--quiet", "--input", str(bundle.FOLDER / bundle.IMAGES))
    for saved, name in zip(found.images, NAMES, strict=True):
        if saved != name:  # LAB_IMAGES was another where it was made
            engine.images.get(saved).tag(name)
    return step.done(tr("its images are loaded"))


def _build(step: Step) -> None:
    try:
        step.run(*compose.command(compose.LAB), "--progress", "plain", "build")
    except CommandError as error:
        unknown = sorted({*re.findall(r"Unable to locate package (\S+)", error.output)} & {*packages().split()})
        if not unknown:
            raise
        raise LabError(
            tr(
                "Debian {suite} has no package named {unknown}; the images are as they were: PACKAGES=…",
                suite=SUITE,
                unknown=", ".join(unknown),
            )
        ) from error


def packages() -> str:
    """Return what the seats are to have besides, as the build knows it: names, a space between two."""
    return settings.environment().get("LAB_PACKAGES", "")


def remove(engine: docker.DockerClient) -> None:
    """Remove the images, unless another project's containers are made of them."""
    for name in NAMES:
        if not engine.containers.list(all=True, sparse=True, filters={"ancestor": name}):
            with suppress(ImageNotFound):
                engine.images.remove(name)


def refuse_outdated(found: Iterable[Container]) -> None:
    """See that containers are of the working tree's own version. Raises LabError."""
    wanted = version()
    for container in found:
        if container.labels.get(VERSION_LABEL) != wanted:
            raise LabError(
                tr("{name} is not of this version ({wanted}): make lab first.", name=container.name, wanted=wanted)
            )


def version() -> str:
    """Return 12 hexadecimal digits that stand for the content of all that goes into the images."""
    digest = hashlib.sha256((ROOT / ".dockerignore").read_bytes())
    for path in sorted(_content()):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(HOST_SIDE) and "__pycache__" not in name:
            digest.update(f"{name}\0{_mode(path)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _content() -> Iterator[Path]:
    for top in (ROOT / "images", ROOT / "lab", *(ROOT / "checks" / name for name in SEAT_SIDE)):
        yield from (path for path in [top, *top.rglob("*")] if path.is_file())


def _mode(path: Path) -> str:
    return "x" if os.access(path, os.X_OK) else "-"


def _label_of(engine: docker.DockerClient, name: str, label: str) -> str | None:
    try:
        return engine.images.get(name).labels.get(label)
    except ImageNotFound:
        return None
