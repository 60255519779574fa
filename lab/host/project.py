"""The running lab: one compose project, whose containers are found by their labels."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import docker
from docker.models.containers import Container

from lab.host import compose, settings
from lab.host.command import CommandError, LabError
from lab.host.compose import ROLE, SEAT
from lab.host.python import ROOT
from lab.host.step import Step
from lab.host.together import each, refuse_failed
from lab.language import tr
from lab.trace.timeline import printable

PROJECT = os.environ.get("COMPOSE_PROJECT_NAME") or "forklab"
IN_PROJECT = f"com.docker.compose.project={PROJECT}"
FOLDER_LABEL = "com.docker.compose.project.working_dir"
BROWSER = ("web", "watch")  # the services that LAB_WEB=no leaves out
GATE_PORT = 2222  # in its container, and on the machine unless it is told another
MOST_NAMED = 12  # seats, in one line
LAST_LINES = 5  # of a container that is not healthy
WAITING = ("--detach", "--wait")
RUNNING = (*WAITING, "--no-deps", "--no-recreate")
AT_ONCE = 2 * (os.cpu_count() or 1)  # seats that start: as fast as all at once, and each is soon ready


def is_in_browser() -> bool:
    """Tell whether the class is to be in a browser too."""
    return settings.environment().get("LAB_WEB") != "no"


def up(step: Step, engine: docker.DockerClient, wanted: int) -> None:
    """Start what is not running of a lab of so many seats, and wait until all is healthy. Raises LabError."""
    step.doing(tr("starting"))
    left_out = [] if is_in_browser() else [word for name in BROWSER for word in ("--scale", f"{name}=0")]
    if wanted - _at_work(engine) <= AT_ONCE:
        _up(step, engine, *WAITING, "--remove-orphans", *left_out)
        names = seats(engine)
    else:
        _up(step, engine, "--no-start", "--remove-orphans", *left_out)
        _up(step, engine, *RUNNING, "server", "gate", *(BROWSER if is_in_browser() else ()))
        names = seats(engine)
        _start_seats(step, engine, names)
    few = ", ".join(names) if len(names) <= MOST_NAMED else tr("{count} seats", count=len(names))
    step.done(tr("server, gate, {few} are healthy", few=few))


def start(step: Step, engine: docker.DockerClient, names: list[str], *, anew: bool = False) -> None:
    """Start these seats and wait until they are healthy; `anew` makes new containers of them. Raises LabError."""
    how = ("--no-deps", "--force-recreate" if anew else "--no-recreate")
    if len(names) <= AT_ONCE:
        return _up(step, engine, *WAITING, *how, *names)
    _up(step, engine, "--no-start", *how, *names)
    return _start_seats(step, engine, names)


def _up(step: Step, engine: docker.DockerClient, *words: str) -> None:
    """Let compose make containers, or start them and wait. Raises LabError, with what the others said last."""
    how = ("--progress", "plain", "--parallel", str(at_once(engine)))
    try:
        step.run(*compose.command(), *how, "up", "--no-build", *words)
    except CommandError as error:
        said = _last_words(engine)
        raise LabError("\n".join([str(error), *said])) from error


def _start_seats(step: Step, engine: docker.DockerClient, names: Sequence[str]) -> None:
    """Start those of these seats that do not run, and wait until all are healthy. Raises LabError.

    Compose makes so many at a time as it is told, but starts all at once: of 200, each then takes half a minute.
    """
    resting = {
        container.attrs["Labels"][SEAT]: str(container.id)
        for container in _listed(engine)
        if container.attrs["State"] in ("created", "exited")
    }
    wanted = [name for name in names if name in resting]
    done = each(wanted, lambda name: engine.api.start(resting[name]), at_once=at_once(engine))
    refuse_failed(done, lambda: _last_words(engine))
    if names:
        _up(step, engine, *RUNNING, *names)


def at_once(engine: docker.DockerClient) -> int:
    """Return how many seats may be made or started at a time: where somebody is at work, they are not to notice."""
    return 1 if _at_work(engine) else AT_ONCE


def _at_work(engine: docker.DockerClient) -> int:
    return sum(container.attrs["State"] == "running" for container in _listed(engine))


def _listed(engine: docker.DockerClient) -> list[Container]:
    """Return the seats' containers, running or not, by what one question to the engine tells of them."""
    return list(engine.containers.list(all=True, sparse=True, filters={"label": [IN_PROJECT, SEAT]}))


def _last_words(engine: docker.DockerClient) -> Iterator[str]:
    """Yield for each container that has ended, starts over and over or is unhealthy what it said last."""
    filters = {"label": [IN_PROJECT, ROLE]}
    for found in engine.api.containers(all=True, filters=filters):
        state = found["Status"]
        if found["State"] == "running" and "unhealthy" not in state:
            continue
        name = found["Names"][0].lstrip("/")
        lines = engine.api.logs(found["Id"], tail=LAST_LINES).decode(errors="replace").splitlines()
        yield f"{name} ({state}): " + (" / ".join(map(printable, lines)) or tr("said nothing"))


def wait(step: Step, engine: docker.DockerClient, service: str) -> None:
    """Wait until a service that runs is healthy. Raises LabError."""
    _up(step, engine, *RUNNING, service)


def down(step: Step) -> None:
    """Stop the lab, and say so. Raises LabError."""
    stop(step)
    step.done(tr("stopped; the students' work is kept"))


def stop(step: Step) -> None:
    """Stop and remove the containers; the volumes, hence the homes, stay. Raises LabError."""
    step.doing(tr("stopping"))
    step.run(*compose.command(), "--progress", "plain", "down", "--remove-orphans")


