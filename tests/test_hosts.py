"""A class on two hosts, each a container with an engine and an sshd of its own: dealt out, lost, found again."""

import asyncio
import io
import json
import os
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.class_in_browser import BrowserClass
from tests.class_lab import free_port
from tests.clone import run
from tests.eventually import eventually
from tests.many_hosts import School, school

CLASS = [f"s{number:02}" for number in range(1, 13)]
NORTH, SOUTH = CLASS[1::2], CLASS[::2]  # south holds more, so it is dealt the first
AT_MOST = 30.0  # seconds, on a machine that others are busy on; a dead host is told of within 5

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def class_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with school(tmp_path_factory.mktemp("hosts"), north=0, south=7) as found:
        found.machines["north"].has_memory(6)  # and hosts.toml says nothing of it
        found.roster(*CLASS)
        told = {"LAB_FRONT": f"127.0.0.1:{found.port}"}
        done = found.fab("lab", "--hosts", "hosts.toml", "--roster", "class.csv", **told)
        assert done.returncode == 0, done.stdout + done.stderr
        found.join_front()
        yield found


def rooms(school: School) -> dict[str, list[str]]:
    dealt: dict[str, str] = json.loads((school.folder / ".lab/hosts/deal.json").read_text())["seats"]
    return {
        room: sorted(seat for seat, where in dealt.items() if where == room) for room in sorted(set(dealt.values()))
    }


def host_of(school: School, room: str) -> str:
    host: str = json.loads((school.folder / ".lab/hosts/deal.json").read_text())["rooms"][room]["host"]
    return host


def status(school: School, within: float = AT_MOST) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """Return what `make status` tells of each room: the states of its seats, or why there are none."""
    began = time.monotonic()
    done = school.fab("status", "--as-json")
    assert time.monotonic() - began < within
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


SHIP = """
from lab.host.bringup import engine
from lab.host.hosts import inventory, shipping, tunnel
from lab.host.step import step
hosts = inventory.current()
with tunnel.opened(hosts.values()) as sockets, step("images") as current:
    assert shipping.ship(current, engine.client(), hosts, sockets) == {}
"""
IMAGE = """FROM scratch
LABEL org.opencontainers.image.title=forklab
COPY base /base
COPY note /note
"""


def shipped(school: School, folder: Path, note: str) -> str:
    """Ship four images that are small, of two layers, the upper with this note; return what that said."""
    (folder / "Dockerfile").write_text(IMAGE)
    (folder / "note").write_text(note)
    prefix = f"{school.project}-small"
    names = [f"{prefix}/{name}" for name in ("server", "seat", "gate", "web")]
    built = run("docker", "build", "--quiet", *(f"--tag={name}" for name in names), str(folder))
    assert built.returncode == 0, built.stderr
    try:
        environment = {**school.environment, "LAB_IMAGES": prefix, "LAB_INSTALL": ""}
        done = run(sys.executable, "-c", SHIP, cwd=school.folder, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        for host in school.machines:
            with school.engine(host) as engine:
                assert {engine.images.get(name).id for name in names} == {built.stdout.strip()}
    finally:
        run("docker", "image", "rm", *names)
    return done.stdout


def test_images_go_by_a_registry_and_by_a_file_where_that_does_not_work(class_up: School, tmp_path: Path) -> None:
    north, south = class_up.machines.values()
    (tmp_path / "base").write_bytes(os.urandom(2**23))
    south.forbids_ports_of_ours()
    said = shipped(class_up, tmp_path, "one")
    if "by the registry" not in said:
        pytest.skip("docker-registry cannot be had here")
    assert "north have them, by the registry" in said
    assert f"to south not by the registry: {south.address} cannot be reached: " in said
    assert "south have them, 8" in said
    before = north.received()
    assert "north have them, by the registry" in shipped(class_up, tmp_path, "two")
    assert north.received() - before < 2**20  # the upper layer, and what ssh and the engines say to each other
    broken = class_up.folder / "bin" / "docker-registry"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    said = shipped(class_up, tmp_path, "three")
    broken.unlink()
    assert "to north not by the registry: the registry does not begin" in said
    assert "north, south have them, 8" in said


def test_verbs_of_one_seat_go_to_its_room(class_up: School) -> None:
    done = class_up.fab("restart", "--seat", NORTH[0])
    assert done.returncode == 0, done.stdout
    assert {line.split()[0] for line in done.stdout.splitlines()} == {"north"}
    refused = class_up.fab("restart", "--seat", "nobody")
    assert refused.returncode == 2
    assert f"There is no seat named 'nobody'; the seats are {CLASS[0]}, " in refused.stderr
    assert "make drill is about one room at a time: ROOM=…; the rooms are north, south" in class_up.fab("drill").stderr


def test_files_go_into_all_homes_and_come_out(class_up: School) -> None:
    (class_up.folder / "task.txt").write_text("一\n")
    done = class_up.fab("put", "--file", "task.txt", "--to", "task.txt")
    assert done.returncode == 0, done.stdout + done.stderr
    done = class_up.fab("get", "--file", "task.txt", "--to", "back")
    assert done.returncode == 0, done.stdout + done.stderr
    back = {path.parent.name: path.read_text() for path in (class_up.folder / "back").rglob("task.txt")}
    assert back == dict.fromkeys(CLASS, "一\n")


def test_an_archive_a_room_brings_the_work_back(class_up: School) -> None:
    """And one that has a part of the class brings that; a room of which nobody is in it has nothing to do."""
    wrote(class_up, "exported")
    done = class_up.fab("export", "--file", "class.tar.gz")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in class_up.folder.glob("class*.gz")} == {"class-north.tar.gz", "class-south.tar.gz"}
    wrote(class_up, "since")
    assert class_up.fab("undo", "--everyone").returncode == 2, "nothing was kept yet"
    done = class_up.fab("import", "--file", "class-north.tar.gz")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not [line for line in done.stdout.splitlines() if line.startswith("south") or "no such seat" in line]
    assert (read(class_up, *NORTH), read(class_up, *SOUTH)) == ({"exported"}, {"since"})
    done = class_up.fab("import", "--file", "class.tar.gz")
    assert done.returncode == 0, done.stdout + done.stderr
    assert read(class_up, *CLASS) == {"exported"}
    assert class_up.fab("undo", "--seat", SOUTH[0]).returncode == 0
    assert (read(class_up, SOUTH[0]), read(class_up, *CLASS[2:])) == ({"since"}, {"exported"})


