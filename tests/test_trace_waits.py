"""What the trace knows of waits, writes, signals and births that no state shows."""

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from checks.judging import pair
from checks.judging.result import Mistake
from checks.judging.seen import Seen
from lab import proc
from lab.trace import Exit, History, Span, Trace, record, sampler, timeline
from tests.chat_room import STRANGER
from tests.clone import ROOT
from tests.eventually import PATIENCE, eventually
from tests.test_trace import only_child, python

TELLS_ALL = tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 15)
TRACEBACK = b"Traceback (most recent call last):\n"
CHILD = "if os.fork() == 0:\n    time.sleep(0.1)\n    os._exit(0)\n"


def seen(program: str) -> Seen:
    return Seen(record(python(program)), 0.0)


def growths(history: History) -> int:
    return len(history.reaped) - 1


@pytest.mark.parametrize("wait", ["os.wait()", "os.waitpid(-1, 0)", "os.waitid(os.P_ALL, 0, os.WEXITED)"])
@pytest.mark.parametrize("after", ["", "; time.sleep(0.1)"])
def test_a_wait_that_returns_a_child_is_known_even_if_it_is_the_last_that_is_done(wait: str, after: str) -> None:
    found = seen(f"{CHILD}{wait}{after}\nos._exit(0)")
    assert found.is_reaped(only_child(found.trace)) is True
    found.is_waited_for(only_child(found.trace))


@pytest.mark.parametrize(
    ("end", "how"),
    [
        ("os._exit(7)", Exit(7, None)),
        ("os._exit(0)", Exit(0, None)),
        ("os.kill(os.getpid(), 9)", Exit(None, 9)),
        ("signal.alarm(1); time.sleep(3)", Exit(None, 14)),
        ("raise OSError", Exit(1, None)),
    ],
)
@pytest.mark.parametrize("parent", ["os.wait()", "signal.signal(17, signal.SIG_IGN); time.sleep(1.5)", "os._exit(0)"])
def test_how_a_process_ended_is_known_whoever_has_reaped_it(end: str, how: Exit, parent: str) -> None:
    trace = record(python(f"if os.fork() == 0:\n    time.sleep(0.1); {end}\n{parent}"))
    _, child = trace.processes
    assert child.exit == how or (child.exit is None and not TELLS_ALL)


