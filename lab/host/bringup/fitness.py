"""Is the engine that answers one on which the lab can be? Told before anything is built on it."""

from collections.abc import Mapping
from typing import Any

from lab.host.command import LabError
from lab.language import tr

OLDEST_API = (1, 44)  # engine 25: before it, a health check had no start_interval
OLDEST_ENGINE = 25
LIMITS = {"MemoryLimit": "memory", "PidsLimit": "pids"}  # what `docker info` says of each, and its name in words


def refuse_unfit(version: Mapping[str, Any]) -> None:
    """Look at what an engine says of its version. Raises LabError."""
    if any(part["Name"] == "Podman Engine" for part in version.get("Components") or []):
        raise LabError(
            tr(
                "What answers as the engine is Podman {version}, which does not take what the lab asks of an engine "
                "(5.4 was tried: docs/instructor.md). Let Docker answer: unset DOCKER_HOST, or remove the package "
                "podman-docker; then make lab takes it, or installs it.",
                version=version["Version"],
            )
        )
    if is_too_old(version["ApiVersion"]):
        raise LabError(
            tr(
                "The engine is {version}, and {oldest} or later is needed: take the newer one of your distribution, "
                "or of the engine's makers.",
                version=version["Version"],
                oldest=OLDEST_ENGINE,
            )
        )


def is_too_old(api: str) -> bool:
    """Tell whether an engine of this API's version is older than the lab needs."""
    return tuple(int(word) for word in api.split(".")) < OLDEST_API


def without(info: Mapping[str, Any]) -> list[str]:
    """Name the limits that an engine does not keep, by what it tells of itself."""
    return [word for key, word in LIMITS.items() if not info.get(key, True)]


def warning(info: Mapping[str, Any]) -> str:
    """Return what a teacher must know of an engine on which the lab runs all the same, if there is anything."""
    if not (names := without(info)):
        return ""
    return tr(
        "This engine keeps no limits of {names}: a fork bomb in one seat stops the whole machine. Without root it "
        "needs cgroup v2 and systemd's leave for memory, pids and cpu (Delegate=); or take root's engine.",
        names=", ".join(names),
    )
