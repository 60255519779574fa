"""`watch` on real processes of this machine: what its frames tell, how soon, to whom, and what does not disturb it."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.watch.process import COMMAND_LIMIT, Process, seats_own, shown
from lab.watch.readers import MOST_READERS, looked_at
from lab.watch.seat import PID_MAX, Births
from tests.clone import ROOT
from tests.eventually import eventually
from tests.watching import Watch, now, row, state_of, watching

SOON = 0.3  # seconds from what happens to the frame that tells it
KEYS = ["pid", "ppid", "pgid", "sid", "state", "nice", "threads", "command", "start", "reaps"]


@pytest.fixture(name="watch")
def a_watch() -> Iterator[Watch]:
    with watching() as found:
        yield found
        last_words = found.said() if found.process.poll() is not None else ""
        assert last_words == "", "whatever happens to a seat or comes from a reader, the watch is there"
        assert found.process.poll() is None


ZOMBIE = """
import os, sys, time
sys.stdin.readline()
pid = os.fork()
if pid == 0:
    os._exit(0)
print(pid, flush=True)
time.sleep(1000)
"""


@pytest.mark.parametrize("is_looked_at", [False, True])
def test_a_zombie_is_told_soon(watch: Watch, is_looked_at: bool) -> None:
    parent = watch.python(ZOMBIE, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdin
    assert parent.stdout
    with watch.reader() as reader:
        if is_looked_at:
            reader.look("client1")
        reader.until("client1", lambda rows: row(rows, parent.pid))
        parent.stdin.write(b"\n")
        parent.stdin.flush()
        zombie = int(parent.stdout.readline())
        eventually(lambda: state_of(zombie) == "Z")
        began = now()
        frame = reader.until("client1", lambda rows: row(rows, zombie).get("state") == "Z")
        assert frame["time"] - began < SOON
        assert row(reader.rows("client1"), zombie)["ppid"] == parent.pid


def test_a_row_is_what_ps_says(watch: Watch) -> None:
    child = watch.popen("sh", "-c", "sleep 1000 & wait")
    with watch.reader() as reader:
        reader.until("client1", lambda rows: [found["command"] for found in rows][1:] == ["sleep 1000"])
        shell, sleep = reader.rows("client1")
    assert list(shell) == KEYS
    ps = subprocess.check_output(
        ["ps", "-o", "pid=,ppid=,pgid=,sid=,state=,nice=,nlwp=,args=", "-p", f"{child.pid},{sleep['pid']}"], text=True
    )
    expected = sorted(line.split(None, 7) for line in ps.splitlines())
    found = [[str(process[name]) for name in KEYS[:8]] for process in (shell, sleep)]
    found[0][1] = str(os.getpid())  # the parent of the first one is outside, and told as 0
    assert shell["ppid"] == 0
    assert found == expected
    assert abs(shell["start"] - now()) < 60


CHANGING = """
import os, sys, threading, time
sys.stdin.readline()
threading.Thread(target=time.sleep, args=(1000,)).start()
os.setpgid(0, 0)
time.sleep(1000)
"""


def test_niceness_threads_groups_and_an_end_are_told(watch: Watch) -> None:
    child = watch.popen("sh", "-c", f"{sys.executable} -S -c '{CHANGING}'; true", stdin=subprocess.PIPE)
    assert child.stdin
    with watch.reader() as reader:
        reader.until("client1", lambda rows: len(rows) == 2)
        pid = reader.rows("client1")[1]["pid"]
        assert row(reader.rows("client1"), pid)["pgid"] == child.pid
        child.stdin.write(b"\n")
        child.stdin.flush()
        reader.until("client1", lambda rows: row(rows, pid)["threads"] == 2 and row(rows, pid)["pgid"] == pid)
        os.setpriority(os.PRIO_PROCESS, pid, 7)
        reader.until("client1", lambda rows: row(rows, pid)["nice"] == 7)
        os.kill(pid, signal.SIGSTOP)
        reader.until("client1", lambda rows: row(rows, pid)["state"] == "T")
        os.kill(pid, signal.SIGKILL)
        reader.until("client1", lambda rows: not row(rows, pid))


RENAMED = """
import sys
from lab.chat.title import set_title
for title in ("open", "shut", "locked"):  # of the later ones, nothing else tells than the arguments
    sys.stdin.readline()
    set_title("door", title)
