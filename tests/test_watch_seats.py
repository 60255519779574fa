"""`watch` in a lab: which seat a process is in, what the seat notices of it, and what it can do itself."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from lab.host.bringup.images import PREFIX
from tests.class_lab import ClassLab, class_lab, project_name
from tests.clone import run
from tests.eventually import eventually
from tests.test_watch import SOON
from tests.watching import Reader, Rows, row

PROJECT = project_name("watch")
RELAY = """
import os, select, socket
end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
end.connect("/run/watch/watch.sock")
while True:
    for source in select.select([0, end], [], [])[0]:
        data = os.read(0, 65536) if source == 0 else end.recv(65536)
        if not data:
            raise SystemExit
        end.sendall(data) if source == 0 else os.write(1, data)
"""
ARGUMENTS = ["ps", "-eo", "pid,ppid,pgid,sid,s,ni,nlwp,args", "--no-headers"]
pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassLab]:
    with class_lab(tmp_path_factory.mktemp("clone"), PROJECT, in_browser=True) as found:
        found.up(("zhang", "张三", found.key("zhang")), ("li", "李四", found.key("li")))
        yield found


@contextmanager
def reading(lab: ClassLab) -> Iterator[Reader]:
    """Yield a reader of the lab's watch: a process beside it."""
    command = ["docker", "exec", "--interactive", lab.container("watch"), "python3", "-I", "-c", RELAY]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as relay:
        assert relay.stdin
        assert relay.stdout
        with open(relay.stdout.fileno(), "rb", closefd=False) as lines:
            try:
                yield Reader(lines, relay.stdin.write)
            finally:
                relay.kill()
        relay.stdin.close()


