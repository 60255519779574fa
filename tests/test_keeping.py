"""What a class has made is kept: snapshots, resets, undo, export, and whatever breaks in between. Needs the engine."""

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.class_lab import ClassLab, class_lab, project_name
from tests.clone import run
from tests.documented import commands
from tests.engine_relay import relayed
from tests.eventually import PATIENCE, eventually

PROJECT = project_name("kept")

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

# A home in which everything is a trap: all that a student can make with a few lines.
TRAPS = r"""
import os, socket
os.makedirs("作业/第一章")
open("作业/第一章/张三.py", "w").write("print('你好')\n")
os.symlink("/etc/passwd", "out"); os.symlink("/", "root"); os.symlink("../../..", "up"); os.symlink("nowhere", "broken")
open("new\nline", "w").close(); open(b"not-utf8-\xff", "w").close(); open(" ", "w").close()
os.mkdir("-rf"); open("--checkpoint-action=exec=sh", "w").close(); open("-", "w").close()
os.makedirs("locked/inner"); open("locked/inner/secret", "w").write("x"); os.chmod("locked", 0)
os.mkdir("empty")
os.link("作业/第一章/张三.py", "hard")
os.mkfifo("fifo", 0o620)
socket.socket(socket.AF_UNIX).bind("socket")
with open("sparse", "wb") as file:
    file.truncate(2**28); file.seek(2**27); file.write(b"in the middle")
open("setuid", "w").close(); os.chmod("setuid", 0o6755)
os.mkdir("sticky"); os.chmod("sticky", 0o3777)
os.setxattr("empty", "user.note", b"kept")
os.utime("hard", ns=(1_500_000_000_123_456_789,) * 2)
os.symlink("/etc", ".forklab-restoring")
here = os.getcwd()
os.mkdir("deep"); os.chdir("deep")
for n in range(300):
    os.mkdir("d" * 200); os.chdir("d" * 200)
"""

