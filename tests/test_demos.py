"""Every demo, run for real: what it says is held against /proc and ps, and it must leave nothing behind."""

import ast
import contextlib
import os
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import pytest

from lab import demos
from lab.demos import DEMOS
from lab.proc import by_birth
from tests.eventually import eventually

ROOT = Path(__file__).parent.parent
WAITING = [name for name in DEMOS if "ready pid=" in (ROOT / f"lab/demos/{name}.py").read_text()]
ENDING = [name for name in DEMOS if name not in WAITING and name != "local_client"]  # that one needs its server
# A process of root's that has no capability is refused what an ordinary user's is.
UNPRIVILEGED = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
# Opening a terminal makes it the controlling one of a session leader that has none: credentials(7), tty(4).
ON_TERMINAL = "import os, sys; os.close(os.open(os.ttyname(0), os.O_RDWR)); os.execv(sys.argv[1], sys.argv[1:])"


@dataclass(frozen=True)
class Stat:
    """What a test asks of /proc/PID/stat."""

    pid: int
    comm: str
    state: str
    ppid: int
    sid: int
    niceness: int
    threads: int
    ticks: int  # on a CPU, for itself or in the kernel for it
    start: int  # ticks since the boot


def look(pid: int) -> Stat | None:
    """Return a process as the kernel shows it, None if it is gone."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    comm, rest = line[line.index("(") + 1 : line.rindex(")")], line[line.rindex(")") + 2 :].split()
    ppid, sid, niceness, threads, start = (int(rest[n]) for n in (1, 3, 16, 17, 19))
    return Stat(pid, comm, rest[0], ppid, sid, niceness, threads, int(rest[11]) + int(rest[12]), start)


def snapshot() -> list[Stat]:
    """Return every process."""
    return [seen for entry in Path("/proc").glob("[0-9]*") if (seen := look(int(entry.name)))]


def at(pid: int) -> Stat:
    """Return a process that must be there."""
    seen = look(pid)
    assert seen, f"no process {pid}"
    return seen


def ps_stat(pid: int) -> str:
    """Return the STAT column of ps."""
    return subprocess.check_output(["ps", "-o", "stat=", "-p", str(pid)], text=True).strip()


@dataclass
class Running:
    """A demo that runs in a session and a TMPDIR of its own."""

    process: subprocess.Popen[str]
    folder: Path
    marker: str

    @property
    def pid(self) -> int:
        """The main process."""
        return self.process.pid

    def line(self, pattern: str) -> re.Match[str]:
        """Read up to a line in which the pattern is found."""
        assert self.process.stdout
        for line in self.process.stdout:
            if match := re.search(pattern, line.rstrip("\n")):
                return match
        raise AssertionError(f"no line {pattern!r}; stderr: {self.stderr()!r}")

    def rest(self) -> str:
        """Read up to the end of the last process that can write."""
        assert self.process.stdout
        return self.process.stdout.read()

    def stderr(self) -> str:
        """Return what it has complained of so far."""
        return (self.folder / "stderr").read_text()

    def processes(self) -> dict[int, Stat]:
        """Return its processes: those of its session, and those with its marker, wherever they have gone.

        A zombie that it no longer has as a child is no longer its own, but its adopter's to wait for.
        """
        own = {s.pid: s for s in snapshot() if s.sid == self.pid or self.marked(s.pid)}
        return {s.pid: s for s in own.values() if s.state != "Z" or s.ppid in own or s.pid == self.pid}

    def marked(self, pid: int) -> bool:
        """Whether a process was started with its marker in the environment."""
        try:
            return self.marker.encode() in Path(f"/proc/{pid}/environ").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return False

    def children(self) -> list[Stat]:
        """Return the main process's children, the oldest first."""
        return by_birth(s for s in snapshot() if s.ppid == self.pid)

    def child(self) -> Stat:
        """Return the only child."""
        (child,) = self.children()
        return child

    def files(self) -> list[str]:
        """Return what it has in its TMPDIR."""
        return [path.name for path in (self.folder / "tmp").iterdir()]

    def ends_clean(self, status: int = 0) -> None:
        """See it end with that status, without a complaint, and leave neither process nor file."""
        assert (self.process.wait(), self.stderr()) == (status, "")
        eventually(lambda: not self.processes())
        assert self.files() == []

    def stop(self, number: int = signal.SIGTERM) -> str:
        """End it, see that it ends clean, and return what it said meanwhile."""
        self.process.send_signal(number)
        said = self.rest()
        self.ends_clean()
        return said


