"""A student who means harm, in a seat of a running lab: what holds. docs/security.md says what does not.

Each trial that must fail is shown to be able to succeed: the same probe in an open container, or in the seat itself.
"""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from lab.chat.pace import BURST, RATE
from tests.adversary import EATERS
from tests.class_lab import project_name
from tests.clone import clone_into, run, share_venv
from tests.eventually import eventually

PROJECT = project_name("adversary")
NAME = {"COMPOSE_PROJECT_NAME": PROJECT, "LAB_IMAGES": PROJECT}
PROBES = Path(__file__).with_name("adversary.py").read_text(encoding="utf-8")
MIB = 1 << 20
OPEN = ("--rm", "--interactive", "--network", "none", "--user", "0", "--privileged")

pytestmark = [pytest.mark.engine, pytest.mark.timeout(400)]


class Lab:
    """A clone of the working tree, brought up by compose alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        clone_into(folder)

    def compose(self, *words: str) -> str:
        done = run("docker", "compose", "--progress", "plain", *words, cwd=self.folder, **NAME)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def container(self, service: str) -> str:
        return self.compose("ps", "--all", "--quiet", service).strip()

    def attempt(self, seat: str, trial: str, *arguments: str) -> Any:
        """Return how a trial in a seat went."""
        return answers("exec", "--interactive", self.container(seat), trial=(trial, *arguments))

    @contextmanager
    def holding(self, seat: str, trial: str, *arguments: str) -> Iterator[Any]:
        """Run a trial that holds something, for as long as the block takes; yield each answer that it prints."""
        command = ["docker", "exec", "--interactive", self.container(seat), "python3", "-P", "-c", PROBES]
        with subprocess.Popen([*command, trial, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin
            assert process.stdout
            try:
                yield map(json.loads, process.stdout)
            finally:
                process.stdin.close()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(60)
                process.kill()  # one that waits for what never comes
        assert process.returncode == 0

    def inspect(self, service: str, field: str) -> str:
        return run("docker", "inspect", "--format", f"{{{{{field}}}}}", self.container(service)).stdout.strip()

    def await_silence(self) -> None:
        """Wait until nobody is online: a client that has ended is logged out a moment later."""
        eventually(lambda: self.compose("exec", "-T", "server", "chat-admin", "who") == "* nobody is online\n")

    def transcript(self, event: str, name: str | None) -> list[dict[str, Any]]:
        """Return the lines about somebody, from the file itself."""
        shown = self.compose("exec", "-T", "server", "cat", "/var/lib/chat/transcript.jsonl")
        lines = map(json.loads, shown.splitlines())
        return [line for line in lines if (line["event"], line["name"]) == (event, name)]


def answers(*command: str, trial: tuple[str, ...]) -> Any:
    done = run("docker", *command, "python3", "-P", "-c", PROBES, *trial)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def in_the_open(*trial: str, options: tuple[str, ...] = OPEN) -> Any:
    """Run a trial in a container that confines nothing."""
    return answers("run", *options, f"{PROJECT}/seat", trial=trial)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    found = Lab(tmp_path_factory.mktemp("clone"))
    try:
        found.compose("build")
        found.compose("up", "--detach", "--wait", "--no-build")
        yield found
    finally:
        run("docker", "compose", "down", "--volumes", "--rmi", "all", cwd=found.folder, **NAME)


def test_what_the_kernel_refuses(lab: Lab) -> None:
    """Root, other users, capabilities, namespaces, mounts, devices, the kernel itself: none is within reach."""
    seat, free = lab.attempt("client1", "refused"), in_the_open("refused")
    permitted = {name: said for name, said in seat.items() if said not in ("EPERM", "EACCES", "EROFS", "ENOENT")}
    assert permitted == {}
    assert len(seat) > 30
    assert [name for name in seat if free[name] == seat[name]] == [], "what nobody may shows nothing"


def test_no_program_gives_more_than_niceness(lab: Lab) -> None:
    programs = ["/usr/libexec/forklab/nice", "/usr/libexec/forklab/renice"]
    assert lab.attempt("client1", "privileged_files") == programs
    copied = "cp /bin/true /tmp/mine; chmod u+s /tmp/mine"
    assert "/tmp/mine" in in_the_open("shell", f"{copied}; find / -xdev -perm /6000 -type f")[1]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("sudo nice -n -5 id -u", "20001\n"),
        ("sudo nice -n -5 grep CapEff /proc/self/status", "CapEff:\t0000000000000000\n"),
        ("sudo nice -n -5 sudo id -u", "sudo: a seat has"),
        ("sudo renice -n -5 -p 1 && ps -o uid= -p 1", "20001\n"),
        ("cp /usr/libexec/forklab/nice ~/mine && ~/mine -n -5 nice", "cannot set niceness"),
        # The loader refuses what the environment says where a program is privileged, and says so where it is not.
        ("LD_PRELOAD=/x /usr/libexec/forklab/nice -n 1 true 2>&1 | grep -c ld.so", "0\n"),
        ("LD_PRELOAD=/x /usr/bin/nice -n 1 true 2>&1 | grep -c ld.so", "2\n"),
    ],
)
def test_niceness_is_all_that_sudo_gives(lab: Lab, command: str, said: str) -> None:
    assert said in lab.attempt("client1", "shell", command)[1]


@pytest.mark.parametrize("command", ["su -c 'id -u' client2", "su -c 'id -u'", "echo 'id -u' | newgrp client2"])
def test_no_other_user_by_any_program(lab: Lab, command: str) -> None:
    status, said = lab.attempt("client1", "shell", command)
    assert status != 0
    assert not said[:1].isdigit()
    other = in_the_open("shell", command)
    assert other[1].split()[-1:] in (["20002"], ["0"]), other


def test_a_neighbours_processes_are_out_of_sight_and_reach(lab: Lab) -> None:
    def outside() -> list[str]:
        return run("docker", "top", lab.container("client2"), "-o", "pid").stdout.split()[1:]

    with lab.holding("client2", "listen", "victim") as lines:
        next(lines)
        victims = outside()
        assert len(victims) >= 3
        seen = lab.attempt("client1", "processes", *victims, str(os.getpid()))
        assert seen["others"] == seen["strangers"] == []
        assert seen["found"] >= 2, "it does find its own"
        assert {*seen["outside"], *seen["trace"]} <= {"ESRCH", "EPERM"}
        assert outside() == victims
    with subprocess.Popen(["sleep", "60"]) as victim:
        seen = in_the_open("processes", str(victim.pid), options=(*OPEN, "--pid", "host"))
        assert seen["outside"] == ["done"]
        assert seen["strangers"]
        assert victim.wait() == -signal.SIGKILL


def test_a_neighbours_home_is_not_there(lab: Lab) -> None:
    lab.attempt("client2", "shell", "echo mine > ~/secret; chmod 644 ~/secret; chmod 755 ~")
    assert lab.attempt("client2", "open_file", "/home/client2/secret") == "done"
    assert lab.attempt("client1", "open_file", "/home/client2/secret") in ("EACCES", "ENOENT")
    assert "secret" not in lab.attempt("client1", "shell", "ls -R /home /proc/1/root/home 2>&1")[1]


def test_no_socket_but_the_rooms(lab: Lab) -> None:
    """The engine's, the administrator's, a neighbour's and the host's abstract ones."""
    for path in ("/run/docker.sock", "/var/run/docker.sock", "/run/chat-admin/admin.sock", "/run/chat/chat.sock.admin"):
        assert lab.attempt("client1", "reach", path) == "ENOENT"
    assert lab.attempt("server", "reach", "/run/chat-admin/admin.sock") == "done"
    assert lab.attempt("client1", "reach", "/run/chat/chat.sock") == "done"


def test_no_door_but_ones_own(lab: Lab) -> None:
    assert lab.attempt("client1", "reach", "/run/doors/client2.sock") == "EACCES"
    assert lab.attempt("client1", "reach", "/run/doors/20002/door.sock") == "EACCES"
    own = lab.attempt("client2", "reach", "/run/doors/client2.sock")
    assert own == "EPROTOTYPE", "it is there to be opened, for packets and not for a stream"


def test_no_network_not_even_the_neighbours_loopback(lab: Lab) -> None:
    with lab.holding("client2", "listen", "adversary") as lines, socket.socket(socket.AF_UNIX) as ours:
        port = str(next(lines))
        ours.bind(f"\0{PROJECT}")
        ours.listen()
        assert lab.attempt("client2", "reach", "@adversary") == "done"
        assert lab.attempt("client2", "reach_port", "127.0.0.1", port) == "done"
        assert lab.attempt("client1", "reach", "@adversary") == "ECONNREFUSED"
        assert lab.attempt("client1", "reach_port", "127.0.0.1", port) == "ECONNREFUSED"
        assert lab.attempt("client1", "reach", f"@{PROJECT}") == "ECONNREFUSED"
        host = ("--rm", "--network", "host")
        assert in_the_open("reach", f"@{PROJECT}", options=host) == "done"
    for address in ("192.0.2.1", "2001:db8::1", "169.254.169.254"):
        assert lab.attempt("client1", "reach_port", address, "9") in ("ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT")


def test_the_rooms_folder_is_as_the_server_made_it(lab: Lab) -> None:
    said = lab.attempt("client1", "room_folder")
    assert {*said.values()} <= {"EROFS", "EPERM"}, said
    ours = ("run", *OPEN, "--tmpfs", "/run/chat", f"{PROJECT}/seat", "sh", "-c", 'touch /run/chat/chat.sock; "$@"', "-")
    assert {*answers(*ours, trial=("room_folder",)).values()} == {"done"}


@pytest.mark.parametrize(("folder", "most"), [("/tmp", 16), ("/dev/shm", 64)])
def test_what_is_memory_is_bounded(lab: Lab, folder: str, most: int) -> None:
    assert lab.attempt("client1", "fill", f"{folder}/adversary") == most * MIB
    assert in_the_open("fill", "/adversary") == 128 * MIB


def test_one_file_at_home_is_bounded(lab: Lab) -> None:
    assert lab.attempt("client1", "long_file", "/home/client1/long", str(256 * MIB + 1)) == ["EFBIG", "EFBIG"]
    assert lab.attempt("client1", "long_file", "/home/client1/long", str(255 * MIB)) == ["done", "done"]
    assert in_the_open("long_file", "/long", str(256 * MIB + 1)) == ["done", "done"]


def test_the_log_on_the_hosts_disk_is_bounded(lab: Lab) -> None:
    assert lab.attempt("client3", "shout_in_the_log", str(6 * MIB), "the end") == "done"

    def logs() -> str:
        return run("docker", "logs", lab.container("client3")).stdout

    eventually(lambda: logs().endswith("the end\n"))
    assert MIB / 4 < len(logs()) <= 2 * MIB


@pytest.mark.parametrize("kind", EATERS)
def test_memory_of_every_kind_is_counted(lab: Lab, kind: str) -> None:
    sizes: list[int] = []

    def is_bounded() -> bool:
        ended, size = lab.attempt("client3", "eat", kind, "400")
        assert ended in ("killed", "EAGAIN")
        sizes.append(size)
        return sizes[-1] <= 256 + 64

    assert is_bounded() or is_bounded(), f"{sizes}: a kill may be seen a moment late, and on a busy machine once later"
    assert in_the_open("eat", kind, "400")[0] == "all of it"
    assert lab.attempt("client1", "talk") == "are you there?"


def test_a_fork_bomb_stays_in_its_seat(lab: Lab) -> None:
    with lab.holding("client3", "forks") as lines:
        assert 100 < next(lines) <= 128
        assert lab.attempt("client1", "talk") == "are you there?"


def test_a_seat_that_computes_is_held_at_its_quota(lab: Lab) -> None:
    with lab.holding("client3", "hogs", "16") as lines:
        assert next(lines) > 0
        assert lab.attempt("client1", "talk") == "are you there?"


def test_what_the_kernel_counts_by_user_is_the_seats_alone(lab: Lab) -> None:
    with lab.holding("client1", "exhaust") as lines:
        assert next(lines) == {"inotify": "EMFILE", "queues": "EMFILE"}
        assert lab.attempt("client1", "one_of_each") == {"inotify": "EMFILE", "queues": "EMFILE"}
        assert lab.attempt("client2", "one_of_each") == {"inotify": "done", "queues": "done"}


def test_no_terminal_but_ones_own(lab: Lab) -> None:
    assert run("docker", "exec", "--detach", "--tty", lab.container("client2"), "sleep", "60").returncode == 0
    eventually(lambda: lab.attempt("client2", "terminals")["terminals"] == ["0"])
    seen = lab.attempt("client1", "terminals")
    assert seen["terminals"] == []
    assert seen["another"] in ("EPERM", "EIO")
    lab.attempt("client2", "shell", "pkill -n sleep")


def test_two_thousand_connections_do_not_lock_the_class_out(lab: Lab) -> None:
    told = "* error: your seat has 16 connections; close one first"
    with (
        lab.holding("client1", "crowd", "700") as first,
        lab.holding("client1", "crowd", "700") as second,
        lab.holding("client1", "crowd", "700") as third,
    ):
        crowds = [next(first), next(second), next(third)]
        assert sum(welcome for welcome, _ in crowds) == 16
        assert {line for _, said in crowds for line in said} == {told}
        assert lab.attempt("client2", "talk") == "are you there?"
        with lab.holding("server", "crowd", "40") as free:
            assert next(free) == [40, []], "no seat, no limit"
    refusals = lab.transcript("refused", None)
    assert {(line["seat"], line["text"]) for line in refusals} == {("client1", told.removeprefix("* error: "))}
    eventually(lambda: lab.attempt("client1", "talk") == "are you there?")


@pytest.mark.parametrize("trial", ["flood", "storm"])
def test_a_seat_that_floods_the_room_does_not_stop_it(lab: Lab, trial: str) -> None:
    def was_too_often() -> bool:
        return any("too often" in line["text"] for line in lab.transcript("refused", None))

    start = time.monotonic()
    with lab.holding("client1", trial) as lines:
        assert next(lines) == trial
        assert lab.attempt("client2", "talk") == "are you there?"
        assert "Up" in lab.compose("ps", "server")
        if trial == "storm":
            eventually(was_too_often)
    assert lab.inspect("server", ".RestartCount") == "0"
    assert was_too_often() == (trial == "storm")
    eventually(lambda: lab.attempt("client1", "talk") == "are you there?")
    lab.await_silence()
    if trial == "flood":
        said = len(lab.transcript("message", "flood"))
        assert BURST <= said <= BURST + RATE * (time.monotonic() - start), "and not a line more"
        assert lab.transcript("unheard", "flood")


def test_who_is_turned_away_in_the_middle_of_a_talk_is_not_waited_for(lab: Lab) -> None:
    """Of the two who talk one is let in: the trial must end, or whoever it has left online stands for a stuck room."""
    with lab.holding("client2", "crowd", "15") as held:
        assert next(held) == [15, []]
        assert lab.attempt("client2", "talk") == ""
    lab.await_silence()


def test_a_neighbours_name_does_not_make_one_the_neighbour(lab: Lab) -> None:
    lab.await_silence()
    said = lab.attempt("client1", "say", "李四", '["it is me, 李四"]')
    assert said[-1] == "* online: 李四 (client1)"
    [line] = lab.transcript("message", "李四")
    assert (line["seat"], line["uid"]) == ("client1", 20001)
    lab.await_silence()
    assert lab.attempt("client2", "say", "李四", '["no, me"]')[-1] == "* online: 李四 (client2)"
    assert [line["seat"] for line in lab.transcript("message", "李四")] == ["client1", "client2"]


@pytest.mark.parametrize("name", ["x(client2)", "x（client2）", "李四 (client2)", "李四\u00a0(client2)"])
def test_no_name_looks_like_a_seat_in_who(lab: Lab, name: str) -> None:
    lab.await_silence()
    said = lab.attempt("client1", "say", name, f'["\\nhonest{os.getpid()}"]')
    assert said[0].startswith("* error: a name has no ")
    assert said[-1] == f"* online: honest{os.getpid()} (client1)"


def test_the_transcript_is_the_instructors_alone(lab: Lab) -> None:
    for seat, said in (("client1", "ENOENT"), ("server", "done")):
        assert lab.attempt(seat, "open_file", "/var/lib/chat/transcript.jsonl") == said
    older = '{"at": "2026-01-01T00:00:00.000Z", "event": "login", "seat": "client1", "name": "old"}'
    lab.compose("exec", "-T", "server", "sh", "-c", f"echo '{older}' > /var/lib/chat/transcript.jsonl.1")
    lab.attempt("client2", "say", "two", '["hello"]')
    share_venv(lab.folder)
    for words, seats in (((), {"client1", "client2"}), (("SEAT=client1",), {"client1"})):
        done = run("make", "transcript", *words, cwd=lab.folder, PYTHONPATH=str(lab.folder), **NAME)
        assert done.returncode == 0, done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert {line["seat"] for line in lines} - {None} == seats
        assert lines[0]["name"] == "old"
        assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)


def test_the_kernel_takes_no_forged_credentials(lab: Lab) -> None:
    assert lab.attempt("client1", "forged_credentials", "20002") == ["done", "EPERM"]


def test_a_socket_that_was_passed_on_is_still_its_makers(lab: Lab) -> None:
    """No two seats share a place to pass one through; if they did, who connected is who answers for it."""
    volume = ("--volume", f"{PROJECT}_chat:/run/chat:ro")
    assert "welcome passed" in in_the_open("passed_socket", "20001", "20002", options=(*OPEN, *volume))
    [line] = eventually(lambda: lab.transcript("message", "passed"))
    assert (line["seat"], line["text"]) == ("client1", "who am I?")


HARM = {  # what is sent: what the others see
    "x\nadmin : class is over": ["x", "admin : class is over"],
    "x\radmin : class is over": ["xadmin : class is over"],
    "李四 login": ["李四 login"],
    "* server is shutting down": ["* server is shutting down"],
    "\x1b[2J\x1b[H\x1b]0;mine\x07\x1b[6n": ["[2J[H]0;mine[6n"],
    "\x9b2J\x90\x9c": ["2J"],
    "x\b\b\b\b\b\b\b\b\b\badmin : class is over\x7f": ["xadmin : class is over"],
    "x\u2028admin : over\u2029admin : over\x85admin : over\x0b\x0c": ["xadmin : overadmin : overadmin : over"],
    "\u202eover : nimda\u202c\u2066x\u2069": ["over : nimdax"],
    "a" + "\u0301" * 500: ["a" + "\u0301" * 500],
    "the end": ["the end"],
}


def test_no_message_drives_a_terminal_or_passes_for_anothers(lab: Lab) -> None:
    lab.await_silence()
    with lab.holding("client2", "hear", "eve", "the end") as lines:
        assert next(lines).startswith("* welcome eve")
        lab.attempt("client1", "say", "mallory", json.dumps([f"{text}\n" for text in HARM]))
        heard = next(lines)
    assert heard[0] == "mallory login"
    assert heard[1:] == [f"mallory : {text}" for texts in HARM.values() for text in texts]
