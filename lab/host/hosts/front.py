"""One way in for all seats: a gate of this machine behind which there are the rooms' gates, and no seat.

LAB_FRONT says under which name students reach this machine. They come with their own keys, and go through to their
room's gate with these once more (ProxyJump in .lab/ssh_config): nothing that is here could enter a seat.
"""

import json
from collections.abc import Iterable
from typing import Any

import docker

from lab.host import compose, files, project, settings
from lab.host.command import LabError
from lab.host.compose import SEAT
from lab.host.enrolment import accounts, class_file, host_key, keys, links, roster
from lab.host.enrolment.roster import UIDS, Seat, write_private
from lab.host.hosts import deal
from lab.host.hosts.inventory import FOLDER
from lab.host.step import Step
from lab.language import tr

FILE = FOLDER / "front.json"  # compose's
OPENS = "opens"  # in the gate's volume; images/gate/front_config takes it in


def address() -> tuple[str, int] | None:
    """Return name and port by which students reach this machine; None if they go to the hosts."""
    name, _, port = settings.environment().get("LAB_FRONT", "").partition(":")
    return (name, int(port or project.GATE_PORT)) if name else None


def pages() -> str | None:
    """Return by which name browsers reach the pages of all rooms at this machine; None if they go to the hosts."""
    here = address()
    if not here or not project.is_in_browser():
        return None
    return links.listens_at() if links.is_loopback() else here[0]


def bring_up(step: Step, engine: docker.DockerClient, here: tuple[str, int], gates: Iterable[str]) -> None:
    """Start it if need be at its address, and tell it who may come, and to which gates. Raises LabError."""
    name, port = here
    if any(SEAT in each.labels for each in project.running(engine)):
        stop = f"docker compose -p {project.PROJECT} down"
        raise LabError(
            tr("This machine's own lab is up, and has the gate; {stop} stops it: all work stays.", stop=stop)
        )
    seats = _seats()
    accounts.write(seats)
    write_private(FILE, json.dumps(_model(port), ensure_ascii=False, indent=1))
    step.doing(tr("starting"))
    step.run(*compose.command(FILE), "--progress", "plain", "up", "--no-build", *project.WAITING)
    host_key.settle(step, engine)
    keys.hand_over(engine, seats)
    _open(engine, gates)
    step.note(tr("the way to all seats is by {name}, port {port}", name=name, port=port))


def down(step: Step) -> None:
    """Stop it, if there is one. Raises LabError."""
    if FILE.exists():
        step.run(*compose.command(FILE), "--progress", "plain", "down")
        FILE.unlink()
        step.note(tr("the way in is closed"))


def _open(engine: docker.DockerClient, gates: Iterable[str]) -> None:
    """Name the gates that it opens; who is through already stays."""
    gate = project.gate(engine)
    opens = f"PermitOpen {' '.join(gates) or 'none'}\n".encode()
    if files.read(gate, f"{keys.IN_GATE}/{OPENS}") != opens:
        files.put(gate, keys.IN_GATE, files.file(OPENS, opens))
        gate.kill("SIGHUP")


def _seats() -> list[Seat]:
    """Return who is in the class, with UIDs of this gate's own."""
    found = [seat for room in deal.current().active for seat in roster.read(deal.roster_of(room))]
    return [Seat(seat.login, seat.name, seat.key, uid) for uid, seat in zip(UIDS, found, strict=False)]


def _model(port: int) -> dict[str, Any]:
    """Return compose.yaml's gate with another program, and this class's logins. Raises LabError."""
    model = class_file.of_class(class_file.template(), [])
    gate = {**model["services"]["gate"], "command": ["front"], "ports": [f"{port}:{project.GATE_PORT}"]}
    names = {mount["source"] for mount in gate["volumes"] if mount["type"] == "volume"}
    volumes = {name: volume for name, volume in model["volumes"].items() if name in names}
    networks = {name: model["networks"][name] for name in gate["networks"]}
    return {"name": model["name"], "networks": networks, "services": {"gate": gate}, "volumes": volumes}
