"""The container engine: found, or installed from the distribution and started; and the client to it."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import DockerException

from lab.host.bringup import fitness
from lab.host.bringup.packages import (
    KEYRING,
    SUITE,
    candidates,
    debian_mirror,
    distribution,
    has_apt,
    install,
    refresh,
    why_not_install,
)
from lab.host.command import GENERATED, LabError, answer
from lab.host.step import Step
from lab.language import tr

OLDEST_COMPOSE = (2, 20)
START_SECONDS = 60.0
SOURCES = Path("/etc/apt/sources.list.d/forklab.sources")
PREFERENCES = Path("/etc/apt/preferences.d/forklab")
# By Debian's names; they run beside an older Debian's own containerd, runc and C library.
PACKAGES = ("docker.io", "docker-cli", "docker-compose", "docker-buildx")
UBUNTUS_COMPOSE = "docker-compose-v2"
DAEMON_SETTINGS = Path("/etc/docker/daemon.json")
# Where there is no service manager: killed or crashed, the daemon is started again. It ends by itself with 0 when it is
# told to, and with 1 when it cannot start.
KEEP_RUNNING = 'while "$@"; code=$?; [ $code -ne 0 ] && [ $code -ne 1 ]; do sleep 1; done'
COMMANDS = {
    "fedora": "sudo dnf install moby-engine docker-cli docker-compose docker-buildx && sudo systemctl start docker",
    "arch": "sudo pacman -S docker docker-compose docker-buildx && sudo systemctl start docker",
    "alpine": "apk add docker docker-cli-compose docker-cli-buildx && service docker start",
    "opensuse-tumbleweed": "sudo zypper install docker docker-compose docker-buildx && sudo systemctl start docker",
}


def client() -> docker.DockerClient:
    """Return a client to the engine. Raises LabError if it does not answer."""
    try:
        found = docker.from_env()
        found.ping()
    except DockerException as error:
        why = _short(error)
        raise LabError(tr("The container engine does not answer ({why}): make lab starts it.", why=why)) from error
    return found


@dataclass(frozen=True)
class Found:
    """What `docker info` tells: versions, None for what is not there or does not answer."""

    engine: str | None
    compose: str | None
    buildx: str | None

    @classmethod
    def look(cls) -> "Found":
        """Ask once; without an engine the command still knows its own plugins."""
        told = json.loads(answer("docker", "info", "--format", "{{json .}}", is_checked=False) or "{}")
        plugins = {plugin["Name"]: plugin.get("Version") for plugin in told.get("ClientInfo", {}).get("Plugins") or []}
        return cls(told.get("ServerVersion") or None, plugins.get("compose"), plugins.get("buildx"))

    @property
    def missing(self) -> list[str]:
        """Name what is not there by the packages that bring it."""
        there = {
            "docker.io": self.engine or shutil.which("dockerd", path=_system_path()),
            "docker-cli": shutil.which("docker"),
            "docker-compose": self.compose and _numbers(self.compose) >= OLDEST_COMPOSE,
            "docker-buildx": self.buildx,
        }
        return [package for package, found in there.items() if not found]


def ensure(step: Step) -> None:
    """See to it that an engine and compose v2 answer. Raises LabError, with the one command that helps."""
    try:
        found = _made_ready(step)
    except LabError as error:
        without = tr("Or run the lab without an engine, as plain processes in one shell: make local")
        raise LabError(f"{error}\n{without}") from error
    answering = client()
    fitness.refuse_unfit(answering.version())
    step.done(tr("docker {engine} and compose {compose} answer", engine=found.engine, compose=found.compose))
    if said := fitness.warning(answering.info()):
        step.note(said)


def _made_ready(step: Step) -> Found:
    found = Found.look()
    host = os.environ.get("DOCKER_HOST")
    if host and not found.engine:
        raise LabError(
            tr("The engine at DOCKER_HOST={host} does not answer: start it, or unset DOCKER_HOST.", host=host)
        )
    if found.missing:
        _install(step, found.missing)
        found = Found.look()
    if not found.engine:
        _start(step)
        found = Found.look()
    if left := [*found.missing, *([] if found.engine else ["docker.io"])]:
        raise LabError(
            tr("{left} is installed, but `docker info` does not show it: see what that says.", left=", ".join(left))
        )
    return found


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:2]))


def _system_path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/sbin"


def _install(step: Step, missing: list[str]) -> None:
    if reason := why_not_install():
        names = ", ".join(missing)
        raise LabError(
            tr("There is no {names} here, and {reason}. {command}", names=names, reason=reason, command=_one_command())
        )
    step.doing(tr("installing {missing}", missing=", ".join(missing)))
    refresh(step, PACKAGES[0])
    if is_too_old():
        _pin_newer_suite(step)
    install(step, *called_here(missing))


def called_here(packages: Sequence[str]) -> list[str]:
    """Return what this system's apt calls packages that Debian calls so."""
    if UBUNTUS_COMPOSE in candidates(UBUNTUS_COMPOSE):  # its docker.io brings the command as well
        return [name.replace("docker-compose", UBUNTUS_COMPOSE) for name in packages if name != "docker-cli"]
    return list(packages)


