"""The door and join as real processes: what goes through, how it ends, and that nothing is left behind."""

import errno
import fcntl
import hashlib
import itertools
import json
import os
import pty
import pwd
import shlex
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from lab import proc
from lab.door import join, parcel
from tests.apart import burdened
from tests.chat_room import STRANGER, environment
from tests.clone import ROOT, run
from tests.eventually import PATIENCE, eventually
from tests.window import Window

PROGRAM = "import sys; from lab.door.{0} import main; sys.exit(main())"


def program(name: str, path: Path) -> list[str]:
    return [sys.executable, "-S", "-c", PROGRAM.format(name), str(path)]


def connection(path: Path) -> socket.socket | None:
    """Return a connection; None while nobody listens."""
    caller = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if caller.connect_ex(str(path)):
        caller.close()
        return None
    return caller


def words(*command: str) -> list[str]:
    return [*command]


class Door:
    """A door on a socket of the test's, and ways to come in."""

    def __init__(self, path: Path, start: Callable[..., list[str]] = words) -> None:
        self.path = path
        self.home = path.parent
        self.process = subprocess.Popen(start(*program("door", path)), env=environment(), cwd=self.home)
        eventually(self._listens)

    def _listens(self) -> bool:
        probe = connection(self.path)
        if probe:
            probe.close()
        return probe is not None

    @property
    def children(self) -> list[proc.Process]:
        return [process for process in proc.snapshot().values() if process.ppid == self.process.pid]

    def popen(
        self, command: str | None = None, start: Callable[..., list[str]] = words, **variables: str
    ) -> "subprocess.Popen[bytes]":
        asked = {} if command is None else {"SSH_ORIGINAL_COMMAND": command}
        return subprocess.Popen(
            start(*program("join", self.path)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(**asked, **variables),
        )

    def run(self, command: str | None = None, given: bytes = b"", **variables: str) -> tuple[int, str, str]:
        """Return exit status, stdout and stderr of a session without a terminal."""
        process = self.popen(command, words, **variables)
        out, errors = process.communicate(given, timeout=PATIENCE)
        return process.returncode, out.decode(), errors.decode()


class Terminal(Window):
    """A session with a terminal."""

    def __init__(self, door: Door, command: str | None = None, **variables: str) -> None:
        asked = {} if command is None else {"SSH_ORIGINAL_COMMAND": command}
        super().__init__(program("join", door.path), environment(**{"TERM": "xterm", **asked, **variables}))


@pytest.fixture(name="door")
def a_door(tmp_path: Path) -> Iterator[Door]:
    with opened(tmp_path / "door.sock") as found:
        yield found


@contextmanager
def opened(path: Path, start: Callable[..., list[str]] = words) -> Iterator[Door]:
    """A door, after which nothing of it or its sessions is left."""
    found = Door(path, start)
    yield found
    sessions = found.children
    assert found.process.poll() is None, "whatever came in, the door is there"
    found.process.terminate()
    assert found.process.wait(PATIENCE) == -signal.SIGTERM
    for left in sessions:
        with suppress(ProcessLookupError):
            os.kill(left.pid, signal.SIGKILL)
    assert sessions == []


def test_a_command_and_its_exit_status(door: Door) -> None:
    assert door.run("echo out; echo 错 >&2; exit 7") == (7, "out\n", "错\n")
    assert door.run("pwd; umask; echo $HOME $USER $SHELL")[1].splitlines() == [
        str(door.home),
        "0022",
        f"{door.home} {pwd.getpwuid(os.getuid()).pw_name} /bin/bash",
    ]
    assert door.run("no-such-program")[0] == 127


@pytest.mark.parametrize(("name", "status"), [("TERM", 143), ("KILL", 137), ("SEGV", 139)])
def test_an_end_by_a_signal_reads_as_in_a_shell(door: Door, name: str, status: int) -> None:
    assert door.run(f"ulimit -c 0; kill -{name} $$")[0] == status


def test_a_login_shell_without_a_terminal_reads_its_input(door: Door) -> None:
    assert door.run(None, b"shopt -q login_shell && echo login; exit 3\n")[:2] == (3, "login\n")


def test_a_megabyte_each_way_is_intact(door: Door) -> None:
    blob = os.urandom(1 << 20)
    process = door.popen("cat; sha256sum < /dev/null >&2")
    out, errors = process.communicate(blob, timeout=PATIENCE)
    assert out == blob
    assert errors.split()[0].decode() == hashlib.sha256(b"").hexdigest()


def test_the_longest_command(door: Door) -> None:
    words = "字" * 40_000  # 120 kB: one argument takes 128 KiB
    assert door.run(f"printf %s {words} | wc -m")[1] == "40000\n"


def test_without_a_terminal_the_streams_are_the_very_files(door: Door, tmp_path: Path) -> None:
    """A regular file is one, to its end and its offset: nobody stands between."""
    (tmp_path / "in").write_text("first\nsecond\n")
    with (tmp_path / "in").open() as source, (tmp_path / "out").open("w") as target:
        process = subprocess.Popen(
            program("join", door.path),
            stdin=source,
            stdout=target,
            env=environment(SSH_ORIGINAL_COMMAND="python3 -c 'print(input())'; stat -Lc %F /dev/stdin; echo end"),
        )
        assert process.wait(PATIENCE) == 0
        assert target.tell() == len((tmp_path / "out").read_text())
    assert (tmp_path / "out").read_text() == "first\nregular file\nend\n"


def test_signals_are_as_a_program_expects_them(door: Door) -> None:
    lines = door.run("exec cat /proc/self/status")[1].splitlines()
    masks = [int(line.split()[1], 16) for line in lines if line.startswith(("SigBlk", "SigIgn", "SigCgt"))]
    internal = 0b11 << 31  # 32 and 33 are the C library's own, signal(7): whoever ignores them, no program can undo it
    assert [mask & ~internal for mask in masks] == [0] * 3
    assert door.run("ls /proc/self/fd | wc -l")[1] == "4\n", "its own folder's, and the three"


def test_a_door_does_not_care_how_it_was_started(tmp_path: Path) -> None:
    """Its starter had every signal ignored and blocked: children are reaped, a hang-up is heard, SIGTERM ends it."""
    with opened(tmp_path / "door.sock", burdened) as door:
        test_a_command_and_its_exit_status(door)
        test_signals_are_as_a_program_expects_them(door)
        test_who_vanishes_without_a_terminal_hangs_the_session_up(door)


def test_join_does_not_care_how_it_was_started(door: Door) -> None:
    process = door.popen("sleep 1000; true", start=burdened)
    eventually(lambda: door.children)
    process.terminate()
    assert process.wait(PATIENCE) == -signal.SIGTERM
    assert eventually(lambda: not door.children)


def test_the_tree_is_the_shell_and_its_parent_the_door(door: Door) -> None:
    process = door.popen("read line; exit 4")
    eventually(lambda: [child.cmdline[:2] for child in door.children] == [("bash", "-c")])
    assert door.children[0].session_leader
    process.communicate(b"\n", timeout=PATIENCE)
    assert process.returncode == 4
    assert eventually(lambda: not door.children), "no zombie"
    parent = proc.read(door.process.pid)
    assert parent
    assert (parent.comm, parent.cmdline) == ("door", ("door",))


def test_a_terminal_of_the_seats_own(door: Door) -> None:
    terminal = Terminal(door, None, LANG="zh_CN.UTF-8")
    terminal.resize(33, 99)
    terminal.type(
        "PS1=; stty -echo; tty; stty size; echo $TERM $LANG 张三; [[ -t 0 && -t 2 && -o monitor ]] && echo jobs\n"
    )
    terminal.sees("/dev/pts/")
    terminal.sees("33 99")
    terminal.sees("xterm zh_CN.UTF-8 张三")
    terminal.sees("jobs")
    ours = os.ttyname(terminal.window) if os.isatty(terminal.window) else ""
    shell = eventually(lambda: door.children)[0]
    assert f"/dev/{shell.terminal}" != ours
    assert (shell.cmdline, shell.session_leader) == (("bash", "--login"), True)
    terminal.type("exit 9\n")
    assert terminal.ends() == 9


def test_a_window_that_is_resized(door: Door) -> None:
    program = (
        "import os, signal\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])\n"  # kept, however early it comes
        "print('ready', flush=True)\n"
        "size = None\n"
        "while size != (20, 9):\n"
        "    signal.sigwait([signal.SIGWINCH])\n"
        "    size = os.get_terminal_size()\n"
        "    print(*size, flush=True)\n"
    )
    terminal = Terminal(door, f'python3 -c "{program}"')
    terminal.sees("ready")
    for rows, columns in ((50, 132), (24, 80), (9, 20)):
        terminal.resize(rows, columns)
        terminal.sees(f"{columns} {rows}\r\n")
    assert terminal.ends() == 0


def test_the_terminals_modes_come_along(door: Door) -> None:
    """What ssh was told of the client's terminal: here, that ^G erases."""
    join_ = shlex.join(program("join", door.path))
    variables = environment(SSH_ORIGINAL_COMMAND="stty -a; stty size")
    terminal = Window(["sh", "-c", f"stty erase ^G rows 7 cols 70; exec {join_}"], variables)
    terminal.sees("erase = ^G;")
    terminal.sees("7 70")
    assert terminal.ends() == 0


def test_job_control_and_ctrl_c(door: Door) -> None:
    terminal = Terminal(door)
    terminal.type("sleep 1000\n")
    eventually(lambda: in_front(door, "sleep"))
    terminal.type("\x1a")  # Ctrl-Z
    terminal.sees("Stopped")
    terminal.type("fg\n")
    eventually(lambda: in_front(door, "sleep"))
    terminal.type("\x03")  # Ctrl-C
    eventually(lambda: in_front(door, "bash"))
    terminal.type("echo status=$?\n")
    terminal.sees("status=130")
    terminal.type("exit 0\n")
    assert terminal.ends() == 0


def in_front(door: Door, name: str) -> bool:
    """Tell whether a program of this name runs in the foreground of a session's terminal."""
    sessions = {child.pid for child in door.children}
    found = [process for process in proc.snapshot().values() if process.sid in sessions and process.comm == name]
    return any(process.foreground and process.state != "T" for process in found)


def test_ctrl_c_arrives_while_more_is_printed_than_anybody_reads(door: Door) -> None:
    terminal = Terminal(door, "trap 'echo caught; exit 5' INT; yes")
    eventually(lambda: in_front(door, "yes"))
    eventually(lambda: is_stuck(terminal.window))
    terminal.type("\x03")
    eventually(lambda: not in_front(door, "yes"))  # and we have read nothing yet
    assert terminal.ends() == 5
    assert terminal.shown.endswith("caught\r\n")


def is_stuck(window: int) -> bool:
    """Tell whether what waits to be read there has stopped growing."""
    before = waiting(window)
    time.sleep(0.2)
    return before == waiting(window) > 0


def waiting(window: int) -> int:
    return int(struct.unpack("i", fcntl.ioctl(window, termios.FIONREAD, bytes(4)))[0])


def test_all_that_was_printed_arrives_before_the_end(door: Door) -> None:
    terminal = Terminal(door, "seq 200000")
    assert terminal.ends() == 0
    assert terminal.shown.split() == [str(number) for number in range(1, 200_001)]


def test_a_large_paste_arrives(door: Door) -> None:
    """More than the terminal's 4 KiB of input: each piece waits for its reader, and none is lost."""
    terminal = Terminal(door, "stty raw -echo; echo ready; head -c 300000 | sha256sum")
    terminal.sees("ready")
    text = "0123456789\n" * 27_273
    for start in range(0, len(text), 1000):
        terminal.type(text[start : start + 1000])
    terminal.sees(hashlib.sha256(text[:300_000].encode()).hexdigest())
    assert terminal.ends() == 0


def test_a_background_job_does_not_keep_the_terminal(door: Door) -> None:
    """The shell's end is the session's: who stayed behind in it is hung up, who left it lives on without it."""
    terminal = Terminal(door)
    daemon = "echo $$ > pid.new; mv pid.new pid; exec sleep 1000"
    terminal.type(f"setsid --fork sh -c '{daemon}'; until [ -e pid ]; do sleep 0.01; done; exit 6\n")
    assert terminal.ends() == 6
    pid = int((door.home / "pid").read_text())
    eventually(lambda: (left := proc.read(pid)) and left.comm == "sleep")
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("command", [None, "sleep 1000"])
def test_who_vanishes_with_a_terminal_hangs_the_session_up(door: Door, command: str | None) -> None:
    terminal = Terminal(door, command)
    eventually(lambda: door.children)
    terminal.vanish()
    assert eventually(lambda: not door.children)


def test_who_vanishes_without_a_terminal_hangs_the_session_up(door: Door) -> None:
    process = door.popen("sleep 1000; true")
    child = eventually(lambda: door.children)[0]
    for stream in (process.stdin, process.stdout, process.stderr):
        assert stream
        stream.close()
    assert process.wait(PATIENCE) == join.NOT_JOINED
    assert eventually(lambda: not door.children)
    assert eventually(lambda: not [p for p in proc.snapshot().values() if p.sid == child.pid])


def test_who_vanishes_hangs_up_a_session_that_is_stopped(door: Door) -> None:
    """A terminal's hang-up is SIGHUP, and SIGCONT so that it is heard."""
    process = door.popen("kill -STOP $$; exit 3")
    child = eventually(lambda: door.children)[0]
    eventually(lambda: (found := proc.read_stat(child.pid)) and found.state == "T")
    process.kill()
    process.communicate(timeout=PATIENCE)
    assert eventually(lambda: not door.children)


class Kept:
    """Who asks for a terminal that is kept by a name, as a browser's server does."""

    def __init__(self, door: Door, name: str = "one") -> None:
        found = connection(door.path)
        assert found
        self.wire = found
        ours, theirs = os.openpty()
        try:
            parcel.send(self.wire, {"terminal": "", "keep": name, "TERM": "xterm"}, [theirs] * parcel.MOST_FILES)
            self.answer, files = parcel.receive(self.wire)
        finally:
            os.close(ours)
            os.close(theirs)
        self.terminal = files[0] if files else -1

    def print(self, command: str, expected: str) -> None:
        assert expected not in command
        os.write(self.terminal, f"{command}\n".encode())
        printed = b""
        while expected.encode() not in printed:
            printed += os.read(self.terminal, 65536)

    def vanish(self) -> None:
        self.wire.close()
        os.close(self.terminal)

    def end(self) -> None:
        parcel.send(self.wire, {"end": ""})
        self.vanish()


def test_a_terminal_that_is_kept_is_there_for_who_comes_back(door: Door) -> None:
    first = Kept(door)
    assert first.answer == {"terminal": "new"}
    first.print("x=kept; echo begun$((1))", "begun1")
    first.vanish()
    [session] = door.children
    second = Kept(door)
    assert second.answer == {"terminal": "kept"}
    second.print("echo $x$((2))", "kept2")
    assert [child.pid for child in door.children] == [session.pid]
    second.end()
    eventually(lambda: not door.children)


def test_who_comes_last_is_at_a_kept_terminal(door: Door) -> None:
    first = Kept(door)
    second = Kept(door)
    assert parcel.receive(first.wire) == ({}, []), "who was at it hears that it is not theirs any more"
    first.vanish()
    second.print("echo here$((1))", "here1")
    os.write(second.terminal, b"exit 7\n")
    assert parcel.receive(second.wire) == ({"status": "7"}, [])
    eventually(lambda: not door.children)
    second.vanish()
    assert Kept(door).answer == {"terminal": "new"}
    assert len(door.children) == 1
    os.kill(door.children[0].pid, signal.SIGKILL)
    eventually(lambda: not door.children)


def test_a_door_keeps_eight_terminals(door: Door) -> None:
    kept = [Kept(door, str(number)) for number in range(8)]
    assert Kept(door, "one more").answer == {"errno": str(errno.EUSERS)}
    kept[3].vanish()
    assert Kept(door, "one more").answer == {"errno": str(errno.EUSERS)}, "it is kept, with nobody at it"
    again = Kept(door, "3")
    again.end()
    eventually(lambda: len(door.children) == 7)
    assert Kept(door, "one more").answer == {"terminal": "new"}
    for child in door.children:
        os.kill(child.pid, signal.SIGKILL)
    eventually(lambda: not door.children)


def test_a_kept_terminal_is_hung_up_when_nobody_comes_back(tmp_path: Path) -> None:
    brief = PROGRAM.format("door").replace("sys.exit", "import lab.door.door as door; door.KEPT = 0.5; sys.exit")

    def start(*words: str) -> list[str]:
        return [*words[:3], brief, *words[4:]]

    with opened(tmp_path / "door.sock", start) as door:
        kept = Kept(door)
        program = f"trap 'echo > {tmp_path}/hung; exit' HUP; echo ready$((1)); while :; do sleep 0.1; done"
        kept.print(f"sh -c {shlex.quote(program)}", "ready1")
        kept.vanish()
        eventually(lambda: (tmp_path / "hung").exists())
        eventually(lambda: not door.children)
        assert Kept(door).answer == {"terminal": "new"}
        os.kill(door.children[0].pid, signal.SIGKILL)
        eventually(lambda: not door.children)


def test_a_reader_who_closes_its_end_is_no_hang_up(door: Door) -> None:
    """`ssh seat cmd | head -1`: the command learns by SIGPIPE, if it cares, and may go on with its work."""
    process = door.popen("trap '' PIPE; echo one; read go; echo two; echo still here >&2")
    assert process.stdin
    assert process.stdout
    assert process.stderr
    assert process.stdout.readline() == b"one\n"
    process.stdout.close()
    process.stdin.write(b"go\n")
    process.stdin.close()
    said = process.stderr.read()
    assert b"Broken pipe" in said
    assert b"still here" in said
    assert process.wait(PATIENCE) == 0


def test_a_seat_that_is_down(tmp_path: Path) -> None:
    for made in (False, True):  # no socket; one that nobody listens at
        if made:
            socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).bind(str(tmp_path / "door.sock"))
        done = subprocess.run(
            program("join", tmp_path / "door.sock"), env=environment(), capture_output=True, check=False
        )
        assert done.returncode == 255
        en, zh = done.stderr.decode().splitlines()
        assert "the seat is not running: try again in a moment, or ask your teacher" in en
        assert "座位没有运行" in zh