def test_an_archive_of_nobody_here_or_a_damaged_one_is_said_once_and_goes_to_no_room(class_up: School) -> None:
    (class_up.folder / "damaged.tar.gz").write_bytes(b"no archive")
    manifest = json.dumps({"homes": [{"seat": "stranger"}]}).encode()
    with tarfile.open(class_up.folder / "foreign.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(manifest)
        archive.addfile(entry, io.BytesIO(manifest))
    told = {
        "damaged.tar.gz": "damaged.tar.gz is no export of a class, or damaged",
        "foreign.tar.gz": f"no seat of foreign.tar.gz is one of {', '.join(sorted(CLASS))}",
    }
    for file, sentence in told.items():
        done = class_up.fab("import", "--file", file)
        assert done.returncode == 2
        assert (done.stdout + done.stderr).count(sentence) == 1
        assert "import   " not in done.stdout, "no room has begun"


def test_a_report_a_room(class_up: School) -> None:
    done = class_up.fab("check", "--only", "same_socket")
    assert done.returncode == 0, done.stdout + done.stderr
    found = {path.parent.name: json.loads(path.read_text()) for path in class_up.folder.glob("reports/*/results.json")}
    assert sorted(found) == ["north", "south"]


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
    class_up.write_hosts(north=30, south=40)
    class_up.machines["south"].has_memory(20)  # so north is the less full, whatever hosts.toml says
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


def test_a_host_that_is_not_fit_for_its_seats(class_up: School) -> None:
    """It is told what to do, and nothing is begun there; the others are brought up."""
    north = class_up.machines["north"]
    df = "printf 'Filesystem 1024-blocks Used Available Capacity Mounted\\n/dev/x 9 8 1 99%% /\\n'"
    north.execute(f"printf '%s\n' '#!/bin/sh' \"{df}\" > /usr/local/bin/df; chmod +x /usr/local/bin/df")
    try:
        done = class_up.fab("lab")
    finally:
        north.execute("rm /usr/local/bin/df")
    assert done.returncode == 2
    lines = [line for line in done.stdout.splitlines() if line.startswith("north ")]
    assert lines == [f"north      {north.address} is not fit for its seats:"]
    assert "\n1 KiB of its disk are free, and " in done.stdout
    assert set(status(class_up)[1]["south"].values()) == {"healthy"}


def by_file(school: School, *words: str, key: str = ".lab/instructor", leave_out: str = "") -> tuple[int, str, str]:
    """Run ssh with the file that is handed out, and a key; return its exit status, stdout and stderr."""
    lines = (school.folder / ".lab/ssh_config").read_text().splitlines()
    kept = [line for line in lines if not leave_out or leave_out not in line]
    path = school.folder / "students_config"
    path.write_text("\n".join([f"IdentityFile {school.folder / key}", *kept, ""]))
    done = run("ssh", "-F", str(path), "-o", "BatchMode=yes", *words)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("leave_out", ["", "ProxyJump"])
def test_one_file_is_the_way_to_all_seats(class_up: School, leave_out: str) -> None:
    """By way of this machine, and by the host's own gate."""
    for seat in (NORTH[0], SOUTH[0]):
        code, said, errors = by_file(class_up, seat, "id -un", leave_out=leave_out)
        assert (code, said) == (0, f"{seat}\n"), errors


def test_the_way_in_leads_to_the_gates_and_nowhere_else(class_up: School) -> None:
    front, north = f"{NORTH[0]}@forklab-front", class_up.machines["north"].address
    assert by_file(class_up, "-W", f"{north}:{class_up.port}", front)[1].startswith("SSH-2.0-")
    for elsewhere in (f"{north}:22", "127.0.0.1:2222", f"{north}:{class_up.port + 1}"):
        code, said, errors = by_file(class_up, "-W", elsewhere, front)
        assert (code, said) == (255, "")
        assert "administratively prohibited" in errors, errors
    code, _, errors = by_file(class_up, front, "id")
    assert (code, "ssh -F ssh_config SEAT" in errors) == (255, True), errors
    class_up.key("stranger")
    assert "Permission denied (publickey)" in by_file(class_up, NORTH[0], "id", key="stranger.key")[2]


def names_of(school: School, host: str, room: str) -> dict[str, list[str]]:
    """Return what a host has of a room: the containers that run, those that do not, and the volumes."""
    label: dict[str, str | list[str] | bool] = {"label": f"com.docker.compose.project={school.project}-{room}"}
    with school.engine(host) as engine:
        there = engine.containers.list(all=True, filters=label)
        return {
            "running": [each.name or "" for each in there if each.status == "running"],
            "at rest": [each.name or "" for each in there if each.status != "running"],
            "volumes": [each.name for each in engine.volumes.list(filters=label)],
        }


NOTHING: dict[str, list[str]] = {"running": [], "at rest": [], "volumes": []}


def wrote(school: School, text: str) -> None:
    done = school.fab("run", "--cmd", f"mkdir -p work; echo {text} > work/state")
    assert done.returncode == 0, done.stdout + done.stderr


def read(school: School, *seats: str) -> set[str]:
    done = school.fab("run", "--cmd", "cat work/state", "--seats", ",".join(seats), "--as-json")
    assert done.returncode == 0, done.stdout + done.stderr
    return {row["output"].strip() for row in json.loads(done.stdout)}


def kept(school: School, room: str, reason: str) -> set[str]:
    return {path.parent.name for path in snapshots(school, room).glob(f"*/*-{reason}.tar.gz")}


def snapshots(school: School, room: str) -> Path:
    return school.folder / ".lab/rooms" / room / "snapshots"


def test_snapshots_come_here_round_after_round(class_up: School) -> None:
    assert "EVERY=soon is no number of minutes" in class_up.fab("snapshot", "--every", "soon").stderr
    wrote(class_up, "kept")
    everybody = {"north": {"late", *NORTH}, "south": set(SOUTH)}
    beside = [class_up.folder / f".lab/rooms/{room}/beside/transcript.tar" for room in everybody]
    with class_up.begun("snapshot", "EVERY=15"):
        eventually(lambda: {room: kept(class_up, room, "round") for room in everybody} == everybody, within=60)
        eventually(lambda: all(path.exists() for path in beside))


def test_a_room_whose_host_is_lost_goes_on_elsewhere(class_up: School) -> None:
    """With what was kept; a host that comes back starts nothing by itself, is rid of it, and what it had is kept."""
    north, seats = class_up.machines["north"], ["late", *NORTH]
    wrote(class_up, "later")
    refused = class_up.fab("move", "--room", "north", "--host", "south", "--lost")
    assert "north answers, so it is not lost" in refused.stderr
    north.kill()
    done = class_up.fab("move", "--room", "north", "--host", "south", "--lost")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(seats)} homes are as they were at 20" in done.stdout
    assert status(class_up)[1] == {"north": healthy(seats), "south": healthy(SOUTH)}
    assert read(class_up, *seats) == {"kept"}
    north.start()
    found = names_of(class_up, "north", "north")
    assert found["running"] == []
    assert len(found["at rest"]) == len(seats) + 2  # the server, the gate
    done, rows = status(class_up, within=180)  # all homes are kept before
    assert (done.returncode, rows) == (0, {"north": healthy(seats), "south": healthy(SOUTH)})
    assert "what was left of it there is stopped and removed" in done.stderr
    assert names_of(class_up, "north", "north") == NOTHING
    assert kept(class_up, "north", "left") == set(seats)
    name = next((snapshots(class_up, "north") / "late").glob("*-left.tar.gz")).name
    assert class_up.fab("undo", "--seat", "late", "--snapshot", name).returncode == 0
    assert read(class_up, "late") == {"later"}


