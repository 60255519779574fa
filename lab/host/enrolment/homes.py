"""The students' homes, a volume a seat. A new one is empty and root's, and is made a home before its seat starts."""

from collections.abc import Iterable, Mapping

import docker
from docker.models.volumes import Volume

from lab.host.bringup import images
from lab.host.compose import ROLE, SEAT, UID
from lab.host.enrolment import bounds
from lab.host.enrolment.class_file import home_labels
from lab.host.enrolment.roster import Seat
from lab.host.project import IN_PROJECT, PROJECT, containers

# A home that has its owner is done: that comes last.
FURNISH = (
    'for home in /homes/*; do uid=${home##*/}; [ "$(stat -c %u "$home")" = 0 ] || continue; '
    'cp -r /etc/skel/. "$home" && chown "$uid:$uid" "$home"/.[!.]* && chmod 700 "$home" && chown "$uid:$uid" "$home" '
    "|| exit; done"
)


def volume_of(login: str) -> str:
    """Return the name by which the engine knows the home of a seat."""
    return f"{PROJECT}_home-{login}"


def uids(engine: docker.DockerClient) -> dict[str, int]:
    """Return whose UID the files of each home have; a home outlives its seat."""
    volumes = engine.volumes.list(filters={"label": [IN_PROJECT, SEAT, UID]})
    labels = [volume.attrs["Labels"] for volume in volumes]
    return {label[SEAT]: int(label[UID]) for label in labels}


def furnish(engine: docker.DockerClient, seats: Iterable[Seat]) -> None:
    """See to it that each of the seats has a home of its own, with the files that a new login finds there.

    A container that never starts a seat does it, since a seat itself cannot give a folder to its student.
    """
    seats = list(seats)
    known = uids(engine)
    if new := [seat for seat in seats if seat.login not in known]:
        bounded = bounds.of_new(engine)
        for seat in new:
            create(engine, f"home-{seat.login}", {**home_labels(seat), **bounded})
    bounds.keep(engine, map(volume_of, (seat.login for seat in seats)))
    engine.containers.run(
        f"{images.PREFIX}/seat",
        ["sh", "-c", FURNISH],
        remove=True,
        user="0",
        network_mode="none",
        cap_drop=["ALL"],
        cap_add=["CHOWN", "FOWNER", "DAC_OVERRIDE"],
        read_only=True,
        volumes={volume_of(seat.login): {"bind": f"/homes/{seat.uid}", "mode": "rw"} for seat in seats},
    )


def create(engine: docker.DockerClient, name: str, labels: Mapping[str, str] = {}) -> Volume:
    """Return a volume of the lab's that compose takes for its own; made, if it is not there."""
    names = {"com.docker.compose.project": PROJECT, "com.docker.compose.volume": name}
    return engine.volumes.create(f"{PROJECT}_{name}", labels={**labels, **names})


def unused(engine: docker.DockerClient, seats: Iterable[Seat]) -> list[Seat]:
    """Return the seats that have not been started since the lab went up: their homes may not be there."""
    started = {
        container.labels.get(SEAT)
        for container in containers(engine, IN_PROJECT, ROLE)
        if container.status != "created"
    }
    return [seat for seat in seats if seat.login not in started]
