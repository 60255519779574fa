"""Every check of the lab is proven: a lab that breaks a promise fails that check, and no other."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.class_lab import free_port, project_name
from tests.clone import ROOT, clone_into, run
from tests.engine_relay import relayed

PROJECT = project_name("broken")
FAB = str(Path(sys.prefix, "bin", "fab"))
SEATS = ("client1", "client2", "client3")
# Edits of the server's source: the file, what it says, what it says in the broken lab.
Edit = tuple[str, str, str]
DOES_NOT_REAP: Edit = (
    "lab/chat/server.py",
    "while self._workers:\n            pid, _status",
    "while False:\n            pid, _status",
)
HAS_NO_TITLE: Edit = ("lab/chat/worker.py", 'set_title("chat-server:", name)', "pass")
SPINS: Edit = (
    "lab/chat/server.py",
    "self._dispatch(self._room.housekeep())",
    "self._dispatch(self._room.housekeep() and 0 or 0)",
)
ECHOES: Edit = ("lab/chat/room.py", 'f"{peer.name} : {text}", but=peer', 'f"{peer.name} : {text}"')

pytestmark = [pytest.mark.engine, pytest.mark.timeout(400)]


@contextmanager
def broken_lab(folder: Path, override: str, *edits: Edit) -> Iterator[None]:
    """Bring up a lab that differs from compose.yaml as told; its server runs the edited source."""
    clone_into(folder)
    for name, said, says in edits:
        source = (folder / name).read_text()
        assert source.count(said) == 1, f"{name} says {said!r} {source.count(said)} times"
        (folder / name).write_text(source.replace(said, says))
    if edits:
        override = override.replace(
            "server:", f"server:\n    volumes: ['{folder}/lab:/usr/lib/python3/dist-packages/lab:ro']", 1
        )
    (folder / "override.yaml").write_text(f"services:\n{override}")
    files = ["-f", str(ROOT / "compose.yaml"), "-f", str(folder / "override.yaml"), "--project-directory", str(ROOT)]
    port = str(free_port())
    up = run("docker", "compose", *files, "up", "--detach", "--wait", COMPOSE_PROJECT_NAME=PROJECT, LAB_PORT=port)
    try:
        assert up.returncode == 0, up.stderr
        yield
    finally:
        run("docker", "compose", *files, "down", "--volumes", "--timeout", "1", COMPOSE_PROJECT_NAME=PROJECT)


def check(reports: Path) -> tuple[int, list[dict[str, Any]], str]:
    """Run the checks of the lab; return the exit code, all results with their places, and what was printed."""
    done = run(FAB, "-r", "lab", "check", "--only", "not demo", "--reports", str(reports), COMPOSE_PROJECT_NAME=PROJECT)
    documents = json.loads((reports / "results.json").read_text())
    results = [{"place": document["seat"], **result} for document in documents for result in document["results"]]
    return done.returncode, results, done.stdout + done.stderr


def failures(results: list[dict[str, Any]]) -> dict[str, str]:
    """Return the rationale of each check that failed, by place and name."""
    return {f"{r['place']} {r['name']}": r["cause"]["rationale"] for r in results if r["passed"] is False}


BROKEN: dict[str, tuple[str, tuple[Edit, ...], dict[str, str]]] = {
    "limits": (
        "  server:\n"
        "  client1: {network_mode: bridge}\n"
        "  client2: {pids_limit: 400}\n"
        "  client3: {ulimits: {nofile: 4096}}\n",
        (DOES_NOT_REAP,),
        {
            "server workers": "2 s after a worker was killed, it is still there: its parent has not waited for it",
            "client1 network": "the seat has a network",
            "client2 processes": "a fork bomb gets further than promised",
            "client3 files": "a process opens more files than promised",
        },
    ),
    "files": (
        "  server:\n"
        "  client1: {read_only: false}\n"
        "  client2: {volumes: ['chat:/run/chat']}\n"
        "  client3: {ulimits: {core: -1}}\n",
        (HAS_NO_TITLE,),
        {
            "server workers": r"no child of chat-server has the title `chat-server: 检查\w+`",
            "client1 root": "the seat's system is not read-only",
            "client2 room_folder": "the room's folder is not read-only in the seat",
            "client3 core": "a crash would leave a core file",
        },
    ),
    "memory": (
        "  server:\n"
        "  client1: {mem_limit: 1g, memswap_limit: 1g}\n"
        "  client2: {tmpfs: ['/tmp:size=32m,mode=1777']}\n"
        "  client3: {pid: 'service:server'}\n",
        (SPINS,),
        {
            "server workers": "the server does not sleep while nobody types",
            "client1 memory": "the seat gets more memory than promised",
            "client2 disk": "/tmp takes more than promised",
            "client3 others": "the seat sees somebody else's processes",
        },
    ),
    "identity": (
        "  client1: {user: '0:0', command: [sleep, infinity], healthcheck: {test: [CMD, 'true']},"  # root has no door
        " cap_add: [SYS_ADMIN], security_opt: ['apparmor:unconfined', 'seccomp:unconfined']}\n"
        "  client2: {volumes: ['/dev/null:/usr/bin/strace:ro']}\n"
        "  client3: {volumes: ['./Makefile:/run/chat-admin/admin.sock:ro']}\n",
        (),
        {
            "client1 identity": "the seat can take another UID",
            "client1 capabilities": "the seat has other capabilities",
            "client1 mount": "the seat can mount",
            "client2 tools": "strace does not do its work",
            "client3 socket_in_seat": "the socket's admin is reachable is not as promised",
        },
    ),
    "echo": (
        "  server:\n",
        (ECHOES, ("lab/chat/server.py", "Listener(options.socket, 0o666)", "Listener(options.socket, 0o777)")),
        {"server socket_file": "the socket's mode is not as promised"}
        | {f"{seat} socket_in_seat": "the socket's mode is not as promised" for seat in SEATS}
        | {f"{seat} chat": f"{seat} was sent its own message" for seat in SEATS},
    ),
    "closed": (
        "  server:\n" + "".join(f"  {seat}: {{healthcheck: {{test: [CMD, 'true']}}}}\n" for seat in SEATS),
        (("lab/chat/server.py", "Listener(options.socket, 0o666)", "Listener(options.socket, 0o644)"),),
        {"server socket_file": "the socket's mode is not as promised"}
        | {f"{seat} socket_in_seat": "the socket's mode is not as promised" for seat in SEATS}
        | {f"{seat} chat": "the probe itself failed in there" for seat in SEATS},
    ),
    "elsewhere": (
        "  server2: {image: forklab/server, network_mode: none, user: '20000', tmpfs: ['/run/chat-admin:uid=20000'],"
        " volumes: ['elsewhere:/run/chat']}\n"
        "  client3: {volumes: ['elsewhere:/run/chat:ro'], depends_on: [server2]}\n"
        "volumes: {elsewhere: }\n",
        (),
        {
            "client3 same_socket": "the seat has another socket file than the server",
            "client2 chat": "client3 did not hear what client2 said",
            "client3 chat": "client1 did not hear what client3 said",
        },
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_promise_fails_its_check_and_no_other(name: str, tmp_path: Path) -> None:
    override, edits, promised = BROKEN[name]
    with broken_lab(tmp_path / "lab", override, *edits):
        code, results, said = check(tmp_path / "reports")
    found = failures(results)
    assert found.keys() == promised.keys(), said
    for check_name, rationale in promised.items():
        assert re.fullmatch(rationale, found[check_name]), found[check_name]
        assert found[check_name] in said
    assert code == 1
    for result in results:
        if result["passed"] is False and result["name"] == "workers":
            assert re.search(r"^ *\d+ +\d+ +[A-Z]", result["log"], re.MULTILINE), "the rows of ps are shown"


@pytest.fixture
def engine_relay(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A socket that stands for the engine's, and the process to kill if it is to stop."""
    with relayed(tmp_path) as found:
        yield found