@pytest.mark.parametrize("with_terminal", [False, True])
def test_a_seat_that_stops_meanwhile(tmp_path: Path, with_terminal: bool) -> None:
    door = Door(tmp_path / "door.sock")
    if with_terminal:
        terminal = Terminal(door, "echo here; sleep 1000")
        terminal.sees("here")
    else:
        process = door.popen("echo here; exec sleep 1000")
        assert process.stdout
        process.stdout.readline()
    child = door.children[0]
    door.process.kill()
    door.process.wait()
    os.killpg(child.pid, signal.SIGKILL)  # a container's PID 1 takes all with it
    if with_terminal:
        assert terminal.ends() == 255
        said = terminal.shown
    else:
        said = process.communicate(timeout=PATIENCE)[1].decode()
        assert process.returncode == 255
    assert "the seat was stopped" in said
    assert "座位已停止" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="another user's limit of processes is needed: root can become one")
def test_a_seat_that_is_full_says_so() -> None:
    """The pids limit of a container and RLIMIT_NPROC of a user answer fork alike: EAGAIN."""
    with tempfile.TemporaryDirectory() as folder:  # the tests' own is closed to that user
        Path(folder).chmod(0o777)
        see_that_a_full_seat_says_so(Path(folder) / "s")


def see_that_a_full_seat_says_so(path: Path) -> None:
    prelude = (
        f"import os, resource, sys; sys.path.insert(0, {str(ROOT)!r}); from lab.door.door import main\n"
        f"resource.setrlimit(resource.RLIMIT_NPROC, (1, 1)); os.setgid({STRANGER}); os.setuid({STRANGER}); main()"
    )
    process = subprocess.Popen([sys.executable, "-S", "-c", prelude, str(path)], env=environment(), cwd="/")
    eventually(lambda: connection(path))
    try:
        for with_terminal in (False, True):
            caller = connection(path)
            assert caller
            window, ours = pty.openpty()
            parcel.send(caller, {"command": "true"} | ({"terminal": ""} if with_terminal else {}), [ours] * 3)
            answer, files = parcel.receive(caller)
            assert files == []
            with pytest.raises(join.NotJoinedError) as caught:
                join.status_of(answer)
            assert "no room for another process: end some from a shell that is still open" in caught.value.args[0]
            assert "座位的进程数已达上限" in caught.value.args[1]
            os.close(window)
            os.close(ours)
        with pulse(path) as beats:
            assert [beat["state"] for beat in take(2, beats)] == ["full", "full"]
    finally:
        process.kill()
        process.wait()