sys.stdin.readline()
"""


def test_an_exec_and_a_new_title_are_told(watch: Watch) -> None:
    program = f"import os, sys; sys.stdin.readline(); os.execv(sys.executable, [sys.executable, '-c', {RENAMED!r}])"
    child = watch.python(program, stdin=subprocess.PIPE, cwd=ROOT)
    assert child.stdin
    with watch.reader() as reader:
        for command in ("os.execv", "set_title", "door open", "door shut", "door locked"):
            reader.until("client1", lambda rows, command=command: command in row(rows, child.pid).get("command", ""))  # type: ignore[misc]
            child.stdin.write(b"\n")
            child.stdin.flush()
        reader.until("client1", lambda rows: row(rows, child.pid)["state"] == "Z")
        assert row(reader.rows("client1"), child.pid)["command"] == "door locked", "as long as it is known"


ORPHANING = """
import os, time
if os.fork() == 0:
    os.setsid()
    time.sleep(1000)
time.sleep(0.5)
"""


def test_an_orphan_has_another_parent_and_stays_with_its_seat(watch: Watch) -> None:
    child = watch.python(ORPHANING)
    with watch.reader() as reader:
        reader.until("client1", lambda rows: [found["ppid"] for found in rows] == [0, child.pid])
        orphan = reader.rows("client1")[1]["pid"]
        child.wait()
        reader.until("client1", lambda rows: [found["pid"] for found in rows] == [orphan])
        assert row(reader.rows("client1"), orphan)["ppid"] == 0
        os.kill(orphan, signal.SIGKILL)
        reader.until("client1", lambda rows: rows == [])


REAPS = """
import os, signal, sys, time
{before}
for _ in range(5):
    if os.fork() == 0:
        b"x" * 5_000_000
        time.sleep(0.4)
        os._exit(0)
