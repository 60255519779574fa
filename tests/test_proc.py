"""lab.proc against ps itself, on live processes of every kind; names that are hard to read; processes that vanish."""

import contextlib
import ctypes
import dataclasses
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab import proc
from tests.eventually import eventually

ROOT = os.geteuid() == 0
COLUMNS = "pid,ppid,pgid,sid,tty,stat,ni,priority,nlwp,uid,comm"

# Each is a program that prints a line when it has become what it is named for, and then waits to be killed.
KINDS = {
    "sleeping": "print(flush=True); pause()",
    "running": "print(flush=True)\nwhile True: pass",
    "stopped": "print(flush=True); os.kill(os.getpid(), signal.SIGSTOP)",
    "polite": "os.nice(7); print(flush=True); pause()",
    "threaded": "[threading.Thread(target=pause).start() for _ in range(3)]; print(flush=True); pause()",
    "leader": "os.setsid(); print(flush=True); pause()",
    "locked": (
        "page = mmap.mmap(-1, 4096); here = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
        "assert ctypes.CDLL(None).mlock(ctypes.c_void_p(here), 4096) == 0; print(flush=True); pause()"
    ),
    "zombie": "pid = os.fork() or os._exit(3); os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT); ready()",
    "polite zombie": (
        "pid = os.fork() or [os.nice(3), os.setsid(), os._exit(3)]\n"
        "os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT); ready()"
    ),
    "uninterruptible": (
        "os.mkfifo(sys.argv[1]); print(flush=True)\n"
        "os.posix_spawn('/bin/true', ['true'], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, sys.argv[1], 0, 0)])"
    ),
}
if ROOT:
    KINDS["urgent"] = "os.nice(-7); print(flush=True); pause()"
PRELUDE = """\
import ctypes, mmap, os, signal, sys, threading
def pause(): threading.Event().wait()
def ready(): print(flush=True); pause()
"""


@contextlib.contextmanager
def program(text: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program up to the line that it prints; kill it, and what came of it, in the end."""
    command = [sys.executable, "-S", "-c", PRELUDE + textwrap.dedent(text), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            assert process.stdout.readline() == b"\n"
            yield process
        finally:
            for descendant in [*proc.descendants(process.pid, proc.snapshot())]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(descendant.pid, signal.SIGKILL)
            process.kill()


@contextlib.contextmanager
def terminal_foreground() -> Iterator[int]:
    """Run a session leader in the foreground of a terminal of its own (`Ss+`), and yield its pid."""
    pid, master = os.forkpty()
    if pid == 0:
        os.execv("/bin/sleep", ["sleep", "1000"])
    try:
        eventually(lambda: proc.read_cmdline(pid) == ("sleep", "1000"))
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(master)


@pytest.fixture
def zoo(tmp_path: Path) -> Iterator[dict[str, int]]:
    """Some hundred processes in all states; the pid of one of each kind by its name."""
    with contextlib.ExitStack() as stack:
        for _ in range(150):
            stack.callback(stack.enter_context(subprocess.Popen(["sleep", "1000"])).kill)
        zoo = {name: stack.enter_context(program(text, str(tmp_path / "fifo"))).pid for name, text in KINDS.items()}
        zoo["foreground"] = stack.enter_context(terminal_foreground())
        for name in ("zombie", "polite zombie"):
            (child,) = proc.children(zoo[name], proc.snapshot())
            zoo[name] = child.pid
        eventually(lambda: state(zoo["uninterruptible"]) == "D" and state(zoo["stopped"]) == "T")
        yield zoo


def state(pid: int) -> str:
    stat = proc.read_stat(pid)
    return stat.state if stat else ""


def ps(columns: str) -> dict[int, list[str]]:
    """Run ps, and return its rows by pid; the last column may hold spaces."""
    names = columns.split(",")
    command = ["ps", "-ww", "-e", *(part for name in names for part in ("-o", f"{name}="))]
    lines = subprocess.check_output(command, text=True).replace(" <defunct>\n", "\n").splitlines()
    return {int(line.split()[0]): line.split(maxsplit=len(names) - 1) for line in lines}


def row(process: proc.Process) -> list[str]:
    """Write a process as `ps -o COLUMNS` does."""
    niceness = "-" if process.priority < 0 else process.niceness  # a real-time class knows no niceness
    fields = [process.pid, process.ppid, process.pgid, process.sid, process.terminal, process.stat]
    fields += [niceness, process.priority, process.threads, process.uid]
    return [*map(str, fields), process.comm]


def args(process: proc.Process) -> list[str]:
    """Write a process as `ps -o pid,args` does."""
    line = " ".join(process.cmdline).replace("\n", " ") or f"[{process.comm}]"
    return [str(process.pid), line]


def is_elsewhere(pid: int) -> bool:
    """Tell whether a process sees other files than we, as in a container: ps finds no name for its terminal here."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/ns/mnt").readlink() != Path("/proc/self/ns/mnt").readlink()
    return False


