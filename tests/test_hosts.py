"""A class on two hosts, each a container with an engine and an sshd of its own: dealt out, lost, found again."""

import json
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.many_hosts import School, school

CLASS = [f"s{number:02}" for number in range(1, 13)]
NORTH, SOUTH = CLASS[1::2], CLASS[::2]  # south holds more, so it is dealt the first
AT_MOST = 30.0  # seconds, on a machine that others are busy on; a dead host is told of within 5

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def class_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with school(tmp_path_factory.mktemp("hosts"), north=6, south=7) as found:
        found.roster(*CLASS)
        done = found.fab("lab", "--hosts", "hosts.toml", "--roster", "class.csv")
        assert done.returncode == 0, done.stdout + done.stderr
        yield found


def rooms(school: School) -> dict[str, list[str]]:
    dealt: dict[str, str] = json.loads((school.folder / ".lab/hosts/deal.json").read_text())["seats"]
    return {
        room: sorted(seat for seat, where in dealt.items() if where == room) for room in sorted(set(dealt.values()))
    }


def status(school: School) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """Return what `make status` tells of each room: the states of its seats, or why there are none."""
    began = time.monotonic()
    done = school.fab("status", "--as-json")
    assert time.monotonic() - began < AT_MOST
    found: dict[str, Any] = {}
    for row in json.loads(done.stdout):
        if "error" in row:
            found[row["room"]] = row["error"]
        elif row["role"] == "seat":
            found.setdefault(row["room"], {})[row["seat"]] = row["state"]
    return done, found


def healthy(seats: list[str]) -> dict[str, str]:
    return dict.fromkeys(seats, "healthy")


def test_a_roster_is_dealt_out_and_each_seat_is_on_one_host(class_up: School) -> None:
    assert rooms(class_up) == {"north": NORTH, "south": SOUTH}
    done, found = status(class_up)
    assert done.returncode == 0
    assert found == {"north": healthy(NORTH), "south": healthy(SOUTH)}


def test_a_command_in_all_seats(class_up: School) -> None:
    done = class_up.fab("run", "--cmd", "id -un; getent passwd | grep -c /home/s", "--as-json")
    assert done.returncode == 0, done.stdout + done.stderr
    said = {row["seat"]: row["output"].split() for row in json.loads(done.stdout)}
    assert said == {seat: [seat, str(len(room))] for room in (NORTH, SOUTH) for seat in room}


def test_a_room_has_every_limit_and_the_same_images(class_up: School) -> None:
    ids = set()
    for name, seats in (("north", NORTH), ("south", SOUTH)):
        with class_up.engine(name) as engine:
            containers = engine.containers.list(filters={"label": "forklab.role=seat"})
            assert sorted(each.labels["forklab.seat"] for each in containers) == seats
            for each in containers:
                limits = each.attrs["HostConfig"]
                assert (limits["PidsLimit"], limits["NetworkMode"], limits["ReadonlyRootfs"]) == (128, "none", True)
                assert {"Name": "core", "Hard": 0, "Soft": 0} in limits["Ulimits"]
                ids.add(each.image.id if each.image else "")
    assert len(ids) == 1


def test_verbs_of_one_seat_go_to_its_room(class_up: School) -> None:
    done = class_up.fab("restart", "--seat", NORTH[0])
    assert done.returncode == 0, done.stdout
    assert {line.split()[0] for line in done.stdout.splitlines()} == {"north"}
    refused = class_up.fab("restart", "--seat", "nobody")
    assert refused.returncode == 2
    assert f"There is no seat named 'nobody'; the seats are {CLASS[0]}, " in refused.stderr
    assert "make drill is about one room at a time: ROOM=…; the rooms are north, south" in class_up.fab("drill").stderr