# What of a home must be the same afterwards, as far as a path can be named; a socket cannot be kept.
LOOK = r"""
import hashlib, json, os, stat
os.chmod("locked", 0o700) if os.path.isdir("locked") else None
seen = {}
for folder, folders, files in os.walk("."):
    folders[:] = [name for name in folders if len(folder) < 3500]
    for name in [*folders, *files]:
        path = os.path.join(folder, name)
        found = os.lstat(path)
        if stat.S_ISSOCK(found.st_mode) or path == "./.forklab-restoring" or len(path) > 4000:
            continue
        entry = [stat.filemode(found.st_mode), found.st_uid, found.st_gid, found.st_nlink]
        if stat.S_ISLNK(found.st_mode):
            entry.append(os.readlink(path))
        if stat.S_ISREG(found.st_mode):
            start = open(path, "rb")
            start.seek(2**27 if found.st_size > 2**27 else 0)
            entry += [found.st_size, found.st_mtime_ns, found.st_blocks < 100]
            entry += [hashlib.sha256(start.read(2**25)).hexdigest()]
        if stat.S_ISDIR(found.st_mode):
            entry += [os.listxattr(path)]
        seen[repr(path)] = entry
os.chmod("locked", 0) if os.path.isdir("locked") else None
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassLab]:
    with class_lab(tmp_path_factory.mktemp("clone"), PROJECT, images=PROJECT) as found:  # `make clean` removes images
        found.done("lab")
        yield found


def snapshots(lab: ClassLab, seat: str) -> Path:
    return lab.folder / ".lab" / "snapshots" / seat


def names(lab: ClassLab, seat: str) -> list[str]:
    return [row["name"] for row in json.loads(lab.done("snapshots", f"SEAT={seat}", "JSON=1"))]


def is_being_taken(lab: ClassLab, seat: str) -> bool:
    """Tell whether a snapshot is half written."""
    return is_begun(snapshots(lab, seat), "*.part")


def is_begun(folder: Path, pattern: str) -> bool:
    """Tell whether there is something in such a file."""
    with suppress(FileNotFoundError):  # it has another name by now
        return any(path.stat().st_size for path in folder.glob(pattern))
    return False


def look(lab: ClassLab, seat: str) -> dict[str, object]:
    seen: dict[str, object] = json.loads(lab.python(seat, LOOK))
    return seen


def wipe(lab: ClassLab, seat: str) -> None:
    """Make a home empty again, and forget its snapshots."""
    lab.execute(seat, "chmod -R u+rwx . 2> /dev/null; find . -mindepth 1 -delete; echo new > fresh")
    shutil.rmtree(snapshots(lab, seat), ignore_errors=True)


def test_a_home_full_of_traps_comes_back_as_it_was(lab: ClassLab) -> None:
    wipe(lab, "client1")
    lab.python("client1", TRAPS)
    before = look(lab, "client1")
    assert len(before) > 30
    assert "略去 1 个套接字" in lab.done("snapshot", "SEAT=client1", "LANGUAGE=zh_CN")
    said = lab.done("factory", "SEAT=client1")
    assert "1 socket was left out" in said
    assert "1 path of more than 4000 bytes was left out" in said
    assert set(look(lab, "client1")) == {"'./.bashrc'", "'./.profile'", "'./.bash_logout'"}
    lab.done("undo", "SEAT=client1")
    assert look(lab, "client1") == before
    assert lab.execute("client1", "stat -c '%a %U' .") == "700 client1\n"


def test_nothing_of_a_trap_is_followed(lab: ClassLab) -> None:
    """Its links are still links, and what they lead to in a seat is as the image has it."""
    assert lab.execute("client1", "readlink out; readlink root; tail -1 /etc/passwd").startswith("/etc/passwd\n/\n")
    assert lab.execute("client1", "stat -c %s /etc/passwd") == lab.execute("client2", "stat -c %s /etc/passwd")


def test_undo_of_undo_is_redo(lab: ClassLab) -> None:
    wipe(lab, "client1")
    lab.execute("client1", "echo first > work")
    lab.done("snapshot", "SEAT=client1")
    lab.execute("client1", "echo second > work")
    for expected in ("first", "second", "first"):
        lab.done("undo", "SEAT=client1")
        assert lab.execute("client1", "cat work") == f"{expected}\n"


def test_a_certain_snapshot(lab: ClassLab) -> None:
    wipe(lab, "client1")
    for word in ("one", "two", "three"):
        lab.execute("client1", f"echo {word} > work")
        lab.done("snapshot", "SEAT=client1")
    taken = names(lab, "client1")
    assert taken == sorted(set(taken)), "each has a time of its own, though they were taken within a second or two"
    lab.done("undo", "SEAT=client1", f"SNAPSHOT={taken[0]}")
    assert lab.execute("client1", "cat work") == "one\n"
    assert "has no snapshot 'yesterday'" in lab.refused("undo", "SEAT=client1", "SNAPSHOT=yesterday")
    assert lab.execute("client1", "cat work") == "one\n", "it runs on, as it was"


def test_the_oldest_are_removed_and_named_but_none_of_today(lab: ClassLab) -> None:
    wipe(lab, "client1")
    lab.done("snapshot", "SEAT=client1")
    (today,) = snapshots(lab, "client1").iterdir()
    for number in range(25):
        shutil.copy(today, today.with_name(f"2025-01-01T00-00-{number:02}Z-hand.tar.gz"))
    for number in range(25):
        shutil.copy(today, today.with_name(f"{today.name[:10]}T00-00-{number:02}Z-undo.tar.gz"))
    said = lab.done("snapshot")
    assert said.count(" was removed") == 25
    assert "client1: 2025-01-01T00-00-00Z-hand was removed, 2025-01-01T00-00-01Z-hand was removed" in said
    left = names(lab, "client1")
    assert len(left) == 27
    assert not any(name.startswith("2025") for name in left)


def test_a_damaged_snapshot_is_not_put_back(lab: ClassLab) -> None:
    wipe(lab, "client1")
    lab.execute("client1", "head -c 1M /dev/urandom > much; echo first > work")
    lab.done("snapshot", "SEAT=client1")
    (path,) = snapshots(lab, "client1").iterdir()
    path.write_bytes(path.read_bytes()[:-1000])
    lab.execute("client1", "echo second > work")
    assert "The home of client1 is as it was" in lab.refused("undo", "SEAT=client1")
    assert lab.execute("client1", "cat work; ls -A") == "second\nfresh\nmuch\nwork\n"


def test_what_each_reset_keeps(lab: ClassLab) -> None:
    wipe(lab, "client2")
    lab.execute("client2", "echo mine > work; echo gone > /tmp/scratch")
    container = lab.container("client2")
    lab.execute("client2", "setsid sleep 1000 > /dev/null 2>&1 &")
    lab.done("restart", "SEAT=client2")
    assert lab.container("client2") == container
    assert "sleep 1000" not in lab.execute("client2", "ps -eo args; cat work")
    lab.done("reset", "SEAT=client2")
    assert lab.container("client2") not in ("", container)
    assert lab.execute("client2", "cat work; ls /tmp") == "mine\n"
    lab.done("factory", "SEAT=client2")
    assert lab.execute("client2", "ls; id -un") == "client2\n"
    assert [name[21:] for name in names(lab, "client2")] == ["restart", "reset", "factory"]
    lab.done("undo", "SEAT=client2")
    assert lab.execute("client2", "cat work") == "mine\n"


def test_a_home_in_which_work_goes_on_while_it_is_read(lab: ClassLab) -> None:
    """Files grow, shrink, come and go; what stands still is kept."""
    wipe(lab, "client3")
    lab.execute("client3", "head -c 20M /dev/urandom > a; echo last > zzz")
    busy = (
        "i=0; while :; do i=$((i+1)); truncate -s 50M b; truncate -s 10 b; echo $i >> c; mkdir -p d/$i; rm -rf d; done"
    )
    process = subprocess.Popen(["docker", "exec", lab.container("client3"), "sh", "-c", busy])
    try:
        eventually(lambda: "c" in lab.execute("client3", "ls"))
        for _ in range(3):
            lab.done("snapshot", "SEAT=client3")
    finally:
        lab.done("restart", "SEAT=client3")
        process.wait(PATIENCE)
    for path in sorted(snapshots(lab, "client3").iterdir()):
        with tarfile.open(path) as archive:
            names = archive.getnames()
            assert {"./a", "./zzz"} <= set(names), path
            assert archive.getmember("./a").size == 20 * 2**20


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_leaves_the_old_snapshots_whole(lab: ClassLab) -> None:
    wipe(lab, "client2")
    lab.execute("client2", "echo first > work")
    folder = snapshots(lab, "client2")
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "small", folder], check=True)
    try:
        lab.done("snapshot", "SEAT=client2")
        (old,) = folder.iterdir()
        kept = old.read_bytes()
        lab.execute("client2", "head -c 1M /dev/urandom > much; echo second > work")
        for target in ("snapshot", "reset", "factory", "undo"):
            said = lab.refused(target, "SEAT=client2")
            assert "No space left on device" in said
            assert list(folder.iterdir()) == [old]
            assert old.read_bytes() == kept
            assert lab.execute("client2", "cat work; stat -c %s much") == "second\n1048576\n", "and it runs on"
        assert "make factory SEAT=client2 YES=1" in lab.refused("factory", "SEAT=client2")
        assert "not kept, as you said" in lab.done("factory", "SEAT=client2", "YES=1")
        lab.done("undo", "SEAT=client2")
        assert lab.execute("client2", "cat work") == "first\n"
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_killed_snapshot_does_not_count(lab: ClassLab) -> None:
    wipe(lab, "client3")
    lab.execute("client3", "head -c 60M /dev/urandom > much")
    lab.done("snapshot", "SEAT=client2")
    folder = snapshots(lab, "client3")
    with lab.begun("snapshot", "SEAT=client3"):
        eventually(lambda: is_being_taken(lab, "client3"))
    assert names(lab, "client3") == []
    assert "client3" not in lab.done("snapshots")
    lab.execute("client3", "rm much")
    lab.done("snapshot", "SEAT=client3")
    assert [path.name for path in folder.iterdir()] == [f"{name}.tar.gz" for name in names(lab, "client3")]


@pytest.mark.parametrize("seats", [("SEAT=client3",), ("ALL=1",)], ids=["one", "all"])
def test_ctrl_c_leaves_a_home_and_its_seat_as_they_were(lab: ClassLab, seats: tuple[str, ...]) -> None:
    wipe(lab, "client3")
    lab.execute("client3", "head -c 60M /dev/urandom > much; echo mine > work")
    container = lab.container("client3")
    with lab.begun("factory", *seats) as process:
        eventually(lambda: is_being_taken(lab, "client3"))
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(PATIENCE) == -signal.SIGINT
    assert lab.container("client3") == container
    assert [lab.execute(seat, "id -un") for seat in ("client1", "client2")] == ["client1\n", "client2\n"]
    assert lab.execute("client3", "cat work; stat -c %s much") == f"mine\n{60 * 2**20}\n"
    assert list(snapshots(lab, "client3").iterdir()) == []
    assert run("docker", "ps", "--quiet", f"--filter=label=forklab.keeper={PROJECT}").stdout == ""
    lab.execute("client3", "rm much")


def test_an_engine_that_dies_while_a_home_is_kept(lab: ClassLab, tmp_path: Path) -> None:
    """No half snapshot, a sentence, and the next make lab starts the seat with all that was in it."""
    wipe(lab, "client3")
    lab.execute("client3", "head -c 60M /dev/urandom > much; echo mine > work")
    folder = snapshots(lab, "client3")
    with relayed(tmp_path) as (relay, engine):
        make = subprocess.Popen(
            ["make", "factory", "SEAT=client3", f"DOCKER_HOST={engine}"],
            cwd=lab.folder,
            env={**os.environ, **lab.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        eventually(lambda: is_being_taken(lab, "client3"))
        relay.kill()
        _, said = make.communicate(timeout=PATIENCE)
    assert make.returncode == 2
    assert "The container engine does not answer any more: make lab starts it" in said
    assert "Traceback" not in said
    assert list(folder.iterdir()) == []
    lab.done("lab")
    assert lab.execute("client3", "cat work; stat -c %s much") == f"mine\n{60 * 2**20}\n"
    lab.execute("client3", "rm much")


@pytest.mark.parametrize("target", ["restart", "reset", "undo"])
def test_ctrl_c_while_seats_start_leaves_none_stopped(lab: ClassLab, target: str) -> None:
    wipe(lab, "client3")
    lab.done("snapshot", "SEAT=client3")
    log = lab.folder / ".lab" / "log" / f"{target}.log"
    begun = log.read_text().count("$ docker compose") if log.exists() else 0
    with lab.begun(target, "SEAT=client3") as process:
        eventually(lambda: log.exists() and log.read_text().count("$ docker compose") > begun)
        os.killpg(process.pid, signal.SIGINT)
        process.wait(PATIENCE)
    if target != "reset":  # which may have been between two containers
        assert lab.execute("client3", "id -un") == "client3\n"
    lab.done("lab")
    assert lab.execute("client3", "cat fresh") == "new\n"


def test_a_killed_undo_is_finished_by_the_next(lab: ClassLab) -> None:
    """Killed while it puts back, it has left half a home; the next one means the same snapshot, and loses nothing."""
    wipe(lab, "client3")
    lab.execute("client3", "head -c 60M /dev/urandom > much; echo first > work")
    lab.done("snapshot", "SEAT=client3")
    lab.execute("client3", "rm much; echo second > work")
    kill_while_putting_back(lab, "client3")
    lab.done("undo", "SEAT=client3")
    assert lab.execute("client3", "cat work; stat -c %s much; ls -A").split()[:2] == ["first", str(60 * 2**20)]
    assert ".forklab-restoring" not in lab.execute("client3", "ls -A")
    lab.done("undo", "SEAT=client3")
    assert lab.execute("client3", "cat work; ls") == "second\nfresh\nwork\n", "not the half one"
    assert "interrupted" in " ".join(names(lab, "client3")), "which is kept all the same"


def test_make_lab_finishes_a_killed_undo(lab: ClassLab) -> None:
    wipe(lab, "client3")
    lab.execute("client3", "head -c 60M /dev/urandom > much; echo first > work")
    lab.done("snapshot", "SEAT=client3")
    lab.execute("client3", "rm much; echo second > work")
    kill_while_putting_back(lab, "client3")
    lab.done("lab")
    assert lab.execute("client3", "cat work") == "first\n"


def kill_while_putting_back(lab: ClassLab, seat: str) -> None:
    """Kill an undo, and the container that was at it, once the home has been touched."""
    mark = snapshots(lab, seat) / "undoing.json"
    keeper = ["docker", "ps", "--quiet", f"--filter=label=forklab.keeper={PROJECT}"]
    with lab.begun("undo", f"SEAT={seat}"):
        eventually(lambda: mark.exists() and json.loads(mark.read_text())["begun"] and run(*keeper).stdout)
    run("docker", "rm", "--force", run(*keeper).stdout.strip())
    spoil = "cd /kept && rm work && echo half > half"
    mount = f"--volume={PROJECT}_home-{seat}:/kept"
    run("docker", "run", "--rm", "--user=0:0", mount, f"{PROJECT}/seat", "sh", "-c", spoil)
    assert mark.exists()


def test_two_at_once_on_one_home(lab: ClassLab) -> None:
    wipe(lab, "client3")
    lab.execute("client3", "head -c 60M /dev/urandom > much")
    with lab.begun("snapshot", "SEAT=client3") as process:
        eventually(lambda: is_being_taken(lab, "client3"))
        os.killpg(process.pid, signal.SIGSTOP)  # so that it is not done before the other begins
        assert "Another make is at work on the home of client3" in lab.refused("snapshot", "SEAT=client3")


def test_down_and_lab_keep_the_homes(lab: ClassLab) -> None:
    wipe(lab, "client1")
    lab.execute("client1", "echo mine > work")
    lab.done("down")
    lab.done("snapshot")
    assert names(lab, "client1")[-1].endswith("-hand"), "a home can be kept while the lab is down"
    lab.done("lab")
    assert lab.execute("client1", "cat work") == "mine\n"


@pytest.mark.parametrize("target", ["restart", "reset", "factory", "undo"])
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Which seat? SEAT=… or ALL=1; the seats are client1, client2, client3."),
        (("SEAT=nobody",), "There is no seat named 'nobody'; the seats are client1, client2, client3."),
    ],
)
def test_a_seat_must_be_said(lab: ClassLab, target: str, words: tuple[str, ...], sentence: str) -> None:
    assert sentence in lab.refused(target, *words)


def test_every_command_of_the_page(lab: ClassLab) -> None:
    shown = commands("docs/keeping.md")
    assert len(shown) > 10
    for seat in ("client1", "client2", "client3"):
        wipe(lab, seat)
    for command in shown:
        done = run("sh", "-c", command, cwd=lab.folder, **lab.environment)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def test_clean_asks_for_snapshots_too(lab: ClassLab) -> None:
    assert "the snapshots of client1" in lab.refused("clean")


def test_an_export_comes_back_on_a_machine_with_other_uids(lab: ClassLab, tmp_path: Path) -> None:
    """What `make clean` leaves is another machine: no homes, no snapshots, and a roster that counts otherwise."""
    for seat in ("client1", "client2", "client3"):
        wipe(lab, seat)
        lab.execute(seat, f"echo '{seat} 的作业' > 作业; ln 作业 again; ln -s /etc/passwd out")
    file = tmp_path / "class.tar.gz"
    assert "3 homes in" in lab.done("export", f"FILE={file}")
    assert file.stat().st_mode & 0o77 == 0, "the class's work is the instructor's to read"
    assert "is there already" in lab.refused("export", f"FILE={file}")
    known = run("docker", "exec", lab.container("gate"), "cat", "/var/lib/gate/host_key.pub").stdout
    lab.done("clean", "YES=1")
    (lab.folder / "class.csv").write_text("seat,name,key\nclient2,李四,\nzhang,张三,\nclient1,王五,\n")
    lab.done("lab", "ROSTER=class.csv")
    lab.execute("client1", "echo here > before")
    again = run("docker", "exec", lab.container("gate"), "cat", "/var/lib/gate/host_key.pub").stdout
    assert again == known, "nobody who comes back is warned of another gate"
    said = lab.done("import", f"FILE={file}")
    assert "left out, since there is no such seat: client3" in said
    for seat, uid in (("client1", 20003), ("client2", 20001)):
        assert lab.execute(seat, "cat 作业; readlink out; id -u; stat -c '%u %g %h' 作业 .").splitlines() == [
            *(f"{seat} 的作业", "/etc/passwd", str(uid), f"{uid} {uid} 2", f"{uid} {uid} 2"),
        ]
    assert lab.execute("zhang", "ls") == ""
    lab.done("undo", "SEAT=client1")
    assert lab.execute("client1", "ls") == "before\n", "an import can be undone"
    lab.done("factory", "SEAT=client1")
    assert lab.execute("client1", "ls -A; id -un; stat -c %U . .bashrc") == (
        ".bash_logout\n.bashrc\n.profile\nclient1\nclient1\nclient1\n"
    )


def test_a_killed_export_leaves_no_copies(lab: ClassLab, tmp_path: Path) -> None:
    lab.execute("client1", "head -c 60M /dev/urandom > much")
    spools = lab.folder / ".lab"
    with lab.begun("export", f"FILE={tmp_path}/killed.tar.gz"):
        eventually(lambda: is_begun(spools, "spool-*/client1*"))
    assert list(spools.glob("spool-*"))
    lab.execute("client1", "rm much")
    lab.done("export", f"FILE={tmp_path}/class.tar.gz")
    assert not list(spools.glob("spool-*"))
    assert [path.name for path in tmp_path.iterdir()] == ["class.tar.gz"]


def test_an_export_of_a_class_tells_who_is_who(lab: ClassLab, tmp_path: Path) -> None:
    lab.done("export", f"FILE={tmp_path}/class.tar.gz")
    with tarfile.open(tmp_path / "class.tar.gz") as archive:
        found = archive.extractfile("manifest.json")
        assert found
        manifest = json.load(found)
        names = archive.getnames()
    homes = manifest["homes"]
    assert [(home["seat"], home["name"], home["uid"]) for home in homes] == [
        *(("client1", "王五", 20003), ("client2", "李四", 20001), ("zhang", "张三", 20002)),
    ]
    assert names == ["manifest.json", *(home["file"] for home in homes)]
    assert "key" not in json.dumps(manifest), "who may enter is for the other machine's roster"


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, link
    return found


def archive_of(*entries: tarfile.TarInfo, **changes: object) -> bytes:
    """Return an export of one home that has these entries; `changes` to what the manifest says of it."""
    home, whole = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=home, mode="w:gz") as file:
        for each in entries:
            file.addfile(each)
    told = {"seat": "zhang", "file": "homes/zhang.tar.gz", "sha256": hashlib.sha256(home.getvalue()).hexdigest()}
    manifest = json.dumps({"format": "forklab class 1", "homes": [{**told, **changes}]}).encode()
    with tarfile.open(fileobj=whole, mode="w:gz") as file:
        for name, data in (("manifest.json", manifest), ("homes/zhang.tar.gz", home.getvalue())):
            info = entry(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return whole.getvalue()


GOOD = archive_of(entry("./good"))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "could not be opened"),
        (b"no archive at all", "could not be opened"),
        (GOOD[:-20], "ended before the end"),
        (GOOD[: len(GOOD) // 2] + b"\0\0\0\0" + GOOD[len(GOOD) // 2 + 4 :], ""),
        (archive_of(entry("./good"), sha256="0" * 64), "is not what the manifest says (sha256)"),
        (archive_of(entry("./good"), seat="../../etc"), "is no login"),
        (archive_of(entry("./good"), file="homes/li.tar.gz"), "homes/li.tar.gz"),
        (archive_of(entry("./good"), entry("/etc/passwd")), "which leads out of it"),
        (archive_of(entry("./good"), entry("a/../../b")), "which leads out of it"),
        (archive_of(entry("a", tarfile.SYMTYPE, "/etc"), entry("a/passwd")), "which leads out of it"),
        (archive_of(entry("a", tarfile.LNKTYPE, "../b")), "which leads out of it"),
        (archive_of(entry("a", tarfile.CHRTYPE)), "which is no file, folder, link or FIFO"),
    ],
    ids=[
        "empty",
        "text",
        "cut off",
        "damaged",
        "digest",
        "seat",
        "missing",
        "absolute",
        "up",
        "link",
        "hard",
        "device",
    ],
)
def test_a_damaged_or_foreign_archive_is_refused_as_a_whole(
    lab: ClassLab, tmp_path: Path, data: bytes, sentence: str
) -> None:
    file = tmp_path / "class.tar.gz"
    file.write_bytes(data)
    lab.execute("zhang", "rm -f good; echo mine > work")
    before = names(lab, "zhang")
    said = lab.refused("import", f"FILE={file}")
    assert "is no export of a class, or damaged" in said
    assert sentence in said
    assert said.rstrip().splitlines()[0].endswith("Nothing was imported.")
    assert lab.execute("zhang", "ls; cat work") == "work\nmine\n"
    assert names(lab, "zhang") == before
    assert not list((lab.folder / ".lab").glob("spool-*"))


def test_the_same_archive_without_its_fault_is_taken(lab: ClassLab, tmp_path: Path) -> None:
    (tmp_path / "class.tar.gz").write_bytes(GOOD)
    lab.done("import", f"FILE={tmp_path}/class.tar.gz")
    assert lab.execute("zhang", "ls") == "good\n"