@contextlib.contextmanager
def running(
    name: str,
    *arguments: str,
    prefix: Sequence[str] = (),
    terminal: int = subprocess.PIPE,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Running]:
    """Run a demo, and in the end kill whatever is left of it."""
    folder = Path(tempfile.mkdtemp(prefix="demo-"))  # not tmp_path: a socket's path has at most 107 bytes
    (folder / "tmp").mkdir()
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "tmp")}
    marker = str(uuid.uuid4())
    with (folder / "stderr").open("w") as stderr:
        process = subprocess.Popen(
            [*prefix, sys.executable, "-m", f"lab.demos.{name}", *arguments],
            env={**env, **environment, "MARKER": marker},
            stdin=terminal,
            stdout=terminal,
            stderr=stderr,
            encoding="utf-8",
            start_new_session=True,
        )
    demo = Running(process, folder, marker)
    try:
        with process:
            try:
                yield demo
            finally:
                for pid in demo.processes():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def ready(
    name: str, *arguments: str, prefix: Sequence[str] = (), environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Running]:
    """Run a demo up to its first line, which is that it is ready."""
    with running(name, *arguments, prefix=prefix, environment=environment) as demo:
        assert demo.line(".*")[0] == f"ready pid={demo.pid}"
        yield demo


@contextlib.contextmanager
def on_terminal(name: str) -> Iterator[tuple[Running, int]]:
    """Run a demo in the foreground of a terminal; yield it, and the end at which a person types and reads."""
    person, terminal = os.openpty()
    try:
        with running(name, prefix=[sys.executable, "-c", ON_TERMINAL], terminal=terminal) as demo:
            os.close(terminal)
            yield demo, person
    finally:
        os.close(person)


def read_until(person: int, pattern: str) -> str:
    """Read a terminal until the pattern is there, and return all up to then."""
    screen = b""  # bytes, since a read may end inside a character
    while not re.search(pattern, shown := screen.decode(errors="replace")):
        screen += os.read(person, 4096)
    return shown


T = TypeVar("T")


@contextlib.contextmanager
def glimpse(
    name: str, see: Callable[[Running], T], over: Callable[[Running], bool], prefix: Sequence[str] = ()
) -> Iterator[tuple[Running, T]]:
    """Run a demo, look until it is over, and yield it with what was seen.

    What lasts for some tenths of a second can be missed on a busy machine; then it is run again.
    """
    for _ in range(5):
        with running(name, prefix=prefix) as demo:
            while not (seen := see(demo)) and not over(demo):
                pass
            if seen:
                yield demo, seen
                return
    raise AssertionError(f"{name}: not seen in 5 runs")


def ended(demo: Running) -> bool:
    """Whether the main process has ended."""
    return demo.process.poll() is not None


# Every demo


@pytest.mark.parametrize("name", ENDING)
def test_ends_by_itself_and_leaves_nothing(name: str) -> None:
    with running(name) as demo:
        assert demo.rest()
        demo.ends_clean()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("name", WAITING)
def test_ends_on_a_signal_as_soon_as_it_is_ready_and_leaves_nothing(name: str, number: int) -> None:
    with ready(name) as demo:
        demo.stop(number)


@pytest.mark.parametrize("name", WAITING)
def test_ends_on_ctrl_c_at_a_terminal_and_leaves_nothing(name: str) -> None:
    with on_terminal(name) as (demo, person):
        assert read_until(person, "\n").startswith(f"ready pid={demo.pid}\r\n")
        os.write(person, b"\x03")
        demo.ends_clean()


@pytest.mark.parametrize("name", WAITING)
def test_a_signal_on_the_way_to_ready_leaves_nothing_either(name: str) -> None:
    with running(name) as demo:
        eventually(lambda: takes_care_of(demo.pid, signal.SIGTERM) or readable(output(demo)), every=0)
        demo.process.terminate()
        assert demo.process.wait() in (0, -signal.SIGTERM)
        eventually(lambda: not demo.processes())
        assert (demo.files(), demo.stderr()) == ([], "")


