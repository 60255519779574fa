"""The running lab: one compose project, whose containers are found by their labels."""

import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import docker
from docker.errors import ImageNotFound
from docker.models.containers import Container

from lab.seats import images
from lab.seats.command import ROOT, LabError
from lab.seats.step import Step

PROJECT = os.environ.get("COMPOSE_PROJECT_NAME", "forklab")
IN_PROJECT = f"com.docker.compose.project={PROJECT}"
FOLDER_LABEL = "com.docker.compose.project.working_dir"
ROLE, SEAT = "forklab.role", "forklab.seat"


@dataclass(frozen=True)
class Row:
    """One container of the lab, as `status` shows it."""

    seat: str  # or "server"
    role: str
    state: str  # healthy, starting, unhealthy, or the engine's word: exited, paused …
    since: str  # ISO 8601
    processes: int
    memory: int  # bytes

    def to_json(self) -> dict[str, str | int]:
        """Return the row as JSON has it."""
        return asdict(self)


def up(step: Step, engine: docker.DockerClient) -> None:
    """Start what is not running and wait until all is healthy. Raises LabError."""
    _refuse_foreign(engine)
    step.doing("starting")
    step.run("docker", "compose", "--progress", "plain", "up", "--detach", "--wait", "--no-build", "--remove-orphans")
    step.done(f"server, {', '.join(seats(engine))} are healthy")


def down(step: Step, engine: docker.DockerClient) -> None:
    """Stop and remove the containers; the volumes, hence the homes, stay. Raises LabError."""
    _refuse_foreign(engine)
    step.doing("stopping")
    step.run("docker", "compose", "--progress", "plain", "down", "--remove-orphans")
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


def places(engine: docker.DockerClient) -> list[str]:
    """Return where the checks find the server and the seats, as their options. Raises LabError if the lab is down."""
    running = [container for container in _containers(engine) if container.status == "running"]
    servers = [f"--server=docker://{container.name}" for container in running if SEAT not in container.labels]
    found = [
        f"--seat={container.labels[SEAT]}=docker://{container.name}"
        for container in running
        if SEAT in container.labels
    ]
    if not servers or not found:
        raise LabError("The lab is down: make lab brings it up.")
    return servers + sorted(found)


def status(engine: docker.DockerClient) -> list[Row]:
    """Return a row a container: the server first, then the seats by name."""
    rows = [_row(container) for container in _containers(engine)]
    return sorted(rows, key=lambda row: (row.role != "server", row.seat))


def _row(container: Container) -> Row:
    state = container.attrs["State"]
    running = container.status == "running"
    usage = _usage(container) if running else {}
    return Row(
        seat=container.labels.get(SEAT, container.labels[ROLE]),
        role=container.labels[ROLE],
        state=state.get("Health", {}).get("Status", container.status) if running else container.status,
        since=state["StartedAt"],
        processes=usage.get("pids_stats", {}).get("current", 0),
        memory=usage.get("memory_stats", {}).get("usage", 0),
    )


def _usage(container: Container) -> dict[str, Any]:
    return cast(dict[str, Any], container.stats(stream=False, one_shot=True))


def _containers(engine: docker.DockerClient) -> list[Container]:
    return engine.containers.list(all=True, ignore_removed=True, filters={"label": [IN_PROJECT, ROLE]})


def _refuse_foreign(engine: docker.DockerClient) -> None:
    """Leave alone what another folder's project of the same name has started. Raises LabError."""
    for container in engine.containers.list(all=True, ignore_removed=True, filters={"label": IN_PROJECT}):
        folder = container.labels.get(FOLDER_LABEL, "")
        if folder and Path(folder) != ROOT:
            raise LabError(
                f"The name {PROJECT} is taken by the compose project in {folder}: stop it there (make down), "
                f"or give this lab another name (make lab COMPOSE_PROJECT_NAME=…)."
            )
