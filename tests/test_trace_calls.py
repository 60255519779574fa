"""`lab trace --calls`: what strace tells of waits and signals, and how little of it can be put into its mouth."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab import proc
from lab.trace import Exit, Trace, svg, timeline
from lab.trace.calls import CALLS_KEPT, parse
from lab.trace.history import Calls
from tests.eventually import eventually
from tests.test_trace import Person, person

__all__ = ["person"]
LAB_TRACE = [sys.executable, "-m", "lab.trace"]


def traced(code: str, *options: str, **environment: str) -> Trace:
    """Return the record of a Python program under --calls."""
    done = lab_trace("--calls", "--json", *options, sys.executable, "-c", code, **environment)
    assert done.stdout, done.stderr
    return Trace.from_json(done.stdout)


def lab_trace(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LAB_TRACE, *words], env=os.environ | environment, capture_output=True, text=True, timeout=100, check=False
    )


def calls(of: Trace) -> Calls:
    assert of.calls
    assert of.calls.complete
    return of.calls


# Real programs.


def test_which_wait_returned_which_child_with_what() -> None:
    found = traced(
        "import os, time\n"
        "first = os.fork() or os._exit(7)\n"
        "os.waitpid(first, 0)\n"
        "second = os.fork() or time.sleep(60)\n"
        "os.kill(second, 9)\n"
        "os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)\n"
        "os.wait()\n"
        "third = os.spawnlp(os.P_NOWAIT, 'sh', 'sh', '-c', 'exit 300; true')\n"
        "os.waitid(os.P_PID, third, os.WEXITED)\n"
        "try: os.wait()\n"
        "except ChildProcessError: pass\n"
    )
    first, second, third = pids_made(found)
    told = [(wait.call, wait.child, wait.change, wait.exit, wait.error) for wait in calls(found).waits]
    assert told == [
        ("wait4", first, "ended", Exit(7, None), None),
        ("waitid", second, "seen", Exit(None, 9), None),
        ("wait4", second, "ended", Exit(None, 9), None),
        ("waitid", third, "ended", Exit(300 % 256, None), None),
        ("wait4", None, None, None, "ECHILD"),
    ]
    assert {wait.pid for wait in calls(found).waits} == {found.pid}
    assert all(wait.began <= wait.time <= found.seconds for wait in calls(found).waits)


def pids_made(found: Trace) -> tuple[int, ...]:
    """Return the children of the command in the order of their making, those too short to be seen too."""
    forks = ("clone", "clone3", "fork", "vfork")
    return tuple(int(call.result) for call in calls(found).made if call.name in forks and call.pid == found.pid)


def test_which_signal_arrived_from_whom() -> None:
    found = traced(
        "import os, signal, time\n"
        "heard = []\n"
        "for number in (signal.SIGUSR1, signal.SIGALRM, signal.SIGCHLD):\n"
        "    signal.signal(number, lambda n, _: heard.append(n))\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os.kill(os.getppid(), signal.SIGUSR1)\n"
        "    time.sleep(60)\n"
        "while signal.SIGUSR1 not in heard: signal.pause()\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.05)\n"
        "while signal.SIGALRM not in heard: signal.pause()\n"
        "os.kill(child, signal.SIGKILL)\n"
        "os.wait()\n"
    )
    (child,) = pids_made(found)
    told = [(arrival.pid, arrival.signal, arrival.sender) for arrival in calls(found).signals]
    assert sorted(told) == sorted(
        [
            (found.pid, signal.SIGUSR1, child),
            (found.pid, signal.SIGALRM, None),
            (child, signal.SIGKILL, found.pid),
            (found.pid, signal.SIGCHLD, child),
        ]
    )


def test_a_threads_wait_is_its_processs() -> None:
    found = traced(
        "import os, threading, time\n"
        "child = os.fork()\n"
        "if child == 0: time.sleep(0.2); os._exit(4)\n"
        "thread = threading.Thread(target=os.waitpid, args=(child, 0))\n"
        "thread.start(); thread.join()\n"
    )
    (wait,) = calls(found).waits
    assert (wait.pid, wait.exit) == (found.pid, Exit(4, None))
    made = next(call for call in calls(found).made if call.name == "wait4")
    assert made.pid != found.pid


def test_the_command_is_followed_as_without_it() -> None:
    """Its parent is the leader, its status is its own, its descendants are followed, and nobody else is."""
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork(): time.sleep(0.2); os._exit(0)\n"
        "    time.sleep(0.9); os._exit(0)\n"
        "os.wait(); time.sleep(0.2); os._exit(9)\n"
    )
    found = traced(code)
    assert found.exit == Exit(9, None)
    assert found.root.ppid == found.leader
    names = {span.value.comm for history in found.processes for span in history.commands}
    assert "strace" not in names
    assert not [name for name in names if "leader" in name]
    orphan = next(history for history in found.processes if history.adoptions)
    assert orphan.longest("S") > 0.2
    assert found.root.commands[0].value.cmdline[0] == sys.executable, "its own first command"
    assert calls(found).made[0].name == "execve"
    assert calls(found).made[0].pid == found.pid


def test_the_programs_streams_arguments_and_descriptors_are_its_own() -> None:
    code = (
        "import os, sys\n"
        "print(sorted(int(n) for n in os.listdir('/proc/self/fd'))[:-1], os.getppid() != 1)\n"
        "print('123 1.5 wait4(-1, NULL, 0, NULL) = 9', file=sys.stderr)\n"
    )
    bare = lab_trace("--json", sys.executable, "-c", code)
    found = traced(code)
    assert found.stdout.text == Trace.from_json(bare.stdout).stdout.text
    assert found.stderr.text == "123 1.5 wait4(-1, NULL, 0, NULL) = 9\n"
    assert calls(found).waits == ()


HOSTILE = ') = 5 <0.1>\n1 1.0 --- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=1} ---\n" <unfinished ...>'


def test_what_a_program_calls_itself_is_taken_for_nothing_else() -> None:
    found = traced(f"import os; os.execvp('true', ['true', {HOSTILE!r}, '<... wait4 resumed>) = 1'])")
    assert calls(found).signals == ()
    assert calls(found).waits == ()
    last = [call for call in calls(found).made if call.name == "execve" and call.result == "0"][-1]
    assert "SIGTERM {si_signo" in last.arguments


def test_a_program_that_a_seccomp_filter_kills_is_told() -> None:
    code = (
        "import ctypes, os\n"
        "libc = ctypes.CDLL(None)\n"
        "if os.fork() == 0:\n"
        "    libc.prctl(22, 1, 0, 0, 0)\n"  # PR_SET_SECCOMP, SECCOMP_MODE_STRICT
        "    os.getppid()\n"
        "os.wait()\n"
    )
    found = traced(code)
    (child,) = pids_made(found)
    (wait,) = calls(found).waits
    assert (wait.child, wait.exit) == (child, Exit(None, signal.SIGKILL))


def test_a_stop_and_a_continuation_are_no_end() -> None:
    found = traced(
        "import os, signal, time\n"
        "child = os.fork()\n"
        "if child == 0: time.sleep(60)\n"
        "os.kill(child, signal.SIGSTOP); os.waitpid(child, os.WUNTRACED)\n"
        "time.sleep(0.3)\n"
        "os.kill(child, signal.SIGCONT); os.waitpid(child, os.WCONTINUED)\n"
        "os.kill(child, signal.SIGTERM); os.waitpid(child, 0)\n"
    )
    assert [wait.change for wait in calls(found).waits] == ["stopped", "continued", "ended"]
    assert calls(found).waits[-1].exit == Exit(None, signal.SIGTERM)
    (child,) = found.children(found.root)
    assert child.longest("T") + child.longest("t") > 0.1


def test_the_drawings_say_that_it_was_ptraced() -> None:
    found = traced("import os; os.fork() or os._exit(3); os.wait()")
    assert "under strace" in timeline.draw(found)
    assert "wait4 returned" in timeline.draw(found)
    assert "under strace" in svg.draw(found)
    assert "under strace" not in timeline.draw(Trace.from_json(lab_trace("--json", "true").stdout))


def test_a_tracers_stop_is_the_least_notable_state() -> None:
    assert timeline.rank("t") > timeline.rank("S")
    assert timeline.paint("t", colour=True) != timeline.paint("T", colour=True).replace("T", "t")


def test_without_strace_there_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "true").symlink_to("/bin/true")
    done = lab_trace("--calls", "true", PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lab trace: --calls needs strace, which is not here; install it, or trace without --calls\n"


def test_a_strace_that_may_not_follow_is_told_and_nothing_has_run(tmp_path: Path) -> None:
    (tmp_path / "strace").write_text(
        "#!/bin/sh\necho 'strace: attach: ptrace(PTRACE_SEIZE, 5): Operation not permitted' >&2\nexit 1\n"
    )
    (tmp_path / "strace").chmod(0o755)
    proof = tmp_path / "proof"
    done = lab_trace("--calls", "touch", str(proof), PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 2
    assert done.stderr.startswith("lab trace: strace cannot follow the program here: strace: attach: ptrace")
    assert done.stderr.count("\n") == 1
    assert not proof.exists()


def test_what_cannot_be_executed_is_told_as_without_it() -> None:
    done = lab_trace("--calls", "no-such-program")
    assert (done.returncode, done.stderr) == (127, "lab trace: no-such-program: command not found\n")


def test_a_strace_that_is_killed_leaves_the_program_alone_and_the_rest_is_told() -> None:
    code = "import os, time\nos.fork() or os._exit(3)\nos.wait(); print('ready', flush=True); input(); os._exit(5)\n"
    with subprocess.Popen(
        [*LAB_TRACE, "--calls", sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdin
        assert started.stdout
        assert started.stdout.readline() == "ready\n"
        strace = next(one for one in proc.snapshot().values() if one.comm == "strace" and one.ppid == started.pid)
        os.kill(strace.pid, signal.SIGKILL)
        eventually(lambda: proc.read(strace.pid) is None or proc.read(strace.pid).state == "Z")  # type: ignore[union-attr]
        said, _ = started.communicate("\n", timeout=60)
    assert started.returncode == 5
    assert "strace ended too early" in said
    assert "exit status 5" in said


def test_nothing_of_it_is_left_behind(tmp_path: Path) -> None:
    before = {pid for pid, one in proc.snapshot().items() if one.comm == "strace"}
    done = lab_trace("--calls", "--for", "0.5", "sleep", "60", TMPDIR=str(tmp_path))
    assert "the time was up" in done.stdout
    assert list(tmp_path.iterdir()) == []
    eventually(lambda: not {pid for pid, one in proc.snapshot().items() if one.comm == "strace"} - before)


def test_ctrl_c_reaches_the_program_under_it(person: Person) -> None:
    """A terminal's keys are the program's, with strace beside it as without."""
    code = (
        "import time\ntry:\n    print('begun', flush=True); time.sleep(60)\nexcept KeyboardInterrupt: print('caught')"
    )
    person.program.write_text(code)
    person.type(f"{sys.executable} -m lab.trace --calls {sys.executable} {person.program}\n")
    person.expect("begun")
    person.type("\x03")
    person.expect("caught")
    person.expect("under strace")


# What it writes, read.


def read(*lines: str, complete: bool = True) -> Calls:
    begun = '7 100.0 execve("/bin/a", ["a"], 0x7ffd /* 3 vars */) = 0 <0.001>'
    return parse([begun, *lines], 7, 100.0, complete)


def test_a_call_in_two_parts_is_one() -> None:
    found = read(
        "7 100.1 wait4(-1,  <unfinished ...>",
        "8 100.2 exit_group(3)                    = ?",
        "8 100.3 +++ exited with 3 +++",
        "7 100.4 <... wait4 resumed>NULL, 0, NULL) = 8 <0.3>",
    )
    (wait,) = found.waits
    assert (wait.began, wait.time, wait.child, wait.exit) == (0.1, 0.4, 8, Exit(3, None)), "as its end told"
    assert [(call.name, call.arguments, call.end) for call in found.made[1:]] == [
        ("wait4", "-1, NULL, 0, NULL", 0.4),
        ("exit_group", "3", None),
    ]


def test_a_call_that_never_returned_has_no_end() -> None:
    found = read(
        "7 100.1 wait4(-1,  <unfinished ...>",
        "7 100.2 +++ killed by SIGSEGV (core dumped) +++",
        "9 100.2 pause( <unfinished ...>",
    )
    assert [(call.name, call.end, call.result) for call in found.made[1:]] == [
        ("wait4", None, "?"),
        ("pause", None, "?"),
    ]
    assert found.waits == ()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "7",
        "7 100.2",
        "strace: Process 9 attached",
        "7 100.2 ????( <detached ...>",
        "7 100.2 <... wait4 resumed>) = ",
        "7 100.2 --- stopped by SIGSTOP ---",
        "7 100.2 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == ",
        "7 100.2 +++ superseded by execve in pid 9 +++",
        "x" * 100_000,
    ],
)
def test_a_line_that_tells_nothing_is_passed_over(line: str) -> None:
    found = read(line, "7 100.5 kill(9, SIGTERM) = 0 <0.001>")
    assert [call.name for call in found.made] == ["execve", "kill"]
    assert (found.waits, found.signals) == ((), ())


def test_an_interrupted_wait_is_no_wait_that_returned() -> None:
    found = read("7 100.1 wait4(-1, 0x7ffd, 0, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set) <0.2>")
    assert found.waits == ()
    assert found.made[1].result == "? ERESTARTSYS"


def test_too_many_calls_are_counted() -> None:
    found = read(*(f"7 {100 + number / 1000} kill(9, 0) = 0 <0.001>" for number in range(CALLS_KEPT + 5)))
    assert (len(found.made), found.left_out) == (CALLS_KEPT, 6)


def test_it_can_be_read_again() -> None:
    found = traced("import os; os.fork() or os._exit(3); os.wait()")
    assert Trace.from_json(found.to_json()) == found
    older = json.loads(found.to_json())
    del older["calls"]
    assert Trace.from_json(json.dumps(older)).calls is None
    assert time.time() - found.began < 3600