def output(demo: Running) -> int:
    """Return the file descriptor from which a demo's output is read."""
    assert demo.process.stdout
    return demo.process.stdout.fileno()


def takes_care_of(pid: int, number: int) -> bool:
    """Whether a process blocks or handles a signal, from /proc/PID/status; while it is in sigwait, it does not."""
    masks = re.findall(r"^Sig(?:Blk|Cgt):\s*(\w+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return any(int(mask, 16) >> (number - 1) & 1 for mask in masks)


# Each demo


@pytest.mark.parametrize("language", ["en", "zh"])
def test_file_types_shows_one_of_each_that_there_is(language: str) -> None:
    letters = {"b": stat.S_ISBLK, "c": stat.S_ISCHR, "d": stat.S_ISDIR, "-": stat.S_ISREG}
    letters |= {"l": stat.S_ISLNK, "s": stat.S_ISSOCK, "p": stat.S_ISFIFO}
    with ready("file_types", environment={"LANG": language}) as demo:
        shown: dict[str, str] = {}
        while len(shown) < 7:
            line = demo.line(".*")[0]
            shown[line[0]] = line.partition(" ")[2]
        assert set(shown) == set(letters)
        if not any(stat.S_ISBLK(path.lstat().st_mode) for path in Path("/dev").iterdir()):
            assert shown.pop("b") == {"en": "(none in /dev here)", "zh": "（这里的 /dev 中没有）"}[language]
        for letter, path in shown.items():
            assert letters[letter](Path(path).lstat().st_mode), path
        demo.stop()


def client(path: Path | str) -> socket.socket:
    """Connect to a server."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(path))
    connection.settimeout(20)
    return connection


def answers(connection: socket.socket, count: int = 1) -> bool:
    """Whether just so many answers come to a client."""
    expected = "收到消息\n".encode() * count
    data = b""
    while len(data) < len(expected):
        data += connection.recv(len(expected) - len(data))
    return data == expected and not unread(connection)


def unread(connection: socket.socket) -> bytes:
    """Return the beginning of what has come and is not yet read."""
    return connection.recv(1, socket.MSG_PEEK) if readable(connection) else b""


def readable(file: socket.socket | int) -> bool:
    """Whether a read would not wait: there is something, or the end."""
    return bool(select.select([file], [], [], 0)[0])


def test_local_server_is_a_socket_file_and_answers_one_client_after_the_other() -> None:
    with ready("local_server") as demo:
        path = demo.line("socket=(.*)")[1]
        assert Path(path).is_socket()
        eventually(lambda: [demo.child().state, at(demo.pid).state] == ["S", "S"])
        with client(path) as first, client(path) as second:
            second.sendall(b"second\n")
            first.sendall("你好\n".encode())
            assert answers(first)
            first.sendall(b"one\ntwo\n")
            assert answers(first, 2)
            assert not unread(second)
            first.shutdown(socket.SHUT_WR)
            assert answers(second)
        assert demo.stop() == "你好\none\ntwo\nsecond\n"


def test_local_server_survives_what_clients_do() -> None:
    with ready("local_server") as demo:
        path = demo.line("socket=(.*)")[1]
        client(path).close()
        with client(path) as rude:
            rude.sendall(b"not UTF-8: \xff\n" * 100)
        with client(path) as polite:
            polite.sendall(b"no end of line")
            polite.shutdown(socket.SHUT_WR)
            assert answers(polite)
        assert "not UTF-8: \\xff\n" in demo.stop()


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "zh_CN.UTF-8", "zh_CN.GBK", "en_US.ISO-8859-1"])
def test_client_and_server_speak_utf8_in_any_locale(locale: str) -> None:
    strict = {"LC_ALL": locale, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    with ready("local_server", environment=strict) as server:
        path = server.line("socket=(.*)")[1]
        with running("local_client", path, environment=strict) as demo:
            assert demo.process.communicate("你好\nhello\n\nunsent\n")[0] == "收到消息\n收到消息\n"
            demo.ends_clean()
        assert server.stop() == "你好\nhello\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_local_client_ends_on_a_signal(number: int) -> None:
    with ready("local_server") as server:
        with running("local_client", server.line("socket=(.*)")[1]) as demo:
            assert demo.process.stdin
            demo.process.stdin.write("你好\n")
            demo.process.stdin.flush()
            assert demo.line(".*")[0] == "收到消息"
            demo.stop(number)
        server.stop()


def test_local_client_without_a_server_says_what_to_do() -> None:
    with running("local_client", environment={"LANG": "en"}) as demo:
        assert demo.process.wait() == 1
        assert demo.stderr().endswith(": No such file or directory; start the server first: lab demo local_server\n")
    with running("local_client", environment={"LANG": "zh_CN.UTF-8"}) as demo:
        assert demo.process.wait() == 1
        assert demo.stderr().endswith("请先启动服务器：lab demo local_server\n")


def test_local_server_replaces_a_stale_socket_but_no_other_file() -> None:
    folder = Path(tempfile.mkdtemp())
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(folder / "sock"))
    with ready("local_server", str(folder / "sock")) as demo, client(folder / "sock") as connection:
        connection.sendall(b"hello\n")
        assert answers(connection)
        demo.stop()
    (folder / "sock").write_text("precious")
    with running("local_server", str(folder / "sock")) as demo:
        assert demo.process.wait() == 1
    assert (folder / "sock").read_text() == "precious"
    shutil.rmtree(folder)


def spans(name: str) -> list[tuple[int, float, float]]:
    """Return pid, begin and end of each task of a demo, having seen that so many processes were there."""
    pattern = r"pid=(\d+) from=([\d.]+) to=([\d.]+)"
    with running(name) as demo:
        said = demo.rest()
        demo.ends_clean()
    return [(int(pid), float(begin), float(end)) for pid, begin, end in re.findall(pattern, said)]


def test_one_by_one_is_one_process_and_the_second_task_follows_the_first() -> None:
    (pid, _, end), (same, begin, _) = spans("one_by_one")
    assert pid == same
    assert begin >= end


def test_two_at_once_are_two_processes_and_their_tasks_overlap() -> None:
    (pid, begin, end), (other, other_begin, other_end) = spans("two_at_once")
    assert pid != other
    assert begin < other_end
    assert other_begin < end


def test_two_at_once_are_there_at_the_same_time() -> None:
    def asleep(demo: Running) -> bool:
        return [seen.state for seen in snapshot() if demo.pid in (seen.pid, seen.ppid)] == ["S", "S"]

    with glimpse("two_at_once", asleep, over=ended) as (demo, _):
        demo.rest()
        demo.ends_clean()


def test_fork_copies() -> None:
    with running("fork") as demo:
        parent, child = demo.line(r"before pid=(\d+) a=1$")[1], demo.line(r"child pid=(\d+) a=2$")[1]
        assert demo.line(r"parent pid=(\d+) a=1$")[1] == parent == str(demo.pid) != child


@pytest.mark.parametrize("name", ["fork", "pids"])
def test_a_fork_that_the_kernel_refuses_is_told_in_a_line(name: str) -> None:
    no_more = "resource.setrlimit(resource.RLIMIT_NPROC, (0, 0)); os.getuid() or os.setuid(54321)"  # root has no limit
    program = f"import os, resource; from lab.demos.{name} import main; {no_more}; main()"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "fork: Resource temporarily unavailable\n")


def test_pids_are_those_of_the_kernel() -> None:
    with running("pids") as demo:
        child = demo.line(r"child fork=0 getpid=(\d+) getppid=(\d+)$")
        parent = demo.line(r"parent fork=(\d+) getpid=(\d+) getppid=(\d+)$")
        assert child.groups() == (parent[1], parent[2])
        assert parent.groups()[1:] == (str(demo.pid), str(os.getpid()))


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_exit_cleans_up_and_underscore_exit_does_not(unbuffered: str) -> None:
    with running("exit", environment={"PYTHONUNBUFFERED": unbuffered}) as demo:
        assert demo.rest() == "exit: finally atexit buffer -> 3\n_exit: -> 3\n"


def test_exit_reads_the_same_at_a_terminal() -> None:
    with on_terminal("exit") as (_, person):
        assert read_until(person, "_exit: .*\n") == "exit: finally atexit buffer -> 3\r\n_exit: -> 3\r\n"


def test_five_states_are_shown_on_one_cpu() -> None:
    with ready("five_states") as demo:
        lines = [demo.line(r"^(\w) (\w+) pid=") for _ in range(5)]
        assert {line[2]: line[1] for line in lines} == {
            "created": "R",
            "ready": "R",
            "running": "R",
            "blocked": "S",
            "ended": "Z",
        }
        assert [child.state for child in demo.children()] == ["R", "S", "Z"]
        assert len(os.sched_getaffinity(demo.pid)) == 1
        assert os.sched_getaffinity(demo.pid) == os.sched_getaffinity(demo.children()[0].pid)
        demo.stop()


def test_stat_letters_are_those_of_the_kernel_and_of_ps() -> None:
    with ready("stat_letters") as demo:
        lines = [demo.line(r"^(\w) pid=(\d+)$") for _ in range(5)]
        shown = {line[1]: int(line[2]) for line in lines}
        assert set(shown) == set("RSDTZ")
        for letter, pid in shown.items():
            assert at(pid).state == ps_stat(pid)[0] == letter
            assert at(pid).ppid == demo.pid
        assert "".join(demo.line(r"^(\w) - .")[1] for _ in range(4)) == "tIXW"
        demo.stop()


def test_stat_letters_the_stopped_one_goes_on_when_continued() -> None:
    with ready("stat_letters") as demo:
        pid = int(demo.line(r"T pid=(\d+)")[1])
        os.kill(pid, signal.SIGCONT)
        eventually(lambda: at(pid).state == "S")
        demo.stop()


def modifiers(lines: str) -> tuple[set[str], dict[str, str]]:
    """Check each line of stat_modifiers against ps; return the marks that are there, and the reasons for the rest."""
    there, reasons = set(), {}
    for mark, pid, marks, answer in re.findall(r"^(\S) pid=(\d+) marks=(\S*) (.+?)\r?$", lines, re.MULTILINE):
        assert marks == ps_stat(int(pid))[1:]
        if answer == "Success":
            assert mark in marks
            there.add(mark)
        else:
            assert mark not in marks
            reasons[mark] = answer
    return there, reasons


def six_lines(demo: Running) -> str:
    """Return what stat_modifiers says."""
    return "\n".join(demo.line(".*")[0] for _ in range(6))


def test_stat_modifiers_that_need_nothing_are_there_and_plus_needs_a_terminal() -> None:
    with ready("stat_modifiers") as demo:
        there, reasons = modifiers(six_lines(demo))
        assert there | set(reasons) == set("<NLsl+")
        assert {"N", "s", "l"} <= there
        assert reasons["+"] == "No such device or address"
        demo.stop()


def test_stat_modifiers_that_are_refused_have_the_reason() -> None:
    no_memory = ["prlimit", "--memlock=0:0", *UNPRIVILEGED]
    with ready("stat_modifiers", prefix=no_memory) as demo:
        there, reasons = modifiers(six_lines(demo))
        assert there == {"N", "s", "l"}
        assert reasons == {"<": "Permission denied", "L": "Operation not permitted", "+": "No such device or address"}
        demo.stop()


def test_stat_modifiers_lock_memory_within_the_limit() -> None:
    with ready("stat_modifiers", prefix=["prlimit", "--memlock=65536:65536", *UNPRIVILEGED]) as demo:
        assert "L" in modifiers(six_lines(demo))[0]
        demo.stop()


@pytest.mark.skipif(not UNPRIVILEGED, reason="only root may have a niceness below 0")
def test_stat_modifiers_below_zero_with_the_privilege() -> None:
    with ready("stat_modifiers") as demo:
        assert "<" in modifiers(six_lines(demo))[0]
        demo.stop()


def test_stat_modifiers_in_the_foreground_of_a_terminal() -> None:
    with on_terminal("stat_modifiers") as (demo, person):
        there, _ = modifiers(read_until(person, r"\n\+ .*\n"))
        assert "+" in there
        os.write(person, b"\x03")
        demo.ends_clean()


def test_uninterruptible_is_d_and_no_signal_but_kill_helps() -> None:
    with ready("uninterruptible") as demo:
        child = int(demo.line(r"^D child pid=(\d+)$")[1])
        os.kill(child, signal.SIGTERM)
        os.kill(child, signal.SIGINT)
        assert (at(child).state, at(child).ppid, ps_stat(child)) == ("D", demo.pid, "D")
        (grandchild,) = [s for s in demo.processes().values() if s.ppid == child]
        eventually(lambda: at(grandchild.pid).state == "S")  # as soon as it has got as far as the open
        demo.stop()


def test_nice_loops_at_the_niceness_given() -> None:
    for arguments, expected in [((), 9), (("19",), 19), (("0",), 0)]:
        with ready("nice", *arguments) as demo:
            assert demo.line(r"ni=(.*)")[1] == str(expected)
            assert (at(demo.pid).state, at(demo.pid).niceness) == ("R", expected)
            demo.stop()


def test_nice_below_zero_is_refused() -> None:
    with running("nice", "-5", prefix=UNPRIVILEGED) as demo:
        assert (demo.process.wait(), demo.stderr()) == (1, "ni=-5: Permission denied\n")


def test_nice_of_a_word_is_refused() -> None:
    with running("nice", "fast") as demo:
        assert demo.process.wait() == 2
        assert "fast" in demo.stderr().splitlines()[-1]


def test_renice_changes_one_running_process_and_the_way_back_is_refused() -> None:
    def reniced(niceness: int) -> Callable[[Running], int]:
        return lambda demo: sum(
            child.pid for child in demo.children() if (child.state, child.niceness) == ("R", niceness)
        )

    with glimpse("renice", reniced(5), over=lambda demo: bool(reniced(12)(demo)), prefix=UNPRIVILEGED) as (demo, child):
        assert demo.line("child pid=(.*)")[1] == f"{child} ni=5"
        assert demo.line("renice 12: (.*)")[1] == "ok; ni=12"
        assert demo.line("renice 5: (.*)")[1] == "Permission denied; ni=12"
        assert reniced(12)(demo) == child
        demo.stop()


@pytest.mark.skipif(not UNPRIVILEGED, reason="only root may lower a niceness")
def test_renice_with_the_privilege_goes_back_and_forth() -> None:
    with ready("renice") as demo:
        assert demo.line("renice 5: (.*)")[1] == "ok; ni=5"
        assert demo.line("renice 12: (.*)")[1] == "ok; ni=12"
        assert demo.child().niceness == 12
        demo.stop()


def test_tree_has_the_shape_that_it_says() -> None:
    with ready("tree") as demo:
        processes = demo.processes()

        def below(pid: int) -> dict[str, object]:
            return {s.comm: below(s.pid) for s in processes.values() if s.ppid == pid}

        assert below(demo.pid) == {"a": {"b": {}, "c": {}}, "d": {"e": {}}}
        drawn = subprocess.check_output(["pstree", "-A", str(demo.pid)], text=True).splitlines()
        assert [line.partition("-")[2] or line.strip() for line in drawn] == ["+-a-+-b", "c", "d---e"]
        demo.stop()


def test_orphan_is_adopted_while_it_lives() -> None:
    def family(demo: Running) -> list[tuple[int, int]]:
        return [
            (s.pid, s.ppid) for s in demo.processes().values() if (parent := look(s.ppid)) and parent.ppid == demo.pid
        ]

    with glimpse("orphan", family, over=lambda demo: readable(output(demo))) as (demo, [(child, parent)]):
        told = demo.line(r"child pid=(\d+) ppid=(\d+) -> ppid=(\d+)")
        assert told.groups() == (str(child), str(parent), str(at(child).ppid))
        assert at(child).ppid != parent
        assert at(child).state in "RS"
        assert look(parent) is None
        demo.stop()


@pytest.mark.parametrize("name", ["orphan", "double_fork"])
def test_an_orphan_can_be_ended_by_itself(name: str) -> None:
    with ready(name) as demo:
        pid = int(demo.line(r"child pid=(\d+) .*ppid=(\d+)$")[1])
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: list(demo.processes()) == [demo.pid])
        demo.stop()


@pytest.mark.parametrize("name", ["orphan", "double_fork"])
def test_an_orphan_does_not_outlive_the_demo_however_that_ends(name: str) -> None:
    with ready(name) as demo:
        demo.process.kill()
        demo.process.wait()
        eventually(lambda: not demo.processes())


def test_zombie_stays_whatever_it_is_sent_until_it_is_waited_for() -> None:
    with ready("zombie") as demo:
        pid = int(demo.line(r"child pid=(\d+)")[1])
        os.kill(pid, signal.SIGKILL)
        assert (at(pid).state, at(pid).ppid, ps_stat(pid)) == ("Z", demo.pid, "Z")
        assert demo.stop() == f"reaped pid={pid} exitcode=3\n"
        assert look(pid) is None


def test_wait_sleeps_meanwhile_and_learns_both_ends() -> None:
    def asleep(demo: Running) -> list[int]:
        children = [child.pid for child in demo.children()]
        return children if len(children) == 2 and at(demo.pid).state == "S" else []

    with glimpse("wait", asleep, over=ended) as (demo, [first, second]):
        before = at(demo.pid).ticks
        assert demo.line(".*")[0] == f"parent pid={demo.pid}"
        assert demo.line(".*")[0] == f"pid={first} status=0x0300 WIFEXITED=True WEXITSTATUS=3 exitcode=3"
        assert demo.line(".*")[0] == f"pid={second} status=0x0009 WIFEXITED=False WTERMSIG=9 exitcode=-9"
        assert (at(demo.pid).ticks - before) / os.sysconf("SC_CLK_TCK") < 0.1
        demo.ends_clean()


def test_waitpid_works_on_meanwhile() -> None:
    with running("waitpid") as demo:
        child = demo.line(f"parent pid={demo.pid} child=(.*)")[1]
        questions = demo.rest().splitlines()
        assert questions[-1] == f"waitpid=({child}, 1024) exitcode=4"
        assert len(questions) >= 2
        assert set(questions[:-1]) == {"waitpid=(0, 0)"}
        demo.ends_clean()


def test_sigchld_reaps_all_three_however_few_signals_came() -> None:
    with ready("sigchld") as demo:
        assert 1 <= int(demo.line(r"signals=(\d+)")[1]) <= 3
        reaped = [demo.line(r"reaped pid=(\d+) exitcode=(\d)").groups() for _ in range(3)]
        assert {code for _, code in reaped} == {"1", "2", "3"}
        assert len({pid for pid, _ in reaped}) == 3
        assert list(demo.processes()) == [demo.pid]
        eventually(lambda: at(demo.pid).state == "S")
        demo.stop()


def test_double_fork_leaves_a_grandchild_and_no_middle() -> None:
    with ready("double_fork") as demo:
        middle = int(demo.line(r"middle pid=(\d+)")[1])
        grandchild, adopter = map(int, demo.line(r"grandchild pid=(\d+) ppid=(\d+)").groups())
        assert look(middle) is None
        assert demo.children() == []
        assert at(grandchild).ppid == adopter not in (demo.pid, middle)
        demo.stop()


def test_parent_first_ends_before_its_child() -> None:
    def orphan(demo: Running) -> list[Stat]:
        return list(demo.processes().values()) if ended(demo) else []

    with glimpse("parent_first", orphan, over=lambda demo: ended(demo) and not demo.processes()) as (demo, [child]):
        told = demo.line(r"child pid=(\d+) ppid=(\d+) -> ppid=(\d+)")
        assert told.groups() == (str(child.pid), str(demo.pid), str(child.ppid))
        assert child.ppid != demo.pid
        assert demo.rest() == ""
        demo.ends_clean()


def test_process_and_thread_differ_in_what_they_share() -> None:
    with ready("process_and_thread") as demo:
        child, theirs, ours = demo.line(r"process pid=(\d+): a=(\d), here a=(\d)").groups()
        threads, shared = demo.line(r"threads tid=\[(.*)\]: here a=(\d)").groups()
        assert (theirs, ours, shared) == ("1", "0", "2")
        assert (at(demo.pid).threads, at(int(child)).threads) == (3, 1)
        assert {path.name for path in Path(f"/proc/{demo.pid}/task").iterdir()} == {str(demo.pid), *threads.split(", ")}
        assert ("l" in ps_stat(demo.pid), "l" in ps_stat(int(child))) == (True, False)
        demo.stop()


def test_blocking_io_sleeps_until_something_comes() -> None:
    with ready("blocking_io") as demo:
        assert demo.line(r"^S child pid=(\d+)")[1] == str(demo.child().pid)
        assert demo.child().state == "S"
        assert demo.stop().startswith("recv=b'hello' waited=")


def test_nonblocking_io_is_told_not_yet() -> None:
    with running("nonblocking_io") as demo:
        *not_yet, last = demo.rest().splitlines()[1:]
        assert not_yet
        assert set(not_yet) == {"recv: Resource temporarily unavailable"}
        assert last == "recv=b'hello'"
        demo.ends_clean()


def test_timeout_io_gives_up_and_goes_on() -> None:
    with running("timeout_io") as demo:
        assert float(demo.line(r"recv=timed out waited=(.*)")[1]) >= 0.3
        assert demo.line(r"recv=b'hello' waited=")
        demo.ends_clean()


def test_multiplexed_io_answers_all_in_any_order_with_one_thread() -> None:
    with ready("multiplexed_io") as demo:
        path = demo.line("socket=(.*)")[1]
        with client(path) as first, client(path) as second, client(path) as third:
            for each in (third, first, second, third):
                each.sendall("你好\n".encode())
                assert answers(each)
            first.sendall(b"half a li")
            second.sendall(b"one\ntwo\n")
            assert answers(second, 2)
            assert not unread(first)
            first.sendall(b"ne\n")
            assert answers(first)
            third.sendall(b"left unread\n" * 10)
        with client(path) as last:
            last.sendall(b"still there?\n")
            assert answers(last)
        assert list(demo.processes()) == [demo.pid]
        assert at(demo.pid).threads == 1
        eventually(lambda: at(demo.pid).state == "S")
        demo.stop()


def test_multiplexed_io_serves_the_local_client() -> None:
    with ready("multiplexed_io") as server:
        with running("local_client", server.line("socket=(.*)")[1]) as demo:
            assert demo.process.communicate("你好\n")[0] == "收到消息\n"
            demo.ends_clean()
        server.stop()


# The files

LIBRARY = {*sys.stdlib_module_names, "lab.language"}
# A task may take its time; no step may be put in order by it.
TASKS = {
    "one_by_one": 1,
    "two_at_once": 1,
    "orphan": 1,
    "wait": 2,
    "waitpid": 2,
    "parent_first": 1,
    "nonblocking_io": 2,
}


def tree_of(name: str) -> ast.Module:
    """Return a demo's syntax tree."""
    return ast.parse((ROOT / f"lab/demos/{name}.py").read_text())


def test_every_file_is_in_the_list_once() -> None:
    files = {path.stem for path in Path(demos.__file__).parent.glob("*.py")} - {"__init__"}
    assert sorted(DEMOS) == sorted(files)


@pytest.mark.parametrize("name", DEMOS)
def test_a_demo_is_short(name: str) -> None:
    lines = (ROOT / f"lab/demos/{name}.py").read_text().splitlines()
    assert 15 <= len(lines) - (tree_of(name).body[0].end_lineno or 0) - 1 <= 50


@pytest.mark.parametrize("name", DEMOS)
def test_a_demo_imports_the_standard_library_alone(name: str) -> None:
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Import):
            assert {alias.name for alias in node.names} <= LIBRARY
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").partition(".")[0] in LIBRARY or node.module in LIBRARY