def test_each_wait_is_dated() -> None:
    trace = record(
        python("for n in range(3):\n    os.fork() or os._exit(0)\n    time.sleep(0.1); os.wait()\ntime.sleep(0.1)")
    )
    assert growths(trace.root) == 3
    for child in trace.children(trace.root):
        assert child.gone in [span.start for span in trace.root.reaped]


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (f"{CHILD}time.sleep(0.3)\nos._exit(0)", "a sleep is no wait"),
        (f"{CHILD}os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)\nos._exit(0)", "a sleep is no wait"),
        (
            f"signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n{CHILD}time.sleep(0.3)\nos._exit(0)",
            "do not ignore SIGCHLD",
        ),
    ],
)
def test_no_wait_is_known_too(program: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    found = seen(program)
    assert growths(found.root) == 0
    assert found.is_reaped(only_child(found.trace)) is False
    with pytest.raises(Mistake) as mistake:
        found.is_waited_for(only_child(found.trace))
    assert mistake.value.key == "not-waited"
    assert says in mistake.value.cause["help"]


def test_where_the_parent_went_in_the_same_moment_it_cannot_be_told() -> None:
    found = seen(
        "if os.fork() == 0:\n    if os.fork() == 0:\n        time.sleep(0.2)\n        os._exit(0)\n    os.wait()\n"
        "    os._exit(0)\nos.wait()\n"
    )
    child = only_child(found.trace)
    assert found.is_reaped(child) is True
    (grandchild,) = found.trace.children(child)
    assert found.is_reaped(grandchild) in (None, True)


TWO = (
    "pids = []\nfor seconds in (0.1, {second}):\n    pid = os.fork()\n    if pid == 0:\n"
    "        time.sleep(seconds); os._exit(0)\n    pids.append(pid)\n{wait}\nos._exit(0)"
)


@pytest.mark.parametrize(
    ("second", "wait", "told"),
    [
        (0.3, "os.waitpid(pids[1], 0)", (False, True)),
        (0.3, "os.waitpid(pids[1], 0); os.waitpid(pids[0], 0)", (True, True)),
        (0.1, "time.sleep(0.3); os.wait(); os.wait()", (True, True)),
        (0.1, "time.sleep(0.3)", (False, False)),
        (0.3, "os.wait(); os.wait()", (True, True)),
    ],
)
def test_a_wait_for_another_child_is_none_for_this_one(second: float, wait: str, told: tuple[bool, bool]) -> None:
    """Though all three are gone in the same moment."""
    found = seen(TWO.format(second=second, wait=wait))
    assert [found.is_reaped(child) for child in found.children] == list(told)
    assert found.were_all_reaped(found.children) is all(told)


def test_who_waited_for_one_of_two_alike_has_not_waited_for_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    found = seen(TWO.format(second=0.1, wait="time.sleep(0.3); os.wait()"))
    assert not all(found.is_reaped(child) for child in found.children)
    with pytest.raises(Mistake) as mistake:
        found.are_waited_for(found.children)
    assert mistake.value.key == "not-waited"


def test_the_wait_for_a_helper_is_none_for_a_zombie() -> None:
    helper = "os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)"
    found = seen(f"pid = os.fork()\nif pid == 0:\n    os._exit(0)\ntime.sleep(0.2)\n{helper}\nos._exit(0)")
    assert found.is_reaped(found.children[0]) is False


@pytest.mark.parametrize(
    ("faults", "grown", "missed", "told"),
    [
        ((("Z", 190), ("S", 190)), 192, 0, (False, True)),  # the second had two more at its end
        ((("Z", 190), ("S", 190)), 382, 0, (True, True)),
        ((("Z", 190), ("Z", 190)), 190, 0, (None, None)),
        ((("Z", 190), ("Z", 150)), 150, 0, (False, True)),
        ((("Z", 190), ("S", 190)), 915, 0, (None, True)),  # or the second was ended by sys.exit, which is much work
        ((("Z", 190), ("S", 190)), 80, 1, (False, False)),  # whom no sample saw
        ((("Z", 190), ("R", 2)), 200, 0, (None, True)),  # it had just begun
        ((("Z", 190),), 240, 1, (None,)),
        ((("Z", 190),), 194, 1, (None,)),
        ((("Z", 190),), 190, 1, (True,)),
        ((("Z", 190),), 240, 0, (None,)),  # nothing that is known explains it
        ((("S", 190),), 915, 0, (True,)),
        ((("S", 190),), 915, 1, (True,)),
        ((("S", 190),) * 12, 190, 0, (None,) * 12),
    ],
)
def test_who_was_returned_is_told_by_the_page_faults_that_each_had(
    faults: tuple[tuple[str, int], ...], grown: int, missed: int, told: tuple[bool | None, ...]
) -> None:
    trace = record(python("if os.fork() == 0:\n    time.sleep(0.1); os._exit(0)\ntime.sleep(0.1); os.wait()"))
    child = only_child(trace)
    end = child.gone or 0.0
    children = [
        dataclasses.replace(
            child,
            pid=child.pid + n,
            faults=had,
            states=(Span(child.first_seen, end, state),),
            first_seen=end - 0.02 if state == "R" else child.first_seen,
            last_seen=end - 0.01,
        )
        for n, (state, had) in enumerate(faults)
    ]
    root = dataclasses.replace(trace.root, reaped=(Span(0.0, end, 0), Span(end, end, grown)), last_seen=end, gone=end)
    births = (Span(end - 0.01, end, missed),) * missed
    found = Seen(dataclasses.replace(trace, processes=(root, *children), missed=births), 0.0)
    assert tuple(found.is_reaped(child) for child in children) == told
    assert found.were_all_reaped(children) is (sum(had for _, had in faults) <= grown or len(children) > 10)


def test_who_went_a_sample_earlier_had_a_wait_of_its_own() -> None:
    trace = record(python("if os.fork() == 0:\n    time.sleep(0.1); os._exit(0)\ntime.sleep(0.1); os.wait()"))
    one = dataclasses.replace(only_child(trace), last_seen=0.1, gone=0.11, faults=190)
    two = dataclasses.replace(one, pid=one.pid + 1, last_seen=0.11, gone=0.12)
    counts = (Span(0.0, 0.11, 0), Span(0.11, 0.12, 190), Span(0.12, 0.3, 380))
    root = dataclasses.replace(trace.root, reaped=counts, last_seen=0.2)
    found = Seen(dataclasses.replace(trace, processes=(root, one, two)), 0.0)
    assert found.were_all_reaped([one, two])
    assert found.is_reaped(one) is not False
    assert found.is_reaped(two) is not False


def test_who_was_adopted_was_not_waited_for() -> None:
    long = "if os.fork() == 0:\n    time.sleep(0.5); os._exit(0)\n"
    found = seen(f"{long}if os.fork() == 0:\n    time.sleep(0.2); os._exit(0)\nos.wait()")
    longest = max(found.others, key=found.lived)
    assert longest.adoptions
    assert found.is_reaped(longest) is False


def test_who_wrote_is_known() -> None:
    found = seen(
        "if os.fork() == 0:\n    os.write(1, b'child\\n'); time.sleep(0.2)\n    os._exit(0)\n"
        "os.wait(); time.sleep(0.1); os.write(1, b'the parent\\n'); os._exit(0)"
    )
    child, end = only_child(found.trace), found.trace.seconds
    assert found.wrote(child, -1.0, end) == len("child\n")
    assert found.wrote(found.root, child.gone or end, end) == len("the parent\n")
    assert found.wrote(found.root, -1.0, child.first_seen) == 0


def test_what_was_written_last_is_known_to_a_student_too() -> None:
    """To whom the kernel does not open the /proc/PID/io of a process that is dead, though it lets go on reading it."""
    user = {"user": STRANGER, "group": STRANGER, "extra_groups": []} if os.geteuid() == 0 else {}
    interpreter = shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin") or sys.executable
    command = [interpreter, "-m", "lab.trace", "--json", "sh", "-c", "sleep 0.05; echo last"]
    for _ in range(5):
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE, **user)  # type: ignore[call-overload]
        assert Trace.from_json(done.stdout).processes[0].written[-1].value == len("last\n")


