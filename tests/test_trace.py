"""`lab trace` on real programs: what it must see, what it must not change, and what it must not let get out of hand."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checks.judging.seat import Lateness
from lab import proc
from lab.trace import Exit, History, Trace, job, record, recording, relay, sampler, watcher
from lab.trace.timeline import columns
from lab.trace.track import Track
from tests.chat_room import STRANGER
from tests.eventually import PATIENCE, eventually
from tests.window import Window

PRELUDE = "import os, signal, sys, threading, time\n"
ROOT = Path(__file__).parents[1]
LAB_TRACE = [sys.executable, "-m", "lab.trace"]


def python(program: str, *arguments: str) -> list[str]:
    """Return the command for a small Python program."""
    return [sys.executable, "-S", "-c", PRELUDE + program, *arguments]


def lab_trace(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    environment = os.environ | {"LANGUAGE": "en"}
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [*LAB_TRACE, *arguments],
        **{"capture_output": True, "text": True, "cwd": ROOT, "env": environment, "timeout": PATIENCE} | options,
    )


def recorded(command: list[str]) -> tuple[Trace, float]:
    """Return a record, and the seconds to which a time can be told in it: by its samples, and by when we are served."""
    lateness = Lateness()
    lateness.begin()
    try:
        trace = record(command)
    finally:
        lateness.end()
    return trace, 0.05 + trace.longest_gap + 2 * lateness.longest


def only_child(trace: Trace) -> History:
    (child,) = trace.children(trace.root)
    return child


def letters(history: History) -> str:
    """Return the states in order; R and S alternate as the scheduler likes, so both are `s`."""
    return re.sub("s+", "s", "".join(span.value for span in history.states).replace("R", "s").replace("S", "s"))


# What it must see.


def test_a_zombie_its_time_and_its_exit_code() -> None:
    trace, known = recorded(python("os.fork() or os._exit(7)\ntime.sleep(0.3); os.wait(); time.sleep(0.1)"))
    child = only_child(trace)
    assert child.longest("Z") == pytest.approx(0.3, abs=known)
    assert child.exit == Exit(code=7, signal=None)
    assert child.gone is not None
    assert trace.root.gone is not None
    assert child.gone < trace.root.gone
    assert trace.root.longest("Z") == 0


def test_an_orphan_is_followed_to_its_end_and_its_adoption_recorded() -> None:
    trace, known = recorded(python("if os.fork(): time.sleep(0.1); os._exit(3)\ntime.sleep(0.4)"))
    (adoption,) = only_child(trace).adoptions
    assert trace.exit == Exit(code=3, signal=None)
    assert trace.ended is not None
    assert adoption.start == pytest.approx(trace.ended, abs=known)
    assert adoption.value in trace.outsiders
    assert adoption.value != trace.leader


def test_a_stop_and_a_continue() -> None:
    trace, known = recorded(
        python(
            "pid = os.fork() or time.sleep(9)\n"
            "for number in (signal.SIGSTOP, signal.SIGCONT, signal.SIGKILL): time.sleep(0.15); os.kill(pid, number)\n"
            "os.wait()"
        )
    )
    child = only_child(trace)
    assert letters(child) in ("sTs", "sTsZ")
    assert child.longest("T") == pytest.approx(0.15, abs=known)


def test_a_renice_has_both_values_in_time_order() -> None:
    trace = record(python("os.nice(3); time.sleep(0.3); os.nice(4); time.sleep(0.3)"))
    assert [span.value for span in trace.root.niceness][-2:] == [3, 7]


def test_an_uninterruptible_sleep(tmp_path: Path) -> None:
    program = (
        "os.mkfifo(sys.argv[1])\n"
        "if os.fork() == 0: time.sleep(0.3); open(sys.argv[1], 'w'); os._exit(0)\n"
        "action = (os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)\n"
        "os.posix_spawn('/bin/true', ['true'], {}, file_actions=[action]); os.wait(); os.wait()"
    )
    trace, known = recorded(python(program, str(tmp_path / "fifo")))
    assert trace.root.longest("D") == pytest.approx(0.3, abs=0.05 + known)
    assert trace.exit == Exit(0, None)


def test_threads_are_born_and_die() -> None:
    trace = record(
        python(
            "time.sleep(0.3); threads = [threading.Thread(target=time.sleep, args=(0.5,)) for _ in range(3)]\n"
            "for thread in threads: thread.start()\n"
            "for thread in threads: thread.join()\n"
            "time.sleep(0.3)"
        )
    )
    counts = [span.value for span in trace.root.threads]
    assert (counts[0], max(counts), counts[-1]) == (1, 4, 1)


def test_a_leader_thread_that_has_exited_is_a_zombie_while_the_others_run() -> None:
    trace = record(python(
        "import ctypes\nthreading.Thread(target=lambda: (time.sleep(0.5), os._exit(0))).start()\n"
        "ctypes.CDLL(None).syscall(60 if os.uname().machine == 'x86_64' else 93, 0)"
    ))  # fmt: skip
    assert trace.root.longest("Z") > 0.1


def test_an_exec_changes_the_command_and_keeps_the_process() -> None:
    trace = record(["sh", "-c", "sleep 0.3; exec sleep 0.3"])
    assert trace.root.commands[0].value.cmdline[0] == "sh"
    assert trace.root.command.cmdline == ("sleep", "0.3")


DAEMON = """
time.sleep(0.2)
null = os.open(os.devnull, os.O_RDWR)
for number in (0, 1, 2): os.dup2(null, number)
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
time.sleep(0.3)
"""


def test_a_daemon_is_followed_though_nothing_but_fork_ties_it_to_the_command() -> None:
    """Its parents die as it is born, it is in a session of its own, and has none of the command's streams."""
    for _ in range(5):  # in most of these runs, no sample sees its parent
        trace = record(python(DAEMON))
        assert trace.processes[-1].sessions[-1].value != trace.leader
        assert trace.seconds > 0.3


