"""The roster and what is made of it: every fault told at once by its line, UIDs that stay, accounts, compose file."""

import base64
import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from lab.host import compose
from lab.host.command import LabError
from lab.host.enrolment import accounts, class_file, enrol, keys, public_key, roster, seeds
from lab.host.enrolment.public_key import KeyFaultError
from lab.host.enrolment.roster import DEFAULT, Seat
from tests.clone import ROOT, run

KINDS = {
    "ed25519": ["-t", "ed25519"],
    "rsa": ["-t", "rsa", "-b", "2048"],
    "ecdsa": ["-t", "ecdsa", "-b", "384"],
}


def blob(kind: str, *fields: bytes) -> str:
    """Return a key of these fields, as a .pub file has it."""
    data = b"".join(struct.pack(">I", len(field)) + field for field in (kind.encode(), *fields))
    return f"{kind} {base64.b64encode(data).decode()}"


def key(number: int) -> str:
    """Return a well-formed key, another for each number."""
    return blob("ssh-ed25519", number.to_bytes(32))


def csv(folder: Path, *lines: str, ends: str = "\n", encoding: str = "utf-8") -> Path:
    path = folder / "class.csv"
    path.write_bytes("".join(f"{line}{ends}" for line in ("seat,name,key", *lines)).encode(encoding))
    return path


@pytest.fixture(autouse=True)
def generated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let everything that is remembered be in a folder of the test's."""
    folder = tmp_path / ".lab"
    for module, name, file in (
        (roster, "REMEMBERED", "roster.json"),
        (seeds, "SECRET", "secret"),
        (accounts, "FOLDER", "etc"),
        (compose, "CLASS", "compose.json"),
        (keys, "INSTRUCTOR", "instructor"),
    ):
        monkeypatch.setattr(module, name, folder / file)
    return folder


def faults(path: Path) -> list[str]:
    """Return the lines of the error, but for its head."""
    with pytest.raises(LabError) as caught:
        roster.read(path)
    head, *listed = str(caught.value).splitlines()
    assert head == f"{path}: nothing was changed, since the roster has faults:"
    return [line.strip() for line in listed]


def test_a_roster(tmp_path: Path) -> None:
    path = csv(tmp_path, f"zhang,张三,{key(1)} zhang@laptop", '"o-hara","O\'Hara, 小",', "li_4,李四,")
    assert roster.read(path) == [
        Seat("zhang", "张三", key(1), 20001),
        Seat("o-hara", "O'Hara, 小", "", 20002),
        Seat("li_4", "李四", "", 20003),
    ]


@pytest.mark.parametrize(("ends", "encoding"), [("\r\n", "utf-8"), ("\n", "utf-8-sig"), ("\r\n", "utf-8-sig")])
def test_a_roster_of_windows(tmp_path: Path, ends: str, encoding: str) -> None:
    plain = roster.read(csv(tmp_path, f"zhang,张三,{key(1)}", "li,李四,"))
    assert (
        roster.read(csv(tmp_path, f"zhang,张三,{key(1)}", "li,李四,", "", ",,", ends=ends, encoding=encoding)) == plain
    )