def test_an_engine_that_stops_meanwhile_is_no_row_of_failures(
    engine_relay: tuple[subprocess.Popen[bytes], str], tmp_path: Path
) -> None:
    """The engine's socket goes away in the middle: exit code 2, one sentence, nothing is called wrong."""
    relay, engine = engine_relay
    with broken_lab(tmp_path / "lab", "  client1: {hostname: client1}\n"):
        checks = subprocess.Popen(
            [FAB, "-r", "lab", "check", "--only", "not demo", "--reports", str(tmp_path / "reports")],
            cwd=ROOT,
            env={**os.environ, "COMPOSE_PROJECT_NAME": PROJECT, "DOCKER_HOST": engine},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert checks.stdout
        said = b""
        while b"\n." not in said:  # a line of dots: the first checks have passed
            said += (piece := os.read(checks.stdout.fileno(), 1))
            assert piece, said.decode()
        relay.kill()
        said += checks.stdout.read()
        assert checks.wait() == 2
    assert b"could not check" in said
    assert b"Cannot connect to the Docker daemon" in said
    assert b"F" not in said.partition(b"could not check")[0]
    assert b"rationale" not in said
    documents = json.loads((tmp_path / "reports" / "results.json").read_text())
    verdicts = {result["passed"] for document in documents for result in document["results"]}
    assert verdicts == {True, None}


def test_a_lab_that_is_down_cannot_be_checked() -> None:
    done = run(FAB, "-r", "lab", "check", COMPOSE_PROJECT_NAME="forklab-nowhere")
    assert done.returncode == 2
    assert "The lab is down: make lab brings it up." in done.stderr