@pytest.mark.parametrize("terminal", [False, True])
def test_a_daemon_that_has_executed_something_else_is_known_by_its_streams(terminal: bool) -> None:
    trace = record(["sh", "-c", "exec setsid -f sleep 0.3"], terminal=terminal)
    assert ("sleep", "0.3") in [history.command.cmdline for history in trace.processes]
    assert trace.seconds > 0.3


def test_the_command_starts_when_it_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that delays us then, on a busy machine, lets its first child come and go unseen."""
    monkeypatch.setattr(recording, "first_look", lambda _: time.sleep(0.3))
    trace = record(python("if os.fork() == 0: time.sleep(0.05); os._exit(3)\nos.wait(); time.sleep(0.3)"))
    (child,) = trace.children(trace.root)
    assert child.exit is None or child.exit.code == 3
    assert {span.value.cmdline[:1] for span in trace.root.commands} <= {(sys.executable,), ()}  # none at its end
    assert trace.root.first_seen < 0.1


def test_the_clock_starts_with_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On a busy machine the leader's Python takes its time; the timeline, and what --for allows, begin after that."""
    slow = tmp_path / "leader.py"
    slow.write_text(f"import runpy, time\ntime.sleep(0.5)\nrunpy.run_path({str(job.LEADER)!r}, run_name='__main__')\n")
    monkeypatch.setattr(job, "LEADER", slow)
    trace = record(["sh", "-c", "sleep 0.3; echo done"], seconds=5)
    assert trace.root.first_seen < 0.4
    assert trace.stdout.text == "done\n"


def test_the_time_on_the_cpu_is_told_from_the_wait_for_it() -> None:
    """Both are R. Who is one of three endless loops on one CPU has it for a third of the time."""
    one_cpu = {min(os.sched_getaffinity(0))}
    beside = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(2)]
    try:
        for loop in beside:
            os.sched_setaffinity(loop.pid, one_cpu)
        program = f"os.sched_setaffinity(0, {one_cpu})\nwhile time.process_time() < 0.5: pass\ntime.sleep(0.2)"
        trace = record(python(program))
    finally:
        for loop in beside:
            loop.kill()
            loop.wait()
    ready = sum(span.seconds for span in trace.root.states if span.value == "R")
    assert 0.48 <= trace.root.cpu < 0.7  # whole ticks of 10 ms, of two kinds
    assert ready > trace.root.cpu + 0.15


def test_a_mark_in_the_environment_finds_whoever_has_let_go_of_everything_else() -> None:
    detached = "(setsid sleep 0.3 < /dev/null > /dev/null 2>&1 &)\n" * 12
    limits = watcher.Limits(0.01, None, 10)
    recorder = recording.Recording(relay.captured(None, terminal=False), limits, mark="RUN=of-this-test")
    trace = recorder.run(["sh", "-c", detached], None, os.environ | {"RUN": "of-this-test"})
    assert [h.command.comm for h in trace.processes].count("sleep") == 12


def test_who_has_no_environment_yet_is_looked_at_once_more() -> None:
    """In the middle of its exec nobody has one; this shell has none all along."""
    watching = sampler.Sampler()
    watching.expect(leader=1, streams={}, mark=b"RUN=of-this-test")
    program = "read line; export RUN=of-this-test; exec sleep 97"
    with subprocess.Popen(["sh", "-c", program], env={}, stdin=subprocess.PIPE) as process:
        try:
            watching.sample(0.0)
            assert watching.tracks == []
            assert process.stdin
            process.stdin.write(b"\n")
            process.stdin.flush()

            def tracks() -> list[Track]:
                watching.sample(0.1)
                return watching.tracks

            (track,) = eventually(tracks, within=10)
        finally:
            process.kill()
    assert track.stat.pid == process.pid
    watching.close()