PULSE = "import sys; from lab.door.pulse import watch; watch('client1', sys.argv[1])"


@contextmanager
def pulse(path: Path) -> Iterator[Iterator[dict[str, Any]]]:
    """Have the pulse of a door felt, and yield what it is; in the end it stops, since its input does."""
    command = [sys.executable, "-S", "-c", PULSE, str(path)]
    with subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        yield map(json.loads, process.stdout)
        process.stdin.close()
        assert process.wait(20) == 0


def test_the_pulse_of_a_door(door: Door) -> None:
    began = time.time()
    with pulse(door.path) as beats:
        seen = take(3, beats)
    assert [(beat["seat"], beat["state"]) for beat in seen] == [("client1", "ok")] * 3
    assert all(0 < beat["seconds"] <= beat["at"] - began + 0.001 for beat in seen)
    assert seen[2]["at"] - seen[0]["at"] == pytest.approx(2, abs=0.9), "once a second"
    assert eventually(lambda: not door.children)


def test_a_door_that_is_stopped_is_knocked_at_once_and_answers_later(door: Door) -> None:
    os.kill(door.process.pid, signal.SIGSTOP)
    try:
        with pulse(door.path) as beats:
            late = take(2, beats)
            os.kill(door.process.pid, signal.SIGCONT)
            answered = next(beat for beat in beats if beat["state"] != "late")
        os.kill(door.process.pid, signal.SIGSTOP)
        with pulse(door.path) as beats:
            take(1, beats)  # and it ends while the door is stopped
    finally:
        os.kill(door.process.pid, signal.SIGCONT)
    assert [beat["state"] for beat in late] == ["late", "late"]
    assert late[1]["seconds"] > late[0]["seconds"] + 0.9
    assert answered["state"] == "ok"
    assert answered["seconds"] > late[1]["seconds"], "it is the first caller who was answered"
    assert eventually(lambda: not door.children)