def test_three_hundred_rows(tmp_path: Path) -> None:
    seats = roster.read(csv(tmp_path, *(f"s{n},学生{n},{key(n)}" for n in range(300))))
    assert [seat.uid for seat in seats] == list(range(20001, 20301))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("Zhang,张三,", "'Zhang' is no seat: a small letter"),
        ("张三,张三,", "'张三' is no seat: a small letter"),
        (",张三,", "'' is no seat: a small letter"),
        (f"{'a' * 32},张三,", "is no seat: a small letter"),
        ("a b,张三,", "'a b' is no seat"),
        ("../x,张三,", "'../x' is no seat"),
        *(
            (f"{name},x,", f"the seat cannot be named {name}")
            for name in ("root", "chat", "server", "gate", "sshd", "tty")
        ),
        ("a,,", "the name is empty"),
        ("a,张\x07三,", "the name '张\\x07三' has a control character in it"),
        ('a,"张\n三",', "the name '张\\n三' has a control character in it"),
        ("a,x\u202ey,", "has a control character in it"),
        ("a,x\u200by,", "or an invisible one, U+200B"),
        ("a,x\u200dy,", "or an invisible one, U+200D"),
        ("a,张三", "there are 2 cells, not 3"),
        ("a", "there is 1 cell, not 3"),
        ("a,张三,,x", "there are 4 cells, not 3: seat, name, key (the last may be empty), in 'a,张三,,x'"),
        ("a,张；三", "there are 2 cells, not 3: seat, name, key (the last may be empty), in 'a,张；三'"),
        ("a，b;张三", "there is 1 cell, not 3: seat, name, key (the last may be empty), in 'a，b;张三'"),
        ("a,张三,hello", "a key begins with its type (ssh-ed25519, ssh-rsa, ecdsa-sha2-nistp256 …)"),
        ("a,张三,ssh-ed25519", "a key begins with its type"),
        (f'a,张三,"no-pty {key(1)}"', "a key begins with its type"),
        (f"a,张三,{key(1)[:-8]}", "the key is cut or altered"),
        (f"a,张三,{key(1)[:-1]}!", "the key is cut or altered"),
        (f"a,张三,{key(1).replace('ssh-ed25519', 'ssh-rsa')}", "this is no key of the type ssh-rsa"),
        (f"a,张三,{blob('ssh-ed25519', b'short')}", "an ed25519 key has 32 bytes, and this one 5"),
        (f"a,张三,{blob('ssh-ed25519', bytes(32), b'more')}", "this is no key of the type ssh-ed25519"),
        (f"a,张三,{blob('ssh-rsa', b'e', bytes([1]) * 128)}", "an RSA key under 2048 bits is too weak"),
        (f"a,张三,{blob('ecdsa-sha2-nistp256', b'nistp384', b'p')}", "this is no key of the type ecdsa-sha2-nistp256"),
        ("a,张三,ssh-dss AAAA", "DSA keys are too weak"),
        ('a,张三,"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl"', "this is a private key"),
    ],
)
def test_a_fault_is_told_by_its_line(tmp_path: Path, row: str, fault: str) -> None:
    told = faults(csv(tmp_path, "ok,好,", row))
    assert len(told) == 1
    assert told[0].startswith("line 3: ")
    assert fault in told[0]


def test_all_faults_at_once(tmp_path: Path) -> None:
    told = faults(
        csv(
            tmp_path,
            f"a,甲,{key(1)}",
            "B,乙,",
            f'c,"丙\n丁",{key(1)}',
            "a,戊,",
            "d,己,x",
            "e",
            f"f,庚,{key(1)} comment",
        )
    )
    assert [line.partition(":")[0] for line in told] == [f"line {n}" for n in (3, 4, 4, 6, 7, 8, 9)]
    assert "the key is already that of line 2: each student needs their own" in told[1]
    assert "the seat a is already that of line 2: give it another name" in told[3]
    assert "the key is already that of line 2" in told[6]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "line 1: there is no seat in it"),
        (b"\xef\xbb\xbf", "line 1: there is no seat in it"),
        (b"seat,name,key\n", "line 2: there is no seat in it"),
        (b"seat name key\na b\n", "separated by commas, and is 'seat name key'"),
        (b"\n\nSitz;Name;Key\n", "line 3: the first line must be `seat,name,key`, separated by commas, and is 'Sitz"),
        (b"a,b,\n", "line 1: the first line must be `seat,name,key`"),
        (b'seat,name,key\na,"b,\n', "line 2: this is no CSV (unexpected end of data)"),
        (b"seat,name,key\na," + b"b" * 200_000 + b",\n", "line 2: this is no CSV (field larger"),
    ],
)
def test_a_file_that_is_no_roster(tmp_path: Path, data: bytes, fault: str) -> None:
    path = tmp_path / "class.csv"
    path.write_bytes(data)
    assert fault in faults(path)[0]