def test_other_peoples_processes_are_not_recorded() -> None:
    stop = threading.Event()

    def others() -> None:
        while not stop.is_set():
            subprocess.run(["sh", "-c", "sleep 0.02 & setsid -f true"], check=True)

    thread = threading.Thread(target=others)
    thread.start()
    try:
        trace = record(["sleep", "0.5"])
    finally:
        stop.set()
        thread.join()
    assert [history.pid for history in trace.processes] == [trace.pid]


def test_the_foreground_of_a_terminal_of_its_own() -> None:
    trace = record(python("print(input('name? '), os.isatty(0), os.ttyname(1) != ''); time.sleep(0.1)"),
                   terminal=True, input="张三\n")  # fmt: skip
    assert trace.root.foreground[-1].value
    assert trace.terminal
    assert trace.stdout.text.endswith("张三 True True\r\n")


def test_input_reaches_the_command_and_output_the_record() -> None:
    program = "print(sys.stdin.read()); print('no', file=sys.stderr)"
    trace = record(python(program), input="x" * 300_000)
    assert trace.stdout.left_out == 300_001 - 2 * relay.KEPT
    assert trace.stderr.text == "no\n"


def test_a_command_shorter_than_a_sample_still_has_its_row() -> None:
    for _ in range(20):
        trace = record(["true"])
        assert trace.root.pid == trace.pid
        assert trace.root.command.cmdline[0] == "true"
        assert trace.exit == Exit(0, None)


def test_the_record_says_its_interval_and_its_longest_gap() -> None:
    trace = record(["sleep", "0.5"], interval=0.05)
    assert trace.interval == 0.05
    assert 2 < trace.samples <= trace.seconds / trace.interval + 3
    assert trace.longest_gap >= trace.seconds / (trace.samples - 1) > 0.04


def test_the_document_is_the_record() -> None:
    trace = record(["sh", "-c", "sleep 0.1 & printf '\\377 张三'; wait"])
    assert Trace.from_json(trace.to_json()) == trace
    with pytest.raises(ValueError, match="version 1"):
        Trace.from_json(trace.to_json().replace('"version": 1', '"version": 2'))


# What it must not change.

# Prints all that a program can tell of the surroundings in which it was started.
SURROUNDINGS = r"""
status = open("/proc/self/status").read()
shown = [line for line in status.splitlines() if line.split(":")[0] in
         ("Umask", "Uid", "Gid", "Groups", "SigBlk", "SigIgn", "CapEff", "NoNewPrivs", "Seccomp", "TracerPid")]
descriptors = [(n, os.isatty(n)) for n in range(50) if os.path.lexists(f"/proc/self/fd/{n}")]
print(shown, descriptors, os.getcwd(), os.nice(0), open("/proc/self/limits").read())
print(sorted(open("/proc/self/environ").read().split("\0")), os.sched_getscheduler(0), os.sched_getaffinity(0))
print("own group", os.getpgrp() == os.getpid(), "own session", os.getsid(0) == os.getpid())
"""

# A tree of processes by seed: who waits, who abandons, who ends how. Each process writes what it knows at its end; the
# lines are the same in every run but for their order. The abandoned ones live until they are adopted.
SEEDED_TREE = """
import random
def live(name, dice, parent=None):
    children, waits = {}, parent is None or dice.random() < 0.6
    for number in range(dice.randrange(1, 4) if len(name) < 6 else 0):
        below, me = random.Random(dice.random()), os.getpid()
        if (pid := os.fork()) == 0: live(f"{name}.{number}", below, 0 if waits else me)
        children[pid] = f"{name}.{number}"
    heard = []
    while waits and children:
        pid, status = os.wait()
        heard.append((children.pop(pid), os.waitstatus_to_exitcode(status)))
    while parent and os.getppid() == parent: time.sleep(0.001)
    line = f"{name} waited for {sorted(heard)}" + (f", adopted by {os.getppid()}" if parent else "")
    os.write(1, (line + "\\n").encode())
    number = dice.choice([0, 0, signal.SIGTERM, signal.SIGKILL, signal.SIGPIPE])
    if number and parent is not None: os.kill(os.getpid(), number)
    os._exit(dice.randrange(0, 9))
live("0", random.Random(sys.argv[1]))
"""