def test_a_door_with_a_long_queue_is_late_and_one_that_is_gone_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "door.sock"
    with pulse(path) as beats:
        assert next(beats)["state"] == "closed"
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as stopped:
            stopped.bind(str(path))
            stopped.listen(0)
            others = [connection(path)]  # as many as the kernel keeps waiting there
            assert next(beat for beat in beats if beat["state"] != "closed")["state"] == "late"
            assert others[0]
            others[0].close()
        assert next(beat for beat in beats if beat["state"] != "late")["state"] == "closed"


def take(count: int, beats: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    return list(itertools.islice(beats, count))


def test_who_knocks_and_talks_nonsense_or_nothing(door: Door) -> None:
    for words in ({}, {"terminal": ""}, {"command": "true"}):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as caller:
            caller.connect(str(door.path))
            if words:
                parcel.send(caller, words, [])
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as caller, Path("/dev/null").open() as file:
        caller.connect(str(door.path))
        parcel.send(caller, {"terminal": ""}, [file.fileno()] * 3)  # no terminal at all
        assert int(parcel.receive(caller)[0]["errno"])
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as caller:
        caller.connect(str(door.path))
        caller.send(b"\xff\0=\0===")
        assert parcel.receive(caller) == ({}, [])
    assert door.run("echo still here")[1] == "still here\n"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("xterm", "xterm"),
        ("dumb", "dumb"),
        ("xterm-of-tomorrow", "xterm-256color"),
        ("../x/xterm", "xterm-256color"),
        ("x", "xterm-256color"),
        ("my-own", "my-own"),
    ],
)
def test_a_terminal_that_is_unknown_here_is_taken_for_one_that_is_known(door: Door, asked: str, found: str) -> None:
    """In a login shell and in a command; the student's own ~/.terminfo counts."""
    own = door.home / ".terminfo/m/my-own"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.touch()
    for command in (None, "echo TERM=$TERM."):
        terminal = Terminal(door, command, TERM=asked)
        if command is None:
            terminal.type("echo TERM=$TERM.; exit\n")
        assert f"TERM={found}." in terminal.sees(f"TERM={found}.")
        terminal.ends()