def test_a_file_of_another_encoding_or_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"line 3 is not UTF-8: save it as 'CSV UTF-8"):
        roster.read(csv(tmp_path, "a,b,", "c,张三,", encoding="gbk"))
    for path, reason in ((tmp_path / "nothing.csv", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(LabError, match=reason):
            roster.read(path)


def test_more_seats_than_uids(tmp_path: Path) -> None:
    rows = [f"s{number},x," for number in range(len(roster.UIDS) + 1)]
    assert len(roster.read(csv(tmp_path, *rows[:-1]))) == len(roster.UIDS)
    assert "there are UIDs for 999 seats" in faults(csv(tmp_path, *rows))[0]


def test_a_uid_stays_with_its_seat_and_with_work_that_is_kept(tmp_path: Path) -> None:
    first = roster.read(csv(tmp_path, "a,甲,", "b,乙,", "c,丙,"))
    taken = {seat.login: seat.uid for seat in first}
    again = roster.read(csv(tmp_path, "new,新,", "c,丙,", "a,甲,"), taken)
    assert {seat.login: seat.uid for seat in again} == {"new": 20004, "c": 20003, "a": 20001}
    del taken["b"]  # its home is gone
    assert roster.read(csv(tmp_path, "new,新,", "c,丙,"), taken)[0].uid == 20002


def test_no_roster_is_the_three_seats_again_beside_work_that_is_kept() -> None:
    assert roster.read(roster.NONE) == list(DEFAULT)
    seats = roster.read(roster.NONE, {"zhang": 20001, "client2": 20005})
    assert [(seat.login, seat.uid) for seat in seats] == [("client1", 20002), ("client2", 20005), ("client3", 20003)]


def test_the_roster_in_force(tmp_path: Path, generated: Path) -> None:
    assert roster.current() == list(DEFAULT)
    seats = roster.read(csv(tmp_path, f"zhang,张三,{key(1)}"))
    roster.remember(seats)
    assert roster.current() == seats
    assert (generated / "roster.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in generated.iterdir()] == ["roster.json"], "nothing half-made is left"


def test_seeds(generated: Path) -> None:
    assert seeds.seed_of("client1") == "client1", "without a roster"
    roster.remember(DEFAULT)
    seed = seeds.seed_of("client1")
    assert len(seed) == 32
    assert int(seed, 16)
    assert seeds.seed_of("client1") == seed != seeds.seed_of("client2")
    assert (generated / "secret").stat().st_mode & 0o777 == 0o600
    (generated / "secret").write_text("another")
    assert seeds.seed_of("client1") != seed


def test_accounts_and_their_inode(generated: Path) -> None:
    """A file that is mounted into a container is the inode: a new one would not be seen there."""
    accounts.write([Seat("zhang", "张三: 甲,乙", "", 20007), Seat("li", "李四", "", 20008)])
    passwd = (generated / "etc" / "passwd").read_text().splitlines()
    assert passwd[0].startswith("root:*:0:0:")
    assert passwd[-2:] == [
        "zhang:*:20007:20007:张三  甲 乙:/home/zhang:/bin/bash",
        "li:*:20008:20008:李四:/home/li:/bin/bash",
    ]
    assert not any(line.startswith("client1:") for line in passwd)
    assert "chat:*:20000:" in (generated / "etc" / "group").read_text()
    before = (generated / "etc" / "passwd").stat().st_ino
    accounts.write([Seat("li", "李四", "", 20008)])
    assert (generated / "etc" / "passwd").stat().st_ino == before
    assert (generated / "etc" / "passwd").read_text().splitlines()[:-1] == passwd[:-2]


def test_accounts_that_do_not_fit_on_the_disk_are_not_taken_for_written(generated: Path) -> None:
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from lab.host.enrolment import accounts\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"  # what is over it is not written
        "accounts.FOLDER = Path(sys.argv[1])\n"
        "accounts.write([])\n"
    )
    done = run(sys.executable, "-c", program, str(generated))
    assert done.returncode == 1
    assert "OSError: [Errno 28] No space left on device" in done.stderr


def test_the_images_accounts_are_those_that_rosters_go_on_from() -> None:
    """Every UID and login there is once, the three seats are compose.yaml's, and no password is set."""
    rows = [line.split(":") for line in (ROOT / "images/base/passwd").read_text().splitlines()]
    assert [row[:4] for row in rows[-3:]] == [[f"client{n}", "*", f"2000{n}", f"2000{n}"] for n in (1, 2, 3)]
    assert len({row[0] for row in rows}) == len({row[2] for row in rows}) == len(rows)
    assert {row[1] for row in rows} == {"*"}


@pytest.mark.engine  # compose itself is asked what compose.yaml says, and what it makes of our file
def test_the_compose_file_of_a_class() -> None:
    seats = [Seat("zhang", "张三 costs $HOME", key(1), 20001), Seat("li", "李四", "", 20009)]
    roster.remember(seats)
    class_file.write(seats)
    shown = run(*compose.command(), "config", "--format", "json", LAB_PORT="2345", LAB_LANG="zh_CN.UTF-8")
    assert shown.returncode == 0, shown.stderr
    model = json.loads(shown.stdout)
    assert set(model["services"]) == {"server", "gate", "watch", "web", "zhang", "li"}
    assert model["services"]["gate"]["ports"][0]["published"] == "2345"
    assert not any("build" in service for service in model["services"].values())
    zhang = model["services"]["zhang"]
    assert zhang["user"] == "20001:20001"
    assert zhang["environment"] == {"LANG": "zh_CN.UTF-8", "LAB_SEED": seeds.seed_of("zhang")}
    assert zhang["labels"]["forklab.name"] == "张三 costs $$HOME"  # as `config` writes a dollar
    mounts = {mount["target"]: mount for mount in zhang["volumes"]}
    assert set(mounts) == {"/run/chat", "/run/board", "/run/doors", "/home/zhang", "/etc/passwd", "/etc/group"}
    assert mounts["/etc/passwd"]["read_only"]
    assert model["volumes"]["home-li"]["labels"] == {"forklab.seat": "li", "forklab.uid": "20009"}
    alone = json.loads(
        run(*compose.command()[:2], "-f", str(ROOT / "compose.yaml"), "config", "--format", "json").stdout
    )
    own = {"user", "hostname", "working_dir", "volumes", "environment", "labels", "build"}
    same = {name: value for name, value in alone["services"]["client1"].items() if name not in own}
    assert {name: value for name, value in zhang.items() if name not in own} == same, "its limits are compose.yaml's"


@pytest.mark.engine
def test_a_seat_is_the_same_whoever_else_is_in_the_class() -> None:
    """Compose makes a container anew if its service has changed: a neighbour's coming or going is no such change."""
    seats = [Seat(f"s{number}", f"学生{number}", "", 20000 + number) for number in range(1, 5)]
    roster.remember(seats)
    class_file.write(seats[:3])
    before = json.loads(compose.CLASS.read_text())["services"]
    class_file.write(seats[2:])
    after = json.loads(compose.CLASS.read_text())["services"]
    for name in ("s3", "server", "gate"):
        assert before[name] == after[name]


@pytest.mark.parametrize("kind", KINDS)
def test_real_keys(kind: str, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", *KINDS[kind], "-N", "", "-C", "我 @laptop", "-f", tmp_path / "k"], check=True)
    line = (tmp_path / "k.pub").read_text()
    assert public_key.parse(line) == " ".join(line.split()[:2])
    with pytest.raises(KeyFaultError, match="private key"):
        public_key.parse((tmp_path / "k").read_text())


def test_a_second_line_in_a_cell_lets_nobody_else_in(tmp_path: Path) -> None:
    """A cell may hold a newline; what stands behind it must not become a line of the gate's keys."""
    assert "a key begins with its type" in faults(csv(tmp_path, f'a,甲,"{key(1)}\nroot {key(2)}"', "b,乙,"))[0]
    seats = roster.read(csv(tmp_path, f'a,甲,"{key(1)} c\n{key(2)}"', "b,乙,"))
    assert keys.lines(seats, key(3)) == [f"a {key(1)}", f"a {key(2)}", f"a {key(3)}", f"b {key(3)}"]


def test_several_keys_of_one_student(tmp_path: Path) -> None:
    """One a line, separated by `;` or by a space, or in a second row of the seat: none is dropped."""
    both = f"{key(1)}\n{key(2)}"
    for rows in (
        [f"a,甲,{key(1)} home; {key(2)} laptop"],
        [f"a,甲,{key(1)};{key(2)};"],
        [f'a,甲,"{key(1)} home\r\n{key(2)} laptop\r\n"'],
        [f"a,甲,{key(1)} home {key(2)} laptop"],
        [f"a,甲,{key(1)}", "b,乙,", f"a,甲,{key(2)}"],
        [f"a,甲,{key(1)}", f"a,甲,{key(1)};{key(2)}"],
        ["a,甲,", f"a,甲,{both!r}".replace("'", '"').replace("\\n", "\n")],
    ):
        found = {seat.login: seat for seat in roster.read(csv(tmp_path, *rows))}
        assert found["a"].key == both
        assert found["a"].uid == 20001
    assert "a key begins with its type" in faults(csv(tmp_path, f"a,甲,{key(1)};hello"))[0]
    assert "the seat a is already that of line 2" in faults(csv(tmp_path, f"a,甲,{key(1)}", "a,甲,"))[0]
    assert "the key is already that of line 2" in faults(csv(tmp_path, f"a,甲,{key(1)}", f"b,乙,{key(2)};{key(1)}"))[0]


def putty(number: int, end: str = "\n") -> str:
    """Return a key as PuTTYgen's `Save public key` writes it."""
    body = key(number).split()[1]
    lines = ["---- BEGIN SSH2 PUBLIC KEY ----", 'Comment: ""ed25519-key-2026""', body[:64], body[64:]]
    return end.join([*lines, "---- END SSH2 PUBLIC KEY ----"])


def test_puttys_keys(tmp_path: Path) -> None:
    for cell in (putty(1), putty(1, "\r\n"), putty(1, " ")):
        assert roster.read(csv(tmp_path, f'a,甲,"{cell}"'))[0].key == key(1)
    assert roster.read(csv(tmp_path, f'a,甲,"{putty(1)}\n{key(2)}"'))[0].key == f"{key(1)}\n{key(2)}"
    cut = putty(1).replace(key(1).split()[1][64:], "")
    assert (
        "this is no key of the type" in faults(csv(tmp_path, f'a,甲,"{cut}"'))[0]
        or "cut" in faults(csv(tmp_path, f'a,甲,"{cut}"'))[0]
    )
    private = "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPublic-Lines: 2\nAAAA\nPrivate-Lines: 1\nAAAA"
    assert "it must be replaced: ssh-keygen" in faults(csv(tmp_path, f'a,甲,"{private}"'))[0]
    assert "PuTTYgen shows" in faults(csv(tmp_path, r"a,甲,C:\Users\zhang\id.ppk"))[0]


@pytest.mark.parametrize(
    "text",
    [
        "seat,name,key,,\nzhang,张三,{key},,\nli,李四,,,\n",
        "sep=,\nseat,name,key\nzhang,张三,{key}\nli,李四,\n",
        "sep=;\nseat;name;key\nzhang;张三;{key}\nli;李四;\n",
        '"sep=,"\r\n"seat","name","key"\r\n"zhang","张三","{key}"\r\n"li","李四",""\r\n',
        "\n,,\nseat,name,key\n\nzhang,张三,{key}\n,,\nli,李四,\n",
        ",,\nSeat , Name, KEY\n zhang , 张三\u3000,{key}\nli,李四,",
        "seat;name;key\nzhang;张三;{key}\nli;李四;\n;;\n",
        "seat\tname\tkey\nzhang\t张三\t{key}\nli\t李四\t\n",
        "seat，name，key\nzhang，张三，{key}\nli，李四，\n",
        "seat,name,key\nzhang，张三，{key}\nli;李四;\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_spreadsheets_leave_is_read_where_it_is_unambiguous(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "class.csv"
    path.write_bytes(text.replace("{key}", key(1)).encode(encoding))
    assert roster.read(path) == [Seat("zhang", "张三", key(1), 20001), Seat("li", "李四", "", 20002)]


def test_a_line_is_counted_as_an_editor_does(tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    path.write_text(f'sep=,\n\nseat,name,key\n"a","甲","{key(1)}\n{key(2)}"\n\nB,乙,\n', encoding="utf-8")
    assert faults(path)[0].startswith("line 7: 'B' is no seat")


def test_the_instructors_pair(generated: Path) -> None:
    public = keys.instructor()
    assert keys.instructor() == public, "made once"
    assert (generated / "instructor").stat().st_mode & 0o777 == 0o600
    derived = run("ssh-keygen", "-y", "-f", str(generated / "instructor"))
    assert derived.stdout.split()[:2] == public.split()[:2] == public_key.parse(public).split()


class Homes:
    """The engine's volumes, as far as who has which UID depends on them."""

    def __init__(self, **uids: int) -> None:
        self._labels = [{"forklab.seat": login, "forklab.uid": str(uid)} for login, uid in uids.items()]

    @property
    def volumes(self) -> "Homes":
        return self

    def list(self, filters: object) -> list[object]:
        assert filters
        return [type("Volume", (), {"attrs": {"Labels": labels}}) for labels in self._labels]


def test_a_home_keeps_its_uid_though_its_seat_and_even_the_roster_are_gone() -> None:
    assert enrol.taken(Homes(client1=20001, old=20005)) == {"client1": 20001, "old": 20005}  # type: ignore[arg-type]
    roster.remember([Seat("new", "新", "", 20002)])
    assert enrol.taken(Homes(old=20005)) == {"old": 20005, "new": 20002}  # type: ignore[arg-type]
    assert [sentence.split()[0] for sentence in enrol.left(Homes(old=20005, new=20002))] == ["old"]  # type: ignore[arg-type]


def test_faults_in_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    with pytest.raises(LabError) as caught:
        roster.read(csv(tmp_path, "root,x,", "a,,hello"))
    head, *told = str(caught.value).splitlines()
    assert head.endswith("名单有错误，因此未作任何改动：")
    assert [line.split("：")[0].strip() for line in told] == ["第 2 行", "第 3 行", "第 3 行"]
    assert "公钥以类型开头" in str(caught.value)


def test_make_lab_with_a_bad_roster_does_nothing(tmp_path: Path) -> None:
    fab = str(Path(sys.prefix, "bin", "fab"))
    path = csv(tmp_path, "root,x,", "a,,")
    done = run(fab, "-r", "lab", "lab", "--roster", str(path), COMPOSE_PROJECT_NAME="forklab-nowhere")
    assert done.returncode == 2
    assert "line 2: the seat cannot be named root" in done.stderr
    assert "line 3: the name is empty" in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