def differences(columns: str, write: Callable[[proc.Process], list[str]]) -> dict[int, tuple[list[str], list[str]]]:
    """Return, for each process that is the same before and after ps looks, where ps and we differ."""
    before = proc.snapshot()
    theirs = ps(columns)
    after = proc.snapshot()
    others = [pid for pid in theirs.keys() & before.keys() - {os.getpid()} if not is_elsewhere(pid)]
    steady = [pid for pid in others if before[pid] == after.get(pid)]
    assert len(steady) > 150
    return {pid: (theirs[pid], write(after[pid])) for pid in steady if theirs[pid] != write(after[pid])}


@pytest.mark.usefixtures("zoo")
def test_every_field_and_stat_letter_as_ps_prints_them() -> None:
    # A process can change and change back while ps looks: a real difference is one that stays.
    looks = [differences(COLUMNS, row) for _ in range(5)]
    assert not {pid: looks[0][pid] for pid in set.intersection(*map(set, looks))}


def test_the_arguments_as_ps_prints_them(zoo: dict[str, int]) -> None:
    look = differences("pid,args", args)
    assert not {pid: look[pid] for pid in look if pid in zoo.values()}


def test_the_zoo_holds_every_state_and_modifier(zoo: dict[str, int]) -> None:
    expected = {
        "sleeping": "S",
        "running": "R",
        "stopped": "T",
        "polite": "SN",
        "threaded": "Sl",
        "locked": "SL",
        "zombie": "Z",
        "polite zombie": "ZNs",
        "uninterruptible": "D",
        "foreground": "Ss+",
    }
    expected |= {"urgent": "S<"} if ROOT else {}

    def stats() -> dict[str, str]:
        return {name: process.stat for name in expected if (process := proc.read(zoo[name]))}

    eventually(lambda: stats() == expected)  # who has said that it will wait may not have got so far


def test_a_session_leader_and_what_ps_calls_its_terminal(zoo: dict[str, int]) -> None:
    foreground, sleeping = proc.read(zoo["foreground"]), proc.read(zoo["sleeping"])
    assert foreground
    assert sleeping
    assert (foreground.session_leader, foreground.foreground) == (True, True)
    assert (sleeping.session_leader, sleeping.foreground) == (False, False)
    assert foreground.terminal.startswith("pts/")


def test_a_zombie_keeps_its_exit_status_and_has_no_arguments(zoo: dict[str, int]) -> None:
    zombie = proc.read(zoo["zombie"])
    assert zombie
    assert os.waitstatus_to_exitcode(zombie.exit_code) == 3
    assert zombie.cmdline == ()


def test_start_time_is_that_of_ps(zoo: dict[str, int]) -> None:
    process = proc.read(zoo["sleeping"])
    assert process
    elapsed = int(subprocess.check_output(["ps", "-o", "etimes=", "-p", str(process.pid)]))
    clock = float(subprocess.check_output(["date", "+%s.%N"]))
    assert process.started == pytest.approx(clock - elapsed, abs=2)