def test_what_is_done_with_a_signal_is_known() -> None:
    (ignoring,) = record(python("signal.signal(signal.SIGCHLD, signal.SIG_IGN); time.sleep(0.1)")).processes
    (catching,) = record(python("signal.signal(signal.SIGUSR1, print); time.sleep(0.1)")).processes
    (blocking,) = record(
        python("signal.pthread_sigmask(0, [signal.SIGTERM]); os.kill(os.getpid(), 15); time.sleep(0.1); os._exit(0)")
    ).processes
    assert proc.has_signal(ignoring.ignored[-1].value, signal.SIGCHLD)
    assert not proc.has_signal(ignoring.caught[-1].value, signal.SIGCHLD)
    assert any(proc.has_signal(span.value, signal.SIGUSR1) for span in catching.caught)
    assert any(proc.has_signal(span.value, signal.SIGTERM) for span in blocking.blocked)
    assert any(proc.has_signal(span.value, signal.SIGTERM) for span in blocking.pending)
    assert not catching.pending


def test_births_that_no_sample_sees_are_counted_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    trace = record(python("for n in range(50):\n    os.fork() or os._exit(0)\n    os.wait()"))
    seen_ones = len(trace.processes) - 1
    missed = sum(span.value for span in trace.missed)
    assert missed + seen_ones >= 50
    assert all(span.start < span.end <= trace.seconds for span in trace.missed)
    assert f"came and went between two samples: {missed}, seen by" in timeline.draw(trace)
    assert Trace.from_json(trace.to_json()).missed == trace.missed