def plainly(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    """Run a command as a shell with job control does: in a process group of its own."""
    return subprocess.run(command, capture_output=True, text=True, process_group=0, **options)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize("seed", range(8))
def test_a_tree_of_processes_is_the_same_with_and_without_the_trace(seed: int) -> None:
    command = python(SEEDED_TREE, str(seed))
    plain, traced = plainly(command), record(command)
    assert sorted(traced.stdout.text.splitlines()) == sorted(plain.stdout.splitlines())
    assert traced.exit == Exit(plain.returncode, None)
    assert not traced.cut


@pytest.mark.parametrize("environment", [{"PATH": "/usr/bin:/bin"}, {"LANG": "C", "PYTHONPATH": "."}])
def test_a_program_sees_no_difference_in_its_surroundings(environment: dict[str, str], tmp_path: Path) -> None:
    """Signals, limits, descriptors, environment and so on; the command line sets up nothing but what the shell did."""
    command = ["env", "-i", *(f"{name}={value}" for name, value in environment.items())]
    seen = tmp_path / "seen"
    with seen.open("w") as file:
        inherited = {"cwd": "/", "stdin": subprocess.DEVNULL, "pass_fds": [file.fileno()]}
        plain = plainly([*command, *python(SURROUNDINGS)], **inherited)
        # The trace itself needs to be found: all else of the environment is the command's.
        start = (
            "import sys; sys.path.insert(0, sys.argv[1]); from lab.trace.cli import main; sys.exit(main(sys.argv[2:]))"
        )
        through = [sys.executable, "-c", start, str(ROOT), "--json"]
        traced = plainly([*command, *through, *python(SURROUNDINGS)], **inherited)
    assert plain.stdout
    assert Trace.from_json(traced.stdout).stdout.text == plain.stdout


@pytest.mark.parametrize("end", ["os._exit(0)", "os._exit(255)", "os.kill(os.getpid(), 9)", "os.kill(os.getpid(), 13)"])
def test_the_exit_status_is_the_commands_own(end: str) -> None:
    status = plainly(python(end)).returncode
    assert lab_trace("--", *python(end)).returncode == (status if status >= 0 else 128 - status)


def test_a_writer_whose_reader_has_gone_gets_its_sigpipe() -> None:
    script = f"{' '.join(LAB_TRACE)} --svg /dev/null yes | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE)
    assert done.stdout == "y\n141\n"


def test_standard_input_is_the_commands_alone() -> None:
    done = lab_trace("--json", *python("print(sys.stdin.readline())"), input="first\nsecond\n")
    assert Trace.from_json(done.stdout).stdout.text == "first\n\n"


def test_output_is_shown_as_it_comes_and_the_timeline_after_it() -> None:
    done = lab_trace(*python("print('out', flush=True); print('err', file=sys.stderr); sys.exit(3)"))
    assert done.returncode == 3
    assert done.stderr == "err\n"
    assert done.stdout.startswith("out\n")
    assert done.stdout.endswith("exit status 3\n")


class Person(Window):
    """Somebody at a terminal of 100 by 30, in an interactive shell."""

    expect = Window.sees

    def __init__(self, tmp_path: Path) -> None:
        self.program = tmp_path / "program.py"
        environment = os.environ | {"PS1": "$ ", "LANGUAGE": "en"}
        super().__init__(["bash", "--norc", "--noprofile", "-i"], environment, size=(30, 100), cwd=ROOT)
        self.expect("$ ")
        self.type("bind 'set enable-bracketed-paste off'\n")
        self.expect("$ ")


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    person = Person(tmp_path)
    try:
        yield person
    finally:
        person.kill()


# What a program can see of its terminal, and do with it: read a line and a key, get a Ctrl-C, hear of a new size.
CONVERSATION = (
    PRELUDE
    + """
import termios, tty
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGWINCH})
print([os.isatty(n) for n in (0, 1, 2)], os.get_terminal_size(), os.tcgetpgrp(0) == os.getpgrp() == os.getpid())
print(termios.tcgetattr(0), os.getsid(0) == os.getppid(), os.path.exists("/dev/tty"))
print("line", ascii(input("line? ")))
settings = termios.tcgetattr(0)
tty.setcbreak(0)
print("key? ", end="", flush=True)
print("key", os.read(0, 1))
termios.tcsetattr(0, termios.TCSANOW, settings)
print("wait for it", flush=True); print(signal.sigwait({signal.SIGINT}))
print("resize", flush=True); print(signal.sigwait({signal.SIGWINCH}), os.get_terminal_size())
parent = os.getpid()
if os.fork() == 0:
    end = time.monotonic() + 60
    while (os.getppid() == parent or not os.path.exists(sys.argv[1])) and time.monotonic() < end: time.sleep(0.01)
    print("orphan", os.getppid(), flush=True); os._exit(0)
print("end of conversation", flush=True); os._exit(4)
"""
)


def converse(person: Person, command: str, note: str) -> str:
    """Hold the conversation, and return all of it, from the program's first word on; the orphan waits for a note."""
    person.program.write_text(CONVERSATION)
    go = person.program.with_name("go")
    go.unlink(missing_ok=True)
    person.resize(30, 100)
    person.type(f"{command} {sys.executable} {person.program} {go}\n")
    person.expect("\n")
    said = person.expect("line? ")
    for keys, answer in (("张三 \x7f!\n", "key? "), ("k", "wait for it\r\n"), ("\x03", "resize\r\n")):
        person.type(keys)
        said += person.expect(answer)
    person.resize(40, 90)
    said += person.expect("end of conversation\r\n")
    said += person.expect(note)
    go.touch()
    said += person.expect("orphan 1\r\n")
    return said.replace("$ ", "")  # the shell's prompt may come between


def test_a_program_has_the_same_terminal_with_and_without_the_trace(person: Person) -> None:
    plain = converse(person, "", "$ ")  # the next prompt
    person.type("\n")
    person.expect("$ ")
    traced = converse(person, f"{sys.executable} -m lab.trace", "are followed (Ctrl-C ends them)\r\n")
    note = re.compile(r"lab trace: the command has ended;.*\r\n")
    assert note.search(traced)
    assert note.sub("", traced) == plain
    person.expect("exit status 4\r\n")


def test_the_persons_terminal_is_as_it_was_whatever_happens(person: Person) -> None:
    before = termios.tcgetattr(person.window)
    for program in ("pass", "tty.setraw(0)", "os.kill(os.getpid(), 9)", "os.kill(os.getppid(), 9)"):
        person.program.write_text(f"import os, tty\n{program}\n")
        person.type(f"{sys.executable} -m lab.trace {sys.executable} {person.program}; echo status=$?\n")
        person.expect("\nstatus=")
        person.expect("$ ")
        person.type("true\n")  # the shell takes its own settings while it waits for a line
        person.expect("$ ")
        assert termios.tcgetattr(person.window)[:3] == before[:3]


def test_ctrl_z_stops_the_program_and_the_trace_and_fg_goes_on(person: Person) -> None:
    person.program.write_text("print('name?', flush=True); print('hello', input())")
    person.type(f"{sys.executable} -m lab.trace {sys.executable} {person.program}\n")
    person.expect("name?\r\n")
    person.type("\x1a")
    person.expect("Stopped")
    person.type("fg\n")
    person.expect("program.py\r\n")
    person.type("you\n")
    person.expect("hello you\r\n")
    person.expect("exit status 0\r\n")


RECORDER = """
import os, sys
from lab.trace import record
script = f"echo recording > {os.ttyname(0)}; read line; echo got $line; sleep 0.2"
trace = record(["sh", "-c", script], input="theirs\\n", terminal=sys.argv[1] == "True")
print(input(), "got theirs" in trace.stdout.text)
"""


@pytest.mark.parametrize("terminal", [False, True])
def test_a_record_leaves_the_keyboard_to_whoever_makes_it(person: Person, terminal: bool) -> None:
    person.program.write_text(RECORDER)
    person.type(f"PYTHONPATH={ROOT} {sys.executable} {person.program} {terminal}\n")
    person.expect("recording")
    person.type("mine\n")
    person.expect("mine True")


# What it must not let get out of hand.


def gone(trace: Trace) -> bool:
    """Tell whether nobody of the record is left but zombies that wait for their reaper."""
    return not [
        h.pid for h in trace.processes if (p := proc.read_stat(h.pid)) and p.start == h.start and p.state != "Z"
    ]


HANGS = {
    "sleeps": "time.sleep(99)",
    "ignores SIGTERM": "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(99)",
    "stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
    "a child in a session of its own": "if os.fork(): time.sleep(99)\nos.setsid(); time.sleep(99)",
    "a daemon": DAEMON.replace("0.3", "99"),
    "busy children": "[os.fork() for _ in range(3)]\nwhile True: pass",
}


@pytest.mark.parametrize("program", HANGS.values(), ids=HANGS.keys())
def test_with_a_time_limit_everything_is_ended(program: str) -> None:
    trace = record(python(program), seconds=0.4)
    assert trace.cut == "time"
    assert not trace.left_running
    assert gone(trace)
    assert trace.seconds < 0.4 + watcher.GRACE + watcher.DEATH


def test_a_program_that_ends_in_time_is_not_cut() -> None:
    trace = record(["sleep", "0.1"], seconds=30)
    assert trace.cut is None
    assert trace.seconds < 20


def test_sigterm_comes_first_so_that_a_program_can_tidy_up() -> None:
    program = (
        "signal.signal(signal.SIGTERM, lambda *_: (print('tidy'), sys.exit(5)))\nprint(flush=True); time.sleep(99)"
    )
    trace = record(python(program), seconds=2)  # enough for it to get ready
    assert (trace.stdout.text, trace.exit) == ("\ntidy\n", Exit(5, None))


def test_orphans_that_run_on_for_too_long_are_ended() -> None:
    trace = record(["sh", "-c", "sleep 99 &"], linger=0.3)
    assert trace.cut == "linger"
    assert gone(trace)


def test_a_flood_of_output_is_kept_from_both_ends_and_the_gaps_stay_small() -> None:
    quiet = record(["sleep", "1"])
    trace = record(python("while True: print('%09d' % (n := globals().get('n', 0) + 1))"), seconds=1)
    assert len(trace.stdout.text) == 2 * relay.KEPT
    assert trace.stdout.left_out > 0
    assert trace.stdout.text.startswith("000000001\n000000002\n")
    assert int(trace.stdout.text.split()[-2]) > relay.KEPT / 5
    assert trace.samples > quiet.samples / 3


def test_a_program_that_kills_its_own_group_takes_nobody_else_along() -> None:
    trace = record(python("os.fork(); os.kill(0, signal.SIGKILL)"))
    assert trace.exit == Exit(None, signal.SIGKILL)


def test_a_program_that_kills_its_parent_is_followed_to_its_end() -> None:
    trace = record(python("os.kill(os.getppid(), signal.SIGKILL); time.sleep(0.3)"))
    assert trace.exit is None
    assert trace.root.adoptions
    assert trace.seconds > 0.25


def test_a_program_that_closes_its_descriptors_is_followed_to_its_end() -> None:
    trace = record(python("os.closerange(0, 3); time.sleep(0.3)"))
    assert trace.exit == Exit(0, None)
    assert trace.seconds > 0.25


@contextlib.contextmanager
def sampled(*command: str) -> Iterator[sampler.Sampler]:
    """Run a command, and yield a sampler that follows it."""
    watching = sampler.Sampler()
    with subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE) as process:
        watching.expect(process.pid, {})
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        try:
            yield watching
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            watching.close()