def remove(engine: docker.DockerClient) -> None:
    """Remove the volumes, and what a killed make has left of its own on them."""
    for volume in engine.volumes.list(filters={"label": IN_PROJECT}):
        for left in engine.containers.list(all=True, filters={"volume": volume.name, "status": ["created", "exited"]}):
            left.remove()
        volume.remove()


def homes(engine: docker.DockerClient) -> list[str]:
    """Name the volumes that hold students' work."""
    volumes = engine.volumes.list(filters={"label": IN_PROJECT})
    names = [volume.attrs["Labels"]["com.docker.compose.volume"] for volume in volumes]
    return sorted(name for name in names if name.startswith("home-"))


def seats(engine: docker.DockerClient) -> list[str]:
    """Name the seats that there are, running or not."""
    return sorted(container.attrs["Labels"][SEAT] for container in _listed(engine))


def seat_containers(engine: docker.DockerClient) -> dict[str, Container]:
    """Return the containers of the seats, running or not, by the seat's login."""
    return {container.labels[SEAT]: container for container in containers(engine, IN_PROJECT, SEAT)}


def seat(engine: docker.DockerClient, name: str) -> Container:
    """Return the running container of a seat. Raises LabError if there is none."""
    found = container(engine, name) if name else None
    if found is None:
        raise no_such_seat([name] if name else [], seats(engine))
    return _running(name, found)


def no_such_seat(named: Sequence[str], there: Sequence[str], how: str = "SEAT=…") -> LabError:
    """Return the error of those who have named seats that are not there, or none; it says which are."""
    known = ", ".join(there)
    which = tr("the seats are {known}", known=known) if there else tr("there are none: make lab")
    if not named:
        return LabError(tr("Which seat? {how}; {which}.", how=how, which=which))
    names = ", ".join(map(repr, named))
    return LabError(tr("There is no seat named {names}; {which}.", names=names, which=which))


def gate(engine: docker.DockerClient) -> Container:
    """Return the gate's running container. Raises LabError if there is none."""
    return _one(engine, "gate")


def port(engine: docker.DockerClient) -> int:
    """Return the port of this machine at which the gate is. Raises LabError."""
    published = gate(engine).ports.get(f"{GATE_PORT}/tcp")
    if not published:
        raise LabError(tr("The gate has no port: make lab gives it one."))
    return int(published[0]["HostPort"])


def web(engine: docker.DockerClient) -> Container:
    """Return the running container of the pages. Raises LabError if there is none."""
    if service(engine, "web") is None and service(engine, "gate") is not None:
        raise LabError(tr("The class is in no browser (LAB_WEB=no): make lab LAB_WEB=127.0.0.1 puts it there."))
    return _one(engine, "web")


def service(engine: docker.DockerClient, role: str) -> Container | None:
    """Return the container that has a role which only one has, running or not."""
    return next(iter(containers(engine, IN_PROJECT, f"{ROLE}={role}")), None)


def server(engine: docker.DockerClient) -> Container:
    """Return the server's running container. Raises LabError if there is none."""
    return _one(engine, "server")


def is_down() -> LabError:
    """Return the error of those who need a running lab."""
    return LabError(tr("The lab is down: make lab brings it up."))


def _one(engine: docker.DockerClient, role: str) -> Container:
    if (found := service(engine, role)) is None:
        raise is_down()
    return _running(role, found)


def _running(name: str, container: Container) -> Container:
    if container.status != "running":
        raise LabError(tr("{name} is {status}: make lab starts it.", name=name, status=container.status))
    return container


def container(engine: docker.DockerClient, name: str) -> Container | None:
    """Return the container of a seat, running or not."""
    return next(iter(containers(engine, IN_PROJECT, f"{SEAT}={name}")), None)


def running(engine: docker.DockerClient) -> list[Container]:
    """Return what of the lab runs."""
    return [container for container in containers(engine, IN_PROJECT, ROLE) if container.status == "running"]


def places(running: Iterable[Container]) -> list[str]:
    """Return where the checks find the server and the seats that run, as their options.

    Raises LabError if the lab is down.
    """
    servers = [f"--server=docker://{container.name}" for container in running if container.labels[ROLE] == "server"]
    found = [
        f"--seat={container.labels[SEAT]}=docker://{container.name}"
        for container in running
        if SEAT in container.labels
    ]
    if not servers or not found:
        raise is_down()
    return servers + sorted(found)


def containers(engine: docker.DockerClient, *labels: str) -> list[Container]:
    """Return the containers that have all these labels, running or not; one that is just being removed is none."""
    return engine.containers.list(all=True, ignore_removed=True, filters={"label": list(labels)})


def refuse_foreign(engine: docker.DockerClient) -> None:
    """Leave alone what another folder's project of the same name has started. Raises LabError.

    Two that were started at once have some containers each: they are all of whose folder the server is.
    """
    found = engine.containers.list(all=True, sparse=True, filters={"label": IN_PROJECT})
    labels = [container.attrs["Labels"] for container in found]
    for owner in sorted(labels, key=lambda each: each.get(ROLE) != "server")[:1]:
        folder = owner.get(FOLDER_LABEL, "")
        if folder and Path(folder) != ROOT:
            raise LabError(
                tr(
                    "The name {project} is taken by the compose project in {folder}: stop it there (make down), or "
                    "give this lab another name (make lab COMPOSE_PROJECT_NAME=…).",
                    project=PROJECT,
                    folder=folder,
                )
            )