def is_too_old() -> bool:
    """Tell whether this system's own compose is of the first kind, or there is none."""
    found = candidates(UBUNTUS_COMPOSE, "docker-compose")
    return UBUNTUS_COMPOSE not in found and found.get("docker-compose", "0").startswith(("0", "1."))


def _pin_newer_suite(step: Step) -> None:
    """Let apt take the engine, and nothing else, from the next Debian."""
    if distribution() != "debian":
        raise LabError(tr("This system's packages have no compose v2. {command}", command=_one_command()))
    name_newer_suite(SOURCES, PREFERENCES)
    install(step, "debian-archive-keyring")
    step.run("apt-get", "update")


def name_newer_suite(sources: Path, preferences: Path) -> None:
    """Tell apt of the next Debian in two files: of nothing there but the engine."""
    mirror = debian_mirror()
    # First: interrupted between the two, the next upgrade of this host must not be one to another Debian.
    preferences.write_text(
        f"Package: *\nPin: release n={SUITE}\nPin-Priority: -10\n\n"
        f"Package: {' '.join(PACKAGES)}\nPin: release n={SUITE}\nPin-Priority: 990\n"
    )
    sources.write_text(
        f"# Made by forklab: only for the packages named in {PREFERENCES}.\n"
        f"Types: deb\nURIs: {mirror}\nSuites: {SUITE}\nComponents: main\nSigned-By: {KEYRING}\n"
    )


def _start(step: Step) -> None:
    """Start the daemon: by the service manager, or directly where there is none."""
    if os.geteuid() != 0:
        raise LabError(_who_may())
    step.doing(tr("starting the engine"))
    if Path("/run/systemd/system").is_dir():
        step.run("systemctl", "start", "docker")
    else:
        _start_directly()


def _who_may() -> str:
    if os.access("/run/docker.sock", os.F_OK) and not os.access("/run/docker.sock", os.W_OK):
        return tr("The engine does not answer to you. Join its group, then log in again: sudo usermod -aG docker $USER")
    return tr("The engine does not answer and only root may start it: sudo make engine")


def _start_directly() -> None:
    log = GENERATED / "log" / "dockerd.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        began = file.tell()
        daemon = subprocess.Popen(
            ["sh", "-c", KEEP_RUNNING, "forklab-engine", *daemon_command()],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            cwd="/",
            start_new_session=True,  # Ctrl-C in this terminal is not meant for it
        )
    deadline = time.monotonic() + START_SECONDS
    while not Found.look().engine:
        if daemon.poll() is not None or time.monotonic() > deadline:
            last = log.read_bytes()[began:].decode(errors="replace").strip().splitlines()[-3:]
            raise LabError("\n".join([tr("The engine did not start:"), *last]))
        time.sleep(0.1)


def daemon_command() -> list[str]:
    """Return the daemon's command: with it gone, seats run on, and it finds them again (live-restore)."""
    program = shutil.which("dockerd", path=_system_path()) or "dockerd"
    is_set = DAEMON_SETTINGS.exists() and "live-restore" in DAEMON_SETTINGS.read_text()
    return [program] if is_set else [program, "--live-restore"]  # said twice, it would not start


def _one_command() -> str:
    if has_apt():
        allowed = "" if os.environ.get("LAB_INSTALL") != "no" else " LAB_INSTALL=yes"
        command = f"{'sudo ' if os.geteuid() else ''}make engine{allowed}"
    elif distribution() in COMMANDS:
        command = COMMANDS[distribution()]
    else:
        return tr("Install the Docker engine with compose v2 as your system's manual says, and start it.")
    return tr("Install it: {command}", command=command)


def _short(error: Exception) -> str:
    return str(error).split("(", 1)[0].strip(" :") or type(error).__name__
