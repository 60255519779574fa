"""The running lab: one compose project, whose containers are found by their labels."""

import os
from contextlib import suppress
from pathlib import Path

import docker
from docker.errors import ImageNotFound
from docker.models.containers import Container

from lab.seats import compose, images
from lab.seats.command import ROOT, LabError
from lab.seats.step import Step

PROJECT = os.environ.get("COMPOSE_PROJECT_NAME", "forklab")
IN_PROJECT = f"com.docker.compose.project={PROJECT}"
FOLDER_LABEL = "com.docker.compose.project.working_dir"
ROLE, SEAT = "forklab.role", "forklab.seat"
MOST_NAMED = 12  # seats, in one line


def up(step: Step, engine: docker.DockerClient) -> None:
    """Start what is not running and wait until all is healthy. Raises LabError."""
    step.doing("starting")
    step.run(*compose.command(), "--progress", "plain", *("up", "--detach", "--wait", "--no-build", "--remove-orphans"))
    names = seats(engine)
    step.done(f"server, gate, {', '.join(names) if len(names) <= MOST_NAMED else f'{len(names)} seats'} are healthy")


def start(step: Step, names: list[str], *, anew: bool = False) -> None:
    """Start these seats and wait until they are healthy; `anew` makes new containers of them. Raises CommandError."""
    options = ["--force-recreate"] if anew else ["--no-recreate"]
    up_alone = ("up", "--detach", "--wait", "--no-build", "--no-deps")
    step.run(*compose.command(), "--progress", "plain", *up_alone, *options, *names)


def down(step: Step, engine: docker.DockerClient) -> None:
    """Stop and remove the containers; the volumes, hence the homes, stay. Raises LabError."""
    refuse_foreign(engine)
    step.doing("stopping")
    step.run(*compose.command(), "--progress", "plain", "down", "--remove-orphans")
    step.done("stopped; the students' work is kept")


def remove(engine: docker.DockerClient) -> None:
    """Remove the volumes, and the images unless another project's containers are made of them."""
    for volume in engine.volumes.list(filters={"label": IN_PROJECT}):
        volume.remove()
    for name in images.NAMES:
        if not engine.containers.list(all=True, filters={"ancestor": name}):
            with suppress(ImageNotFound):
                engine.images.remove(name)


def homes(engine: docker.DockerClient) -> list[str]:
    """Name the volumes that hold students' work."""
    volumes = engine.volumes.list(filters={"label": IN_PROJECT})
    names = [volume.attrs["Labels"]["com.docker.compose.volume"] for volume in volumes]
    return sorted(name for name in names if name.startswith("home-"))


def seats(engine: docker.DockerClient) -> list[str]:
    """Name the seats that there are, running or not."""
    return sorted(container.labels[SEAT] for container in _containers(engine) if SEAT in container.labels)


def seat_containers(engine: docker.DockerClient) -> dict[str, Container]:
    """Return the containers of the seats, running or not, by the seat's login."""
    return {container.labels[SEAT]: container for container in _containers(engine) if SEAT in container.labels}


def seat(engine: docker.DockerClient, name: str) -> Container:
    """Return the running container of a seat. Raises LabError if there is none."""
    found = [container for container in _containers(engine) if container.labels.get(SEAT) == name]
    if not found:
        known = ", ".join(seats(engine))
        there = f"the seats are {known}" if known else "the lab is down: make lab"
        raise LabError(f"There is no seat named {name!r}; {there}." if name else f"Which seat? SEAT=…; {there}.")
    if found[0].status != "running":
        raise LabError(f"The seat {name} is {found[0].status}: make lab starts it.")
    return found[0]


def gate(engine: docker.DockerClient) -> Container:
    """Return the gate's container. Raises LabError if there is none."""
    return _one(engine, "gate")


def server(engine: docker.DockerClient) -> Container:
    """Return the server's container. Raises LabError if there is none."""
    return _one(engine, "server")


def _one(engine: docker.DockerClient, role: str) -> Container:
    for container in _containers(engine):
        if container.labels[ROLE] == role:
            return container
    raise LabError("The lab is down: make lab brings it up.")


def container(engine: docker.DockerClient, name: str) -> Container | None:
    """Return the container of a seat, running or not."""
    labels = [IN_PROJECT, f"{SEAT}={name}"]
    found = engine.containers.list(all=True, ignore_removed=True, filters={"label": labels})
    return found[0] if found else None


def places(engine: docker.DockerClient) -> list[str]:
    """Return where the checks find the server and the seats, as their options. Raises LabError if the lab is down."""
    running = [container for container in _containers(engine) if container.status == "running"]
    servers = [f"--server=docker://{container.name}" for container in running if container.labels[ROLE] == "server"]
    found = [
        f"--seat={container.labels[SEAT]}=docker://{container.name}"
        for container in running
        if SEAT in container.labels
    ]
    if not servers or not found:
        raise LabError("The lab is down: make lab brings it up.")
    return servers + sorted(found)


def _containers(engine: docker.DockerClient) -> list[Container]:
    return engine.containers.list(all=True, ignore_removed=True, filters={"label": [IN_PROJECT, ROLE]})


def refuse_foreign(engine: docker.DockerClient) -> None:
    """Leave alone what another folder's project of the same name has started. Raises LabError."""
    for container in engine.containers.list(all=True, ignore_removed=True, filters={"label": IN_PROJECT}):
        folder = container.labels.get(FOLDER_LABEL, "")
        if folder and Path(folder) != ROOT:
            raise LabError(
                f"The name {PROJECT} is taken by the compose project in {folder}: stop it there (make down), "
                f"or give this lab another name (make lab COMPOSE_PROJECT_NAME=…)."
            )