def runs_after_sample(watching: sampler.Sampler) -> int:
    watching.sample(0.3)
    return watching.running()


def test_more_processes_than_rows_are_counted_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampler, "ROW_LIMIT", 3)
    with sampled("sh", "-c", "for n in 1 2 3 4 5; do sleep 97 & done; echo ready; wait") as watching:

        def all_seen() -> bool:
            watching.sample(0.1)
            return watching.unrecorded_count == 2

        eventually(all_seen)  # not before each has become a sleep
        assert len(watching.histories(0.1)) == 3
        watching.kill(0.2)
        eventually(lambda: not runs_after_sample(watching))


def test_a_session_that_has_ended_is_forgotten() -> None:
    """Its number is a PID: a stranger who gets it later, and leads a session, is none of the family."""
    command = "sh -c 'setsid sleep 97 & wait; sleep 97' & echo ready; wait"  # its parent, who is followed, tells whose
    with sampled("sh", "-c", command) as watching:

        def leader() -> int | None:
            watching.sample(0.1)
            return next((pid for pid, track in watching.live.items() if track.stat.sid == pid), None)

        pid = eventually(leader)
        assert pid in watching.sessions
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: leader() is None)
        assert pid in watching.sessions, "a child that nobody has seen yet would be known by it"
        watching.sample(0.2)
        assert pid not in watching.sessions