def test_who_says_nothing_keeps_nobody_waiting(door: Door) -> None:
    """More than a door would have the patience for, one after the other, and one that is stopped on its way in."""
    silent = [connection(door.path) for _ in range(200)]
    stopped = door.popen("true")
    stopped.send_signal(signal.SIGSTOP)
    assert door.run("echo still here")[1] == "still here\n"
    stopped.send_signal(signal.SIGCONT)
    assert stopped.wait(PATIENCE) == 0
    for caller in silent:
        assert caller
        caller.close()


def test_many_at_once(door: Door) -> None:
    processes = [door.popen(f"read line; echo $line; exit {number}") for number in range(30)]
    for number, process in enumerate(processes):
        out, _ = process.communicate(f"{number}\n".encode(), timeout=PATIENCE)
        assert (process.returncode, out) == (number, f"{number}\n".encode())
    assert eventually(lambda: not door.children)


def test_the_socket_is_its_owners_alone_and_a_stale_one_is_replaced(tmp_path: Path) -> None:
    first = Door(tmp_path / "door.sock")
    assert (tmp_path / "door.sock").stat().st_mode & 0o777 == 0o600
    first.process.kill()
    first.process.wait()
    assert (tmp_path / "door.sock").exists()
    second = Door(tmp_path / "door.sock")
    assert second.run("echo new")[1] == "new\n"
    second.process.kill()
    second.process.wait()