@contextmanager
def doing(lab: ClassLab, seat: str, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run something in a seat by ssh meanwhile."""
    with subprocess.Popen(lab.ssh(seat, *command), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as login:
        try:
            yield login
        finally:
            login.kill()


def commands(reader: Reader, seat: str) -> list[str]:
    return [found["command"] for found in reader.rows(seat)]


IDLE = ["/sbin/docker-init -- door", "door"]


def are_at_rest(rows: Rows) -> bool:
    """Say whether both sleeps are there and nobody is on the way to where `ps` will find it."""
    return [found["command"] for found in rows].count("sleep 1000") == 2 and {found["state"] for found in rows} == {"S"}


def test_a_seat_is_what_its_own_ps_shows(lab: ClassLab) -> None:
    with reading(lab) as reader, doing(lab, "zhang", "nice -5 sleep 1000 & sleep 1000; true"):
        reader.until("zhang", are_at_rest)
        shown = [line.split(None, 7) for line in lab.execute("zhang", f"exec {' '.join(ARGUMENTS)}").splitlines()]
        names = ("pid", "ppid", "pgid", "sid", "state", "nice", "threads", "command")
        told = [[str(found[name]) for name in names] for found in reader.rows("zhang")]
        assert told == [line for line in shown if line[7] != " ".join(ARGUMENTS)]
        assert commands(reader, "li") == IDLE
        assert set(reader.seats) == {"zhang", "li"}, "nobody of the gate or the server, whatever their UID"


SEEN = """
import os, time
child = os.fork()
if child == 0:
    os._exit(0)
while " Z " not in open(f"/proc/{child}/stat").read():
    pass
print(child, time.clock_gettime(time.CLOCK_BOOTTIME), flush=True)
time.sleep(1000)
"""


@pytest.mark.parametrize("is_looked_at", [False, True])
def test_a_zombie_is_told_soon(lab: ClassLab, is_looked_at: bool) -> None:
    with reading(lab) as reader, doing(lab, "zhang", f"exec python3 -S -c '{SEEN}'") as login:
        if is_looked_at:
            reader.look("zhang")
        assert login.stdout
        pid, since = login.stdout.readline().split()
        frame = reader.until("zhang", lambda rows: row(rows, int(pid)).get("state") == "Z")
        assert frame["time"] - float(since) < SOON


def test_an_orphan_is_adopted_by_the_seat_s_first_process(lab: ClassLab) -> None:
    with reading(lab) as reader, doing(lab, "li", "(sleep 1000 & sleep 1; exit) & wait; sleep 1000"):
        reader.until("li", lambda rows: [found["command"] for found in rows].count("sleep 1000") == 1)
        sleep = next(found for found in reader.rows("li") if found["command"] == "sleep 1000")
        assert sleep["ppid"] > 2
        reader.until("li", lambda rows: row(rows, sleep["pid"])["ppid"] == 1)
        lab.execute("li", f"kill -KILL {sleep['pid']}")
        reader.until("li", lambda rows: not row(rows, sleep["pid"]))


BRIEF = """
import os, sys, time
sys.stdin.readline()
for _ in range(20):
    if os.fork() == 0:
        os._exit(0)
    os.wait()
    if os.fork() == 0:
        time.sleep(0.3)
        os._exit(0)
    os.wait()
os.setpriority(os.PRIO_PROCESS, 0, 5)
time.sleep(1000)
"""


def test_who_was_too_short_to_be_seen_is_counted(lab: ClassLab) -> None:
    with reading(lab) as reader, doing(lab, "li", f"exec python3 -S -c '{BRIEF}'") as login:
        reader.until("li", lambda rows: any("readline" in found["command"] for found in rows))
        parent = next(found["pid"] for found in reader.rows("li") if "readline" in found["command"])
        for _ in range(2):
            while reader.frame()["seats"]:
                pass
        before = reader.seats["li"]["missed"]
        assert login.stdin
        login.stdin.write(b"\n")
        login.stdin.flush()
        seen: set[int] = set()
        while reader.frame()["seats"] or row(reader.rows("li"), parent)["nice"] == 0:
            seen |= {found["pid"] for found in reader.rows("li") if found["ppid"] == parent}
        assert len(seen) + reader.seats["li"]["missed"] - before == 40
        assert reader.seats["li"]["missed"] > before, "twenty end at once"
        assert row(reader.rows("li"), parent)["reaps"] >= 20


@contextmanager
def container(*options: str) -> Iterator[str]:
    """Run a container of the seats' image as zhang's UID meanwhile; yield its id."""
    image = f"{PREFIX}/seat"
    made = run("docker", "run", "--detach", "--network=none", "--user=20001:20001", *options, image, "sleep", "1234")
    assert made.returncode == 0, made.stderr
    try:
        yield made.stdout.strip()
    finally:
        run("docker", "rm", "--force", "--volumes", made.stdout.strip())


@contextmanager
def volume(name: str) -> Iterator[str]:
    """Make a volume meanwhile; yield its name."""
    assert run("docker", "volume", "create", name).returncode == 0
    try:
        yield name
    finally:
        run("docker", "volume", "rm", "--force", name)


def test_nobody_else_s_processes_are_taken_for_a_seat_s(lab: ClassLab) -> None:
    """Of the same UID: another lab's seat of that name, whoever is at the gate, and who has the home elsewhere."""
    ours = f"{PROJECT}_home-zhang"
    with ExitStack() as stack:
        theirs = stack.enter_context(volume(f"{PROJECT}2_home-zhang"))
        nobodys = stack.enter_context(volume(f"{PROJECT}_home-zhang2"))
        for option in (f"{theirs}:/home/zhang", f"{ours}:/kept", f"{ours}:/home/li", f"{nobodys}:/home/zhang"):
            stack.enter_context(container(f"--volume={option}"))
        stack.enter_context(container())
        reader = stack.enter_context(reading(lab))
        stack.enter_context(doing(lab, "zhang", "sleep 1000"))  # at the gate, a `join` of the student's UID
        reader.until("zhang", lambda rows: any(found["command"] == "sleep 1000" for found in rows))
        stack.enter_context(container(f"--volume={ours}:/home/zhang"))  # by which the next frame is known to be later
        reader.until("zhang", lambda rows: sum(found["command"] == "sleep 1234" for found in rows) == 1)
        assert set(reader.seats) == {"zhang", "li"}
        assert commands(reader, "li") == IDLE


def test_a_seat_cannot_pretend_to_be_another(lab: ClassLab) -> None:
    with reading(lab) as reader:
        said = lab.execute("li", "unshare --user --map-root-user --pid --fork sleep 1 2>&1 || true")
        assert "unshare failed" in said, "no namespace, hence no mount, of its own"
        with doing(lab, "li", "exec -a '/sbin/docker-init -- door zhang' sleep 1000"):
            reader.until("li", lambda rows: any("door zhang" in found["command"] for found in rows))
            assert commands(reader, "zhang") == IDLE


def test_a_seat_notices_nothing(lab: ClassLab) -> None:
    look = "exec ps -eo pid,ppid,pgid,sid,stat,ni,nlwp,args --no-headers; ls -la /run/watch"
    with reading(lab) as reader:
        reader.look("zhang", "li")
        reader.until("zhang", lambda rows: len(rows) == len(IDLE))
        watched = sorted(re.sub(r"\d+", "N", lab.execute("zhang", look)).splitlines())
    lab.halt("watch", "stop")
    try:
        alone = sorted(re.sub(r"\d+", "N", lab.execute("zhang", look)).splitlines())
    finally:
        run("docker", "start", lab.container("watch"))
    assert watched == alone
    assert len(watched) == len(IDLE) + 1


def test_one_that_is_killed_comes_back_and_tells_all_again(lab: ClassLab) -> None:
    before = lab.identity("zhang")
    with doing(lab, "zhang", "sleep 1000"):
        with reading(lab) as reader:
            reader.until("zhang", lambda rows: any(found["command"] == "sleep 1000" for found in rows))
        first = lab.inspect("watch")["State"]  # whose first process is no child's init, since it sees the machine's
        run("docker", "exec", "--detach", lab.container("watch"), "kill", "-KILL", str(first["Pid"]))
        eventually(lambda: lab.inspect("watch")["State"]["StartedAt"] != first["StartedAt"])
        eventually(lambda: lab.inspect("watch")["State"]["Health"]["Status"] == "healthy")
        with reading(lab) as reader:
            frame = reader.frame()
            assert set(frame["seats"]) == {"zhang", "li"}
            assert "sleep 1000" in commands(reader, "zhang")
    assert lab.identity("zhang") == before


def test_stopped_it_ends_at_once_and_takes_its_socket_along(lab: ClassLab) -> None:
    lab.halt("watch", "stop")
    try:
        assert lab.inspect("watch")["State"]["ExitCode"] == 0
    finally:
        run("docker", "start", lab.container("watch"))
    eventually(lambda: lab.inspect("watch")["State"]["Health"]["Status"] == "healthy")


TRIES = """
import json, os, signal, socket, sys
from contextlib import suppress

def tried(what, *words):
    try:
        return repr(what(*words))
    except OSError as error:
        return error.strerror

seat = int(sys.argv[1])
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({
    "capabilities": sorted({status[name].strip() for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}),
    "no-new-privileges": status["NoNewPrivs"].strip(),
    "identity": [os.getuid(), os.geteuid(), os.getgid(), os.getgroups()],
    "interfaces": [name for _, name in socket.if_nameindex()],
    "environment": tried(open, f"/proc/{seat}/environ"),
    "memory": tried(open, f"/proc/{seat}/mem"),
    "root": tried(os.listdir, f"/proc/{seat}/root"),
    "files": tried(os.listdir, f"/proc/{seat}/fd"),
    "signal": tried(os.kill, seat, signal.SIGCONT),
    "niceness": tried(os.setpriority, os.PRIO_PROCESS, seat, 5),
    "engine": os.path.exists("/var/run/docker.sock"),
    "homes": os.path.exists("/home/zhang"),
    "system": [tried(open, f"{folder}/new", "w") for folder in ("/", "/usr", "/etc", "/tmp")],
}))
"""


def test_it_can_do_nothing_but_look(lab: ClassLab) -> None:
    seat = str(lab.inspect("zhang")["State"]["Pid"])
    done = run("docker", "exec", lab.container("watch"), "python3", "-I", "-c", TRIES, seat)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "capabilities": ["0000000000000000"],
        "no-new-privileges": "1",
        "identity": [19998, 19998, 19998, [19998]],
        "interfaces": ["lo"],
        "environment": "Permission denied",
        "memory": "Permission denied",
        "root": "Permission denied",
        "files": "Permission denied",
        "signal": "Operation not permitted",
        "niceness": "Operation not permitted",
        "engine": False,
        "homes": False,
        "system": ["Read-only file system"] * 4,
    }


def test_no_seat_reaches_its_socket(lab: ClassLab) -> None:
    assert lab.execute("zhang", "ls -A /run/watch") == ""
    assert lab.execute("zhang", "touch /run/board/x 2>&1 || true").endswith("Read-only file system\n")