sys.stdin.readline()
{after}
print(flush=True)
time.sleep(1000)
"""


@pytest.mark.parametrize(
    ("before", "after", "reaps"),
    [
        ("", "[os.wait() for _ in range(5)]", 5),
        ("", "[(os.wait(), time.sleep(0.3)) for _ in range(5)]", 5),
        ("", "[os.wait() for _ in range(2)]", 2),
        ("", "time.sleep(0.6)", 0),
        ("signal.signal(signal.SIGCHLD, signal.SIG_IGN)", "time.sleep(0.6)", 0),
    ],
)
def test_waits_that_took_an_end_are_counted(watch: Watch, before: str, after: str, reaps: int) -> None:
    program = REAPS.format(before=before, after=after)
    parent = watch.python(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdin
    assert parent.stdout
    with watch.reader() as reader:
        reader.until("client1", lambda rows: len(rows) == 6)
        parent.stdin.write(b"\n")
        parent.stdin.flush()
        parent.stdout.readline()
        os.kill(parent.pid, signal.SIGSTOP)  # a last change, after which all before it has been told
        reader.until("client1", lambda rows: row(rows, parent.pid)["state"] == "T")
        reader.frame()
        assert row(reader.rows("client1"), parent.pid)["reaps"] == reaps


HOSTILE = [
    b"a\nb\r\x1b[31mc\x1b]0;title\x07",
    b"\xff\xfe\x80 invalid",
    "\u202egnp.exe \u200b\u2028\u0085 \u4e2d\u6587 \U0001f600".encode(),
    b"x" * (128 * 1024 - 1),
    ("\u4e2d" * 40000).encode(),
    b"",
    b'"}], "seats": {"client2": 0}}\\',
]


@pytest.mark.parametrize("argument", HOSTILE)
def test_no_command_line_breaks_a_line_or_a_frame(watch: Watch, argument: bytes) -> None:
    child = watch.popen("sh", "-c", "sleep 1000; true", argument)
    with watch.reader() as reader:
        reader.until("client1", lambda rows: len(rows) == 2)
        command = row(reader.rows("client1"), child.pid)["command"]
        assert command.startswith("sh -c sleep 1000; true")
        assert command.isprintable()
        assert len(command) <= COMMAND_LIMIT
        assert set(reader.seats) == {"client1"}


@given(st.binary(max_size=1024))
def test_whatever_a_command_is_it_is_printable_and_short(raw: bytes) -> None:
    text = shown(raw)
    assert text.isprintable()
    assert len(text) <= COMMAND_LIMIT
    assert "\u202e" not in text
    json.dumps(text).encode("ascii")


def test_a_name_with_brackets_and_blanks_is_no_riddle(watch: Watch) -> None:
    program = "import time; open('/proc/self/comm', 'w').write(') S 1 (\\n'); time.sleep(1000)"
    child = watch.python(program)
    with watch.reader() as reader:
        reader.until("client1", lambda rows: row(rows, child.pid).get("state") == "S")
        assert row(reader.rows("client1"), child.pid)["sid"] == child.pid


def test_no_environment_is_told(watch: Watch) -> None:
    watch.popen("sleep", "1000")
    with watch.reader() as reader:
        reader.until("client1", lambda rows: len(rows) == 1)
        assert watch.mark not in json.dumps(reader.seats)


def test_a_storm_of_births_and_deaths_is_survived_and_nothing_is_kept_of_it(watch: Watch) -> None:
    before = files(watch)
    storm = "i=0; while [ $i -lt 400 ]; do /bin/true & i=$((i+1)); done; wait"
    seats = [f"client{number}" for number in (1, 2, 3)]
    children = [watch.popen("sh", "-c", storm, seat=seat, stderr=subprocess.DEVNULL) for seat in seats]
    with watch.reader() as reader:
        reader.look(*seats)
        while any(child.poll() is None for child in children):
            reader.frame()
        for seat in seats:
            eventually(lambda seat=seat: reader.frame() and seat in reader.seats and reader.rows(seat) == [])  # type: ignore[misc]
    eventually(lambda: files(watch) == before)


STAT = b"12 (a) (b)) R 1 %s %s 0 -1 4194304 0 0 0 0 1 2 0 0 20 0 1 0 900 8192 100 0"


def test_who_is_reaped_while_looked_at_for_the_first_time_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.watch.process.PROC", tmp_path)
    (tmp_path / "12").mkdir()
    stat = tmp_path / "12/stat"
    status = "Name:\ta\nNSpid:\t12\t7\nNSpgid:\t12\t7\nNSsid:\t12\t7\n"
    stat.write_bytes(STAT % (b"-1", b"-1"))  # as the kernel writes it when there is no session any more
    with pytest.raises(ProcessLookupError):
        Process(12, status, 10.0)
    stat.write_bytes(STAT % (b"12", b"12"))
    (tmp_path / "12/status").write_text(status)
    process = Process(12, status, 10.0)
    assert (process.own, process.threads) == (7, 1)
    stat.write_bytes(STAT % (b"-1", b"-1"))
    assert not process.look(11.0), "it is as it was, until it is gone"
    process.close()


def files(watch: Watch) -> int:
    return len(list(Path(f"/proc/{watch.process.pid}/fd").iterdir()))


FLAPPING = """
import threading, time
while True:
    second = threading.Thread(target=time.sleep, args=(0.03,))
    second.start()
    second.join()
    time.sleep(0.03)