def test_who_reaps_a_child_in_the_midst_of_a_sample_has_done_it_by_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent, who is older, was read before its child was found to be gone."""
    with sampled("sh", "-c", "sh -c 'sleep 97 & wait; sleep 97' & echo ready; wait") as watching:

        def both() -> list[Track]:
            watching.sample(0.1)
            return watching.tracks if [track.stat.comm for track in watching.live.values()] == ["sh", "sleep"] else []

        parent, child = eventually(both)

        def dies_now(now: float) -> bool:
            os.kill(child.stat.pid, signal.SIGKILL)
            eventually(lambda: not sampler.exists(child.stat.pid))
            return Track.sample(child, now)

        monkeypatch.setattr(child, "sample", dies_now)
        watching.sample(0.2)
        assert (child.gone, parent.history(0.2).reaped[-1].start) == (0.2, 0.2)


def test_a_terminal_of_the_same_name_in_another_file_system_makes_no_relative() -> None:
    """Each container has a /dev/pts/0."""
    master, slave = os.openpty()
    name, (device, inode) = os.ttyname(slave), relay.identity(slave)
    with subprocess.Popen(["sleep", "97"], stdin=slave) as holder:
        stat = proc.read_stat(holder.pid)
        assert stat
        for stream, is_ours in (((device, inode), True), ((device + 1, inode), False), ((device, inode + 1), False)):
            watching = sampler.Sampler()
            watching.expect(leader=1, streams={name: stream})
            assert watching.is_family(stat) == is_ours
        holder.kill()
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("random", [True, False])
def test_where_the_kernel_draws_no_addresses_the_same_one_makes_no_relative(
    random: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampler, "RANDOM_STACKS", random)
    ours = proc.read_stat(os.getpid())
    assert ours
    watching = sampler.Sampler()
    watching.expect(leader=1, streams={})
    watching.learn_stack(ours)
    assert watching.is_family(replace(ours, pid=2**22, ppid=0, sid=0)) == random


def test_more_changes_than_kept_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.trace.track.CHANGE_LIMIT", 2)
    with sampled("sh", "-c", "sleep 97 & echo ready; wait") as watching:

        def tracks() -> list[Track]:
            watching.sample(0.0)
            return watching.tracks

        (track,) = eventually(tracks)  # not before its exec
        for niceness in range(1, 6):
            os.setpriority(os.PRIO_PROCESS, track.stat.pid, niceness)
            watching.sample(niceness / 10)
        (history,) = watching.histories(1.0)
    assert [span.value for span in history.niceness] == [0, 1]
    assert history.left_out == 4


def test_a_fork_bomb_is_recorded_and_ended() -> None:
    """As a user without privileges, with a limit on processes as a seat has one."""
    user = {"user": STRANGER, "group": STRANGER, "extra_groups": []} if os.geteuid() == 0 else {}
    interpreter = shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin") or sys.executable
    others = 0 if user else 200
    bomb = "b() { b | b & }; b; wait"
    script = f"ulimit -u {others + 60}; exec {interpreter} -m lab.trace --for 1 --json sh -c '{bomb}'"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE, **user)  # type: ignore[call-overload]
    trace = Trace.from_json(done.stdout)
    assert len(trace.processes) + trace.unrecorded > 20
    assert not trace.left_running
    assert gone(trace)


def nap(number: int) -> str:
    """Return seconds for which nobody else sleeps."""
    return f"98.{os.getpid()}{number}"


def find(*cmdline: str) -> list[proc.Process]:
    return [process for process in proc.snapshot().values() if process.cmdline == cmdline]


def start_and_wait(*command: str, stderr: int | None = None) -> subprocess.Popen[bytes]:
    """Start the command line, and wait until the program in it has printed a line."""
    environment = os.environ | {"LANGUAGE": "en"}
    process = subprocess.Popen([*LAB_TRACE, *command], stdout=subprocess.PIPE, stderr=stderr, cwd=ROOT, env=environment)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return process


def test_sigint_goes_to_the_program_which_may_live_on() -> None:
    program = "signal.signal(signal.SIGINT, lambda *_: sys.exit(9))\nprint('ready', flush=True); signal.pause()"
    with start_and_wait(*python(program)) as process:
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 9


def test_sigterm_ends_the_trace_and_all_of_the_program() -> None:
    with start_and_wait("sh", "-c", f"setsid sleep {nap(1)} & echo ready; wait") as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    assert not find("sleep", nap(1))


def test_a_killed_trace_leaves_no_program_behind() -> None:
    with start_and_wait("sh", "-c", f"setsid sleep {nap(2)} & echo ready; wait") as process:
        process.kill()
    eventually(lambda: not find("sleep", nap(2)))


def watcher_of(trace: int) -> int:
    """Return the pid of the watcher that a process has started."""
    return int(subprocess.check_output(["pgrep", "-P", str(trace), "-f", "lab[.]trace[.]watcher"]))


def test_a_killed_watcher_is_said_in_a_sentence_and_leaves_no_program_behind() -> None:
    """Nor one that is deaf to the hang-up, nor a child of it in another session, or without a parent."""
    program = f"trap '' HUP TERM; setsid sleep {nap(4)} & (setsid sleep {nap(5)} &); echo ready; exec sleep {nap(6)}"
    with start_and_wait("sh", "-c", program, stderr=subprocess.PIPE) as process:
        eventually(lambda: all(find("sleep", nap(number)) for number in (4, 5, 6)))
        stranger = subprocess.Popen(["sleep", nap(7)])
        os.kill(watcher_of(process.pid), signal.SIGKILL)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert re.fullmatch(rb"lab trace: the process that takes the samples was killed: [^\n]*\n", said)
    assert not any(find("sleep", nap(number)) for number in (4, 5, 6))
    assert find("sleep", nap(7)), "who is not of the family lives on"
    stranger.kill()
    stranger.wait()


def test_a_watcher_that_is_killed_before_it_has_read_all_is_no_other_error() -> None:
    """The kernel then says that the connection was reset."""
    with start_and_wait("sh", "-c", "echo ready; sleep 0.3", stderr=subprocess.PIPE) as process:
        watching = watcher_of(process.pid)
        os.kill(watching, signal.SIGSTOP)
        eventually(lambda: not find("sleep", "0.3"))
        time.sleep(0.2)  # in which it is told of the end
        os.kill(watching, signal.SIGKILL)
        _, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said.count(b"\n")) == (2, 1)


def test_an_interrupted_record_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        eventually(lambda: find("sleep", nap(3)))
        raise KeyboardInterrupt

    monkeypatch.setattr(recording.Recording, "ready", interrupt)
    with pytest.raises(KeyboardInterrupt):
        record(["sleep", nap(3)])
    assert not find("sleep", nap(3))


def test_descriptors_are_all_closed_after_a_record() -> None:
    before = sorted(path.name for path in Path("/proc/self/fd").iterdir())
    record(["true"])
    record(["cat"], terminal=True, input="\x04")
    with pytest.raises(FileNotFoundError):
        record(["/no/such/program"])
    assert sorted(path.name for path in Path("/proc/self/fd").iterdir()) == before


# How it is called.


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "which program? lab trace [OPTION…] CMD…"),
        (["--json"], "which program?"),
        (["--nonsense", "true"], "option --nonsense not recognized; see lab trace --help"),
        (["--for", "soon", "true"], "--for needs a number above 0, not 'soon'"),
        (["--for", "-1", "true"], "--for needs a number above 0, not '-1'"),
        (["--interval", "0", "true"], "--interval needs a number above 0, not '0'"),
        (["--interval", "nan", "true"], "--interval needs a number above 0, not 'nan'"),
        (["--svg", "/no/a.svg", "true"], "cannot write /no/a.svg: No such file or directory"),
        (["--html", "/no/a.html", "true"], "cannot write /no/a.html: No such file or directory"),
        (["--perfetto", "/no/a.json", "true"], "cannot write /no/a.json: No such file or directory"),
    ],
)
def test_bad_usage_is_one_clear_sentence(arguments: list[str], sentence: str) -> None:
    done = lab_trace(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert columns(done.stderr.rstrip()) <= 80


@pytest.mark.parametrize(
    ("command", "status", "sentence"),
    [
        ("no-such-program", 127, "lab trace: no-such-program: command not found\n"),
        ("/no/such/program", 127, "lab trace: /no/such/program: No such file or directory\n"),
        ("/etc/passwd", 126, "lab trace: /etc/passwd: Permission denied\n"),
    ],
)
def test_what_cannot_be_executed_has_the_status_that_a_shell_gives(command: str, status: int, sentence: str) -> None:
    done = lab_trace("--json", command)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", sentence)


def test_options_after_the_command_are_the_commands() -> None:
    done = lab_trace("--json", "echo", "--json", "--help")
    assert Trace.from_json(done.stdout).stdout.text == "--json --help\n"


@pytest.mark.parametrize(("language", "drawn"), [("en", "--html FILE"), ("zh", "--html 文件")])
def test_help_is_no_error_and_fits_80_columns(language: str, drawn: str) -> None:
    done = lab_trace("--help", env=os.environ | {"LANGUAGE": language})
    assert (done.returncode, done.stderr) == (0, "")
    assert drawn in done.stdout
    assert max(map(columns, done.stdout.splitlines())) <= 80


def test_a_chinese_reader_is_spoken_to_in_chinese() -> None:
    done = lab_trace(env=os.environ | {"LANGUAGE": "zh_CN"})
    assert "要跟踪哪个程序" in done.stderr


def test_words_that_are_no_utf_8_are_in_every_drawing(tmp_path: Path) -> None:
    files = {name: tmp_path / f"a.{name}" for name in ("svg", "html", "perfetto")}
    named = (word for name, path in files.items() for word in (f"--{name}", str(path)))
    words: list[str | bytes] = [*LAB_TRACE, *named, "sh", "-c", "exit 0", b"\xff\xfe"]
    done = subprocess.run(words, capture_output=True, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, b"")
    given = re.search(r'<script id="given" type="application/json">(.*)</script>', files["html"].read_text())
    assert given
    assert json.loads(given[1])["trace"]["command"][-1] == "\udcff\udcfe"
    assert json.loads(files["perfetto"].read_text())["otherData"]["command"][-1] == "\udcff\udcfe"


def test_the_drawings_are_written_beside_the_timeline(tmp_path: Path) -> None:
    files = {name: tmp_path / f"a.{name}" for name in ("svg", "html", "perfetto")}
    done = lab_trace(*(word for name, path in files.items() for word in (f"--{name}", str(path))), "sh", "-c", "exit 3")
    assert done.returncode == 3
    assert files["svg"].read_text().startswith("<svg")
    assert files["html"].read_text().startswith("<!doctype html>")
    assert json.loads(files["perfetto"].read_text())["traceEvents"]