def test_a_room_moves_with_all_that_is_in_it(class_up: School) -> None:
    look = "stat -c '%A %U' work/note; cat work/link"
    note = f"umask 027; mkdir -p work; echo $USER > work/note; ln -s note work/link; {look}"
    before = class_up.fab("run", "--cmd", note, "--as-json")
    assert class_up.fab("say", "--text", "搬家").returncode == 0
    done = class_up.fab("move", "--room", "north", "--host", "north")
    assert done.returncode == 0, done.stdout + done.stderr
    assert status(class_up)[1] == {"north": healthy(["late", *NORTH]), "south": healthy(SOUTH)}
    after = class_up.fab("run", "--cmd", look, "--as-json")
    assert json.loads(after.stdout) == json.loads(before.stdout)
    assert class_up.fab("transcript").stdout.count("搬家") == 2
    assert names_of(class_up, "south", "north") == NOTHING


def refuses(port: int) -> bool:
    """Tell whether nobody listens at a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return True
    return False


async def login_by_page(pages: BrowserClass, seat: str) -> None:
    async with pages.terminal(seat, terminal="1") as terminal:
        await terminal.print("id -un | tr a-z A-Z", seat.upper())


def test_the_pages_of_all_rooms_are_at_one_address(class_up: School) -> None:
    """Pages, events and terminals of two hosts by way of this machine, each with the cookie of its room."""
    class_up.environment |= {"LAB_WEB": "127.0.0.1", "LAB_WEB_PORT": str(free_port())}
    done = class_up.fab("lab")
    assert done.returncode == 0, done.stdout + done.stderr
    for room, seat in (("north", NORTH[0]), ("south", SOUTH[0])):
        pages = class_up.pages(seat)
        answer = pages.get(f"/s/{pages.token(seat)}")
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        assert answer.headers["Set-Cookie"].startswith(pages.cookie(seat))
        assert pages.get("/api/seat", seat).json()["seat"] == seat
        assert pages.get("/api/seat", seat, Origin="http://127.0.0.1").status == 403
        next(pages.events("/api/seat/events", seat))
        asyncio.run(login_by_page(pages, seat))
        with class_up.engine(room) as engine:
            (web,) = engine.containers.list(filters={"label": "forklab.role=web"})
            assert web.ports["8080/tcp"] == [{"HostIp": "127.0.0.1", "HostPort": str(pages.port)}]
    stranger = class_up.pages(SOUTH[0]).get("/api/seat", Cookie=class_up.pages(SOUTH[0]).cookie("", "0" * 32))
    assert stranger.status == 403


def test_a_move_that_is_killed_leaves_nothing_behind(class_up: School) -> None:
    """Killed once the room is on the new host: `make lab` goes on there, and the next make removes the rest."""
    note = class_up.folder / ".lab/hosts/left/north@north"
    with class_up.begun("move", "ROOM=north", "HOST=south"):
        eventually(lambda: host_of(class_up, "north") == "south")
    assert note.exists()
    done = class_up.fab("lab")
    assert done.returncode == 0, done.stdout + done.stderr
    done, rows = status(class_up)
    assert rows == {"north": healthy(["late", *NORTH]), "south": healthy(SOUTH)}
    assert names_of(class_up, "north", "north") == NOTHING
    assert not note.exists()
    assert read(class_up, "late") == {"later"}
    asyncio.run(login_by_page(class_up.pages("late"), "late"))  # at the address that it had


def test_back_to_one_machine(class_up: School) -> None:
    """The rooms are stopped, and nothing is left of the tunnels."""
    ports = {class_up.pages(seat).port for seat in CLASS}
    assert len(ports) == 2
    done = class_up.fab("down")
    assert done.returncode == 0, done.stdout
    assert all(refuses(port) for port in ports)
    assert sorted(line.split()[0] for line in done.stdout.splitlines() if "the students' work is kept" in line) == [
        "north",
        "south",
    ]
    assert list((class_up.folder / ".lab/hosts").glob("*.sock")) == []
    assert class_up.container("gate") == "", "the way in is closed"
