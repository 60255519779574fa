"""The class's own compose file: compose.yaml, with the seats of a roster instead of its three."""

import copy
import json
from collections.abc import Iterable
from typing import Any

from lab.host import compose
from lab.host.command import LabError, answer
from lab.host.enrolment import accounts, seeds
from lab.host.enrolment.roster import DEFAULT, Seat, write_private
from lab.language import tr

TEMPLATE = DEFAULT[0]  # the service that a seat of the class is like


def write(seats: Iterable[Seat], account_files: str = str(accounts.FOLDER), *mounts: dict[str, Any]) -> None:
    """Write the class's compose file, by which the engine finds both files in this folder. Raises LabError.

    `mounts` are those that every service has besides.
    """
    model = of_class(template(), list(seats), account_files, *mounts)
    write_private(compose.CLASS, json.dumps(model, ensure_ascii=False, indent=1))


def template() -> dict[str, Any]:
    """Return compose.yaml as compose reads it. Raises LabError."""
    # Not interpolated: the variables of the environment keep their effect, as they have on compose.yaml.
    shown = answer(*compose.command(compose.LAB), "config", "--no-interpolate", "--format", "json")
    if shown is None:
        raise LabError(tr("compose does not understand compose.yaml: `docker compose config` says why."))
    model: dict[str, Any] = json.loads(shown)
    return model


def of_class(
    model: dict[str, Any], seats: Iterable[Seat], account_files: str = str(accounts.FOLDER), *mounts: dict[str, Any]
) -> dict[str, Any]:
    """Return the model with the class's seats instead of compose.yaml's three."""
    services, volumes = dict(model["services"]), dict(model["volumes"])
    template = services[TEMPLATE.login]
    for seat in DEFAULT:
        del services[seat.login], volumes[_home(seat.login)]
    for seat in seats:
        services[seat.login] = _service(template, seat)
        volumes[_home(seat.login)] = {"labels": home_labels(seat)}
    for service in services.values():
        service.pop("build", None)  # compose.yaml's are built
        files = [_account_file(account_files, name) for name in accounts.FILES]
        service["volumes"] = [*service.get("volumes", []), *files, *mounts]
    return {"name": model["name"], "networks": model["networks"], "services": services, "volumes": volumes}


def home_labels(seat: Seat) -> dict[str, str]:
    """Return the labels of the volume that is the seat's home."""
    return {compose.SEAT: seat.login, compose.UID: str(seat.uid)}


def _home(login: str) -> str:
    return f"home-{login}"


def _service(template: dict[str, Any], seat: Seat) -> dict[str, Any]:
    service = copy.deepcopy(template)
    volumes = [mount for mount in service["volumes"] if mount["source"] != _home(TEMPLATE.login)]
    home = {"type": "volume", "source": _home(seat.login), "target": f"/home/{seat.login}"}
    return {
        **service,
        "hostname": seat.login,
        "user": f"{seat.uid}:{seat.uid}",
        "working_dir": home["target"],
        "volumes": [*volumes, home],
        "environment": {**service["environment"], "LAB_SEED": seeds.seed_of(seat.login)},
        "labels": {compose.ROLE: "seat", compose.SEAT: seat.login, compose.NAME: _literal(seat.name)},
    }


def _account_file(folder: str, name: str) -> dict[str, Any]:
    path = _literal(f"{folder}/{name}")
    # Where SELinux is in force, no container may read what has not its label. compose hands that on to the engine only
    # with a mount for which it may make the folder.
    shared = {"selinux": "z", "create_host_path": True}
    return {"type": "bind", "source": path, "target": f"/etc/{name}", "read_only": True, "bind": shared}


def _literal(text: str) -> str:
    """Return the text so that compose does not look for variables in it."""
    return text.replace("$", "$$")