def test_who_stays_is_not_counted_as_missed() -> None:
    program = (
        "for n in range(20):\n    os.fork() or (time.sleep(0.3), os._exit(0))\n"
        "[threading.Thread(target=time.sleep, args=(0.3,)).start() for n in range(20)]\ntime.sleep(0.4)"
    )
    # Whoever else begins on this machine meanwhile is counted: it is said once that nobody has.
    eventually(lambda: sum(span.value for span in record(python(program)).missed) < 20)


def test_a_document_of_before_there_was_any_of_it_can_be_read() -> None:
    content = json.loads(record(python(f"{CHILD}os.wait()")).to_json())
    del content["missed"]
    for process in content["processes"]:
        for kind in ("reaped", "written", "blocked", "ignored", "caught", "pending"):
            del process[kind]
    old = Trace.from_json(json.dumps(content))
    assert Seen(old, 0.0).is_reaped(only_child(old)) is None


@pytest.mark.parametrize(("last", "newest", "given"), [(5, 7, [6, 7]), (5, 5, [])])
def test_pids_are_given_one_after_the_other(last: int, newest: int, given: list[int]) -> None:
    assert list(sampler.given(last, newest)) == given


def test_pids_begin_anew_after_the_highest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampler, "PID_MAX", 1000)
    assert list(sampler.given(997, 301)) == [998, 999, 300, 301]


def test_when_the_cpu_was_used_is_known() -> None:
    (history,) = record(
        python("time.sleep(0.3)\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass")
    ).processes
    assert history.cpu == history.used[-1].value >= 0.3
    assert max(span.value for span in history.used if span.start <= 0.2) < 0.2


def test_the_command_ends_when_it_is_dead_and_not_when_the_leader_comes_to_reap_it() -> None:
    """On a busy machine the leader may have to wait for the CPU; here it is stopped. Else a last wait had no date."""
    wakes = "os.setsid()\n    time.sleep(0.5)\n    os.kill(leader, signal.SIGCONT)\n    os._exit(0)\n"
    found = seen(
        f"leader = os.getppid()\nif os.fork() == 0:\n    {wakes}pid = os.fork()\nif pid == 0:\n    time.sleep(0.1)\n"
        "    os._exit(0)\nos.kill(leader, signal.SIGSTOP)\nos.waitpid(pid, 0)\nos._exit(0)\n"
    )
    _, child = sorted(found.children_of(found.root), key=lambda one: -found.lived(one))
    assert found.root.gone is not None
    assert found.root.gone - found.ended_at(child) < 0.2 < 0.3 < (found.trace.ended or 0) - found.root.gone
    assert found.root.last_seen < found.root.gone
    assert found.is_reaped(child) is True


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        ("  File 'x', line 3\nValueError: no\n", "ValueError: no"),
        ("  File 'x', line 3\nKeyboardInterrupt\n", "KeyboardInterrupt"),
        ("  File 'x', line 3\nzmq.Again: later\n", "zmq.Again: later"),
        (
            "Traceback (most recent call last):\n  a(\npid=7 status=32\nRuntimeError: reentrant\n",
            "RuntimeError: reentrant",
        ),
    ],
)
def test_what_ended_it_is_the_error_and_not_what_a_handler_has_printed_meanwhile(errors: str, told: str) -> None:
    assert seen(f"os.write(2, {TRACEBACK + errors.encode()!r}); os._exit(1)").last_words == f": {told}"


@pytest.mark.parametrize(("missed", "mistake"), [(1, "child-crashed"), (0, "no-child")])
def test_the_error_of_a_child_that_no_sample_has_seen_is_told(missed: int, mistake: str) -> None:
    said = TRACEBACK + b"  File 'pids.py', line 5\nAttributeError: module 'os' has no attribute 'getparent'\n"
    trace = record(python(f"os.write(2, {said!r}); os._exit(0)"))
    found = Seen(dataclasses.replace(trace, missed=(Span(0.0, 0.02, missed),) * missed), 0.0)
    with pytest.raises(Mistake) as refused:
        pair.forked_once(found, [])
    assert refused.value.key == mistake