def test_children_and_descendants_come_as_a_tree() -> None:
    with program("os.fork() or os.fork(); print(flush=True) if os.getppid() == int(sys.argv[1]) else 0; pause()",
                 str(os.getpid())) as parent:  # fmt: skip
        eventually(lambda: len(list(proc.descendants(parent.pid, proc.snapshot()))) == 2)
        processes = proc.snapshot()
        (child,) = proc.children(parent.pid, processes)
        assert [p.ppid for p in proc.descendants(parent.pid, processes)] == [parent.pid, child.pid]


def test_a_chain_of_thousands_has_descendants_too() -> None:
    one = proc.read(os.getpid())
    assert one
    chain = {pid: dataclasses.replace(one, pid=pid, ppid=pid - 1) for pid in range(2, 1500)}
    assert [p.pid for p in proc.descendants(1, chain)] == [*chain]


@pytest.mark.parametrize(
    ("name", "read_as"),
    [
        (b"a b", "a b"),
        (b") R 1 1 1", ") R 1 1 1"),
        (b"((()", "((()"),
        (b"two\nlines", "two\nlines"),
        (b"back\\slash\\n", "back\\slash\\n"),
        ("群聊服务".encode(), "群聊服务"),
        (b"odd\xff\xfe", r"odd\xff\xfe"),
        ("a张三李四王".encode(), r"a张三李四\xe7\x8e"),  # 15 bytes cut a character in two
        (b"", ""),
    ],
)
def test_a_name_that_is_hard_to_read(name: bytes, read_as: str) -> None:
    """A name may hold anything, and the fields after it are still found."""
    with renamed(name):
        process = proc.read(threading.get_native_id())
    assert process
    assert process.comm == read_as
    assert (process.pid, process.ppid) == (os.getpid(), os.getppid())
    process.comm.encode()


@contextlib.contextmanager
def renamed(name: bytes) -> Iterator[None]:
    """Rename this very process: prctl(PR_SET_NAME), which keeps 15 bytes."""
    own = Path("/proc/self/comm").read_bytes().rstrip(b"\n")
    prctl = ctypes.CDLL(None).prctl
    prctl(15, name, 0, 0, 0)
    try:
        yield
    finally:
        prctl(15, own, 0, 0, 0)


def test_a_title_written_over_the_arguments_leaves_no_empty_ones(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7/cmdline").write_bytes("chat-server: 张三\0\0\0\0".encode())
    monkeypatch.setattr(proc, "PROC", tmp_path)
    assert proc.read_cmdline(7) == ("chat-server: 张三",)


def test_a_process_that_is_not_there_is_no_error() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    assert proc.read(process.pid) is None
    assert proc.read_stat(process.pid) is None


def test_processes_that_vanish_while_they_are_read() -> None:
    """A storm of short lives: every look at it works, and shows what is there."""
    storm = """
        kids = [os.fork() or os._exit(0) for _ in range(200)]  # the last is there while hundreds of others are read
        print(flush=True)
        while True:
            os.waitpid(kids.pop(0), 0)
            kids.append(os.fork() or os._exit(0))
    """
    with program(storm) as parent:
        seen: set[int] = set()
        looks = 0
        while looks < 20 or not seen:
            processes = proc.snapshot()
            assert parent.pid in processes
            seen |= {child.pid for child in proc.children(parent.pid, processes)}
            looks += 1


BORN_ANEW = """\
import json, os, signal, sys
from lab import proc
with open("/proc/sys/kernel/ns_last_pid", "w") as last:
    last.write(str(int(open("/proc/sys/kernel/pid_max").read()) - 4))
born = [os.fork() or signal.pause() for _ in range(6)]
print(json.dumps([born, [child.pid for child in proc.children(os.getpid(), proc.snapshot())]]))
for pid in born:
    os.kill(pid, signal.SIGKILL)
"""


def test_the_oldest_child_is_the_first_where_the_pids_begin_anew() -> None:
    """pid_max is 32768 on many a machine: a class gets there in a lesson."""
    apart = ["unshare", "-pf" if ROOT else "-Urpf", "--mount-proc", sys.executable, "-c", BORN_ANEW]
    for _ in range(10):  # the six may be of two ticks
        born, found = json.loads(subprocess.check_output(apart, text=True))
        assert min(born) < 1000 < max(born), "the pids have begun anew among them"
        assert found == born