"""


def test_what_is_looked_at_is_looked_at_more_often(watch: Watch) -> None:
    for seat in ("client1", "client2"):
        watch.python(FLAPPING, seat=seat)
    with watch.reader() as reader:
        reader.look("client1")
        reader.until("client1", lambda _: set(reader.seats) == {"client1", "client2"})
        frames = [reader.frame() for _ in range(60)]
    times = {seat: [frame["time"] for frame in frames if seat in frame["seats"]] for seat in reader.seats}
    gaps = {seat: [after - before for before, after in pairwise(of)] for seat, of in times.items()}
    assert min(gaps["client1"]) < 0.05
    assert median(gaps["client2"]) > 0.09, "one that comes late is followed by one that does not"


def test_the_first_frame_has_all_and_the_next_ones_what_is_new(watch: Watch) -> None:
    first, second = (watch.popen("sleep", "1000", seat=seat) for seat in ("client1", "client2"))
    with watch.reader() as reader:
        reader.until("client2", lambda rows: row(rows, second.pid).get("command") == "sleep 1000")
        reader.until("client1", lambda rows: row(rows, first.pid)["command"] == "sleep 1000")
        with watch.reader() as later:
            assert later.frame()["seats"] == reader.seats
        os.kill(first.pid, signal.SIGSTOP)
        assert set(reader.until("client1", lambda rows: rows[0]["state"] == "T")["seats"]) == {"client1"}
        quiet = [reader.frame() for _ in range(3)]
    assert [frame["seats"] for frame in quiet] == [{}, {}, {}]
    assert all(0.9 < after["time"] - before["time"] < 2.5 for before, after in pairwise(quiet)), "the clock moves"


@pytest.mark.parametrize(
    "line",
    [
        b"hello\n",
        b"[]\n",
        b'{"look": "client1"}\n',
        b'{"look": [1]}\n',
        b"{}\n",
        b"\xff\n",
        b"[" * 60000 + b"\n",
        b"x" * 300_000,
    ],
)
def test_who_says_what_nobody_may_is_shown_out(watch: Watch, line: bytes) -> None:
    with watch.reader() as hostile, watch.reader() as reader:
        with suppress(OSError):
            hostile.say(line)
        hostile.to_the_end()
        reader.look("no-such-seat", "client1", "错", "")
        watch.popen("sleep", "1000")
        reader.until("client1", lambda rows: len(rows) == 1)


def test_a_line_may_come_in_pieces_and_the_last_one_counts() -> None:
    assert looked_at(b'{"look": ["a", "b"]}') == {"a", "b"}
    assert looked_at(b'{"look": []}') == frozenset()


@pytest.mark.parametrize(
    "said", [b"null", b'{"look": null}', b'{"look": ["a", 1]}', json.dumps({"look": ["a"] * 1001}).encode()]
)
def test_what_is_no_look(said: bytes) -> None:
    with pytest.raises(ValueError, match="no line of a reader's"):
        looked_at(said)


def test_a_reader_who_does_not_read_is_shown_out_and_disturbs_nobody(watch: Watch) -> None:
    before = files(watch)
    crowd = "import os, time\nfor _ in range(100):\n    if os.fork() == 0: break\nwhile True: time.sleep(0.01)"
    children = [watch.python(crowd, "x" * 1000, seat=f"client{number}") for number in range(3)]
    with watch.reader() as deaf, watch.reader() as reader:
        names = [f"client{number}" for number in range(3)]
        deaf.look(*names)
        eventually(lambda: reader.frame() and all(len(reader.rows(name)) > 90 for name in names))
        connected = watch.connections()
        assert connected == 2
        eventually(lambda: reader.frame() and watch.connections() == 1)
        assert now() - reader.frame()["time"] < 1
    assert files(watch) > before
    assert children


def test_there_are_so_many_readers_and_no_more(watch: Watch) -> None:
    with ExitStack() as stack:
        for _ in range(MOST_READERS - 1):
            stack.enter_context(watch.reader()).frame()
        with watch.reader() as last:
            last.frame()
            with watch.reader() as more, pytest.raises((EOFError, ConnectionResetError)):
                more.frame()
        eventually(lambda: watch.connections() < MOST_READERS)
        with watch.reader() as again:
            again.frame()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_at_once_and_removes_the_socket(number: signal.Signals) -> None:
    with watching() as watch, watch.reader() as reader:
        reader.frame()
        watch.process.send_signal(number)
        began = time.monotonic()
        assert watch.process.wait() == 0
        assert time.monotonic() - began < 1
        assert not watch.path.exists()
        reader.to_the_end()


def test_one_that_was_killed_leaves_a_socket_that_the_next_replaces_and_a_live_one_stays() -> None:
    with watching() as watch:
        watch.popen("sleep", "1000")
        watch.process.kill()
        watch.process.communicate()
        assert watch.path.exists()
        first = watch.start()
        with watch.reader() as reader:
            reader.until("client1", lambda rows: len(rows) == 1)
            second = watch.start()
            assert second.wait() == 1
            assert b"a server is live on" in second.communicate()[1]
            reader.frame()
        watch.process = first


def test_who_asks_is_told_whether_one_answers(tmp_path: Path) -> None:
    def asked(path: Path) -> int:
        return subprocess.run(
            [sys.executable, "-m", "lab.watch", "--ask", "--socket", path], cwd=ROOT, check=False
        ).returncode

    with watching() as watch:
        assert asked(watch.path) == 0
        os.kill(watch.process.pid, signal.SIGSTOP)
        assert asked(watch.path) == 1, "it is there, and does not answer"
    assert asked(tmp_path / "none") == 1


def test_without_a_lab_s_volume_it_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lab.watch", "--socket", tmp_path / "s"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "watch: the volume `watch` of a lab is not mounted on /run/watch" in done.stderr


def births(looks: list[set[int]], threads: frozenset[int] = frozenset()) -> int:
    """Return how many were missed, of what each look found that was new; two more looks settle it."""
    found = Births()
    found.begin(looks[0])
    for numbers in looks[1:]:
        found.settle()
        if numbers:
            found.note(numbers, lambda: set(threads))
    for _ in range(2):
        found.settle()
    return found.missed


@pytest.mark.parametrize(
    ("looks", "missed"),
    [
        ([{1, 7}], 0),
        ([{1, 7}, {8, 9}, {10}], 0),
        ([{1, 7}, {9}], 1),
        ([{1, 7}, {9}, {8}], 0),
        ([{1, 7}, {9}, set(), {8}], 1),
        ([{1, 7}, {12}, {20}], 4 + 7),
        ([{1, PID_MAX - 1}, {300}, {302}], 1),
        ([{1, 7}, {7 + 20_000}], 0),
    ],
)
def test_births_that_no_look_has_seen(looks: list[set[int]], missed: int) -> None:
    assert births(looks) == missed


def test_a_thread_has_a_number_too() -> None:
    assert births([{1, 7}, {12}], frozenset({8, 9})) == 2


@given(st.integers(1, 60), st.randoms(use_true_random=False))
def test_births_add_up(count: int, chance: random.Random) -> None:
    seen = sorted(chance.sample(range(2, 200), count))
    looks, left = [{1}], seen
    while left:
        size = chance.randint(1, 5)
        looks.append(set(left[:size]))
        left = left[size:]
    assert births(looks) == seen[-1] - 1 - len(seen)


def test_the_number_is_the_seat_s_own() -> None:
    assert seats_own("Name:\tx\nNSpid:\t812\t7\nNSpgid:\t812\t7\n", "NSpid") == 7
    assert seats_own("Name:\tx\nNSpid:\t812\t7\t2\n", "NSpid") == 7, "a namespace inside is not the seat's"
    assert seats_own("Name:\tx\nNSpid:\t812\n", "NSpid") == 812
    assert seats_own("", "NSpid") == 0