def test_a_door_that_cannot_listen_says_why() -> None:
    done = subprocess.run(
        program("door", Path("/nowhere/door.sock")), env=environment(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, b"door: no socket at /nowhere/door.sock: No such file or directory\n")


@pytest.mark.parametrize(
    ("variables", "locale"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN.UTF-8"),
        ({"LANG": "zh_TW.Big5"}, "zh_CN.UTF-8"),
        ({"LANG": "C.UTF-8"}, "C.UTF-8"),
        ({"LANG": "en_US.UTF-8"}, "C.UTF-8"),  # a seat has no such: it would be plain C, in which 张三 cannot be read
        ({"LANG": "de_DE@euro"}, "C.UTF-8"),
        ({"LANG": "POSIX"}, "C.UTF-8"),
        ({"LANG": ""}, None),  # as if none had come: the class's
        ({}, None),
    ],
)
def test_the_language_that_comes_along(variables: dict[str, str], locale: str | None) -> None:
    assert join.language(variables) == locale


def test_what_a_door_costs() -> None:
    """Modules are memory, in every seat: the door has no more than it needs."""
    program = f"import sys; sys.path.append({str(ROOT)!r}); import lab.door.door; print(*sys.modules)"
    loaded = run(sys.executable, "-IS", "-c", program).stdout.split()
    assert "socket" in loaded
    assert set(loaded).isdisjoint({"re", "json", "pathlib", "typing", "tempfile", "subprocess", "argparse"})