@pytest.mark.parametrize("name", DEMOS)
def test_no_step_of_a_demo_is_ordered_by_sleep(name: str) -> None:
    calls = [node.func for node in ast.walk(tree_of(name)) if isinstance(node, ast.Call)]
    assert sum("sleep" in ast.unparse(call) for call in calls) == TASKS.get(name, 0)


@pytest.mark.parametrize("name", DEMOS)
def test_a_docstring_has_two_halves_for_a_screen(name: str) -> None:
    paragraphs = (ast.get_docstring(tree_of(name)) or "").split("\n\n")
    chinese = [bool(re.search(r"[\u4e00-\u9fff]", paragraph)) for paragraph in paragraphs]
    assert chinese == [False, False, True, True]
    for english_part, chinese_part in zip(paragraphs[:2], paragraphs[2:], strict=True):
        assert codes(english_part) == codes(chinese_part)
    for line in "\n".join(paragraphs).splitlines():
        assert columns(line) < 80, line


def codes(text: str) -> set[str]:
    """Return the commands of a text, without the words in them that stand for something or are translated."""
    placeholder = re.compile(r"\[?[A-Z]{4,}\]?|.*[\u4e00-\u9fff].*|hello")
    commands = re.findall("`([^`]+)`", text)
    return {" ".join(word for word in command.split() if not placeholder.fullmatch(word)) for command in commands}


def columns(text: str) -> int:
    """Return the width of a text on a terminal."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