def graded(school: School) -> dict[str, bool | None]:
    """Return the first verdict of each seat in the one report; nobody has begun with the exercise."""
    done = school.fab("grade", "--only", "zombie")
    assert done.returncode == 2, done.stdout + done.stderr
    documents = json.loads((school.folder / "reports/results.json").read_text())
    return {document["seat"]: document["results"][0]["passed"] for document in documents}


def test_a_host_that_is_killed_hides_nobody_and_comes_back(class_up: School) -> None:
    north = class_up.machines["north"]
    north.kill()
    done, found = status(class_up)
    assert done.returncode == 2
    assert north.address in found["north"]
    assert found["south"] == healthy(SOUTH)
    assert graded(class_up) == {**dict.fromkeys(NORTH), **dict.fromkeys(SOUTH, False)}
    north.start()
    class_up.roster(*CLASS, "late")
    class_up.write_hosts(north=20, south=20)
    done = class_up.fab("lab", "--roster", "class.csv", "--hosts", "hosts.toml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert rooms(class_up) == {"north": ["late", *NORTH], "south": SOUTH}  # who is late moves nobody
    assert status(class_up)[1] == {"north": healthy(["late", *NORTH]), "south": healthy(SOUTH)}


def test_a_host_that_is_cut_off(class_up: School) -> None:
    north = class_up.machines["north"]
    north.cut_off()
    try:
        done, found = status(class_up)
    finally:
        north.connect()
    assert done.returncode == 2
    assert north.address in found["north"]
    assert set(found["south"].values()) == {"healthy"}


def test_a_host_that_lets_us_not_in(class_up: School) -> None:
    north = class_up.machines["north"]
    north.let_in("")
    try:
        found = status(class_up)[1]
    finally:
        north.let_in(class_up.public)
    assert found["north"] == f"{north.address} lets your key not in: ssh-copy-id root@{north.address}"
    assert set(found["south"].values()) == {"healthy"}


def test_a_host_with_another_host_key(class_up: School) -> None:
    north = class_up.machines["north"]
    known = class_up.known_hosts.read_text()
    class_up.known_hosts.write_text(known.replace(north.known(), f"{north.address} {class_up.public}"))
    try:
        found = status(class_up)[1]
    finally:
        class_up.known_hosts.write_text(known)
    assert found["north"].startswith(f"{north.address} has another host key than it had.")
    class_up.known_hosts.write_text("")
    found = status(class_up)[1]
    class_up.known_hosts.write_text(known)
    assert found["south"].startswith(f"ssh does not know the host key of {class_up.machines['south'].address}: ")


def test_a_room_moves_with_all_that_is_in_it(class_up: School) -> None:
    look = "stat -c '%A %U' work/note; cat work/link"
    note = f"umask 027; mkdir -p work; echo $USER > work/note; ln -s note work/link; {look}"
    before = class_up.fab("run", "--cmd", note, "--as-json")
    assert class_up.fab("say", "--text", "搬家").returncode == 0
    done = class_up.fab("move", "--room", "north", "--host", "south")
    assert done.returncode == 0, done.stdout + done.stderr
    assert status(class_up)[1] == {"north": healthy(["late", *NORTH]), "south": healthy(SOUTH)}
    after = class_up.fab("run", "--cmd", look, "--as-json")
    assert json.loads(after.stdout) == json.loads(before.stdout)
    assert class_up.fab("transcript").stdout.count("搬家") == 2
    with class_up.engine("north") as engine:
        assert [volume.name for volume in engine.volumes.list() if "forklab" in volume.name] == []
        assert engine.containers.list(all=True) == []


def test_back_to_one_machine(class_up: School) -> None:
    """The rooms are stopped, and nothing is left of the tunnels."""
    done = class_up.fab("down")
    assert done.returncode == 0, done.stdout
    assert sorted(line.split()[0] for line in done.stdout.splitlines() if "the students' work is kept" in line) == [
        "north",
        "south",
    ]
    assert list((class_up.folder / ".lab/hosts").glob("*.sock")) == []
