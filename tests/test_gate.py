"""A class from a roster, and the ways into its seats: what SSH through the gate lets through, and what it does not."""

import hashlib
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.host.enrolment.seeds import seed_of
from tests.class_lab import ClassLab, class_lab, project_name, terminal_environment
from tests.clone import run
from tests.eventually import eventually
from tests.window import Window

PROJECT = project_name("gate")

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassLab]:
    """Three students: two with keys, one without."""
    with class_lab(tmp_path_factory.mktemp("class"), PROJECT) as found:
        said = found.up(*students(found))
        assert "server, gate, li, wang, zhang are healthy" in said
        assert f"ssh -p {found.port} zhang@" in said
        yield found


def students(lab: ClassLab) -> list[tuple[str, str, str]]:
    return [("zhang", "张三", lab.key("zhang")), ("li", "李四", lab.key("li")), ("wang", "王$HOME: 五", "")]


def window(lab: ClassLab, seat: str, *command: str) -> Window:
    """Open a terminal of ours, in which ssh logs in to a seat."""
    return Window(lab.ssh(seat, *command, options=["-t"]), terminal_environment())


def test_a_seat_is_its_student(lab: ClassLab) -> None:
    status, out, errors = lab.run("zhang", "id -un; id -u; pwd; hostname; umask; echo $LANG $HOME $USER $SHELL; exit 7")
    assert status == 7
    assert out.splitlines() == ["zhang", "20001", "/home/zhang", "zhang", "0022", "C.UTF-8 /home/zhang zhang /bin/bash"]
    assert errors == "", "no `Could not chdir to home directory`"
    assert lab.run("li", "ls -lnd ~ ~/.bashrc")[1].split()[0:4] == ["drwx------", "2", "20002", "20002"]


def test_every_container_knows_everybody(lab: ClassLab) -> None:
    for service in ("zhang", "li", "server", "gate"):
        said = run("docker", "exec", lab.container(service), "getent", "passwd", "20001", "wang").stdout.splitlines()
        assert said == [
            "zhang:*:20001:20001:张三:/home/zhang:/bin/bash",
            "wang:*:20003:20003:王$HOME  五:/home/wang:/bin/bash",
        ]
        assert run("docker", "exec", lab.container(service), "getent", "passwd", "client1").stdout == ""
    assert lab.inspect("wang")["Config"]["Labels"]["forklab.name"] == "王$HOME: 五"


def test_a_door_has_the_name_of_its_seat(lab: ClassLab) -> None:
    """A link by the seat's login, to a socket that is the student's alone; a neighbour gets no further than that."""
    look = "stat -L -c '%F %a %U' /run/doors/zhang.sock"
    assert lab.run("zhang", look)[:2] == (0, "socket 600 zhang\n")
    code, _, said = lab.run("li", look)
    assert code == 1
    assert "Permission denied" in said


def test_the_seed_of_a_seat(lab: ClassLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.host.enrolment.seeds.SECRET", lab.folder / ".lab" / "secret")
    monkeypatch.setattr("lab.host.enrolment.roster.REMEMBERED", lab.folder / ".lab" / "roster.json")
    seeds = [lab.run(seat, "echo $LAB_SEED")[1].strip() for seat in ("zhang", "li")]
    assert seeds == [seed_of("zhang"), seed_of("li")]
    assert seeds[0] != seeds[1]
    secret = (lab.folder / ".lab" / "secret").read_text()
    assert secret not in run("docker", "inspect", lab.container("zhang")).stdout


@pytest.mark.parametrize(
    ("command", "status"), [("true", 0), ("exit 255", 255), ("kill -TERM $$", 143), ("nonsense", 127)]
)
def test_exit_statuses(lab: ClassLab, command: str, status: int) -> None:
    assert lab.run("zhang", command)[0] == status


def test_a_megabyte_each_way_is_intact(lab: ClassLab) -> None:
    blob = os.urandom(1 << 20)
    done = subprocess.run(lab.ssh("zhang", "tee copy"), input=blob, capture_output=True, check=True, timeout=90)
    assert done.stdout == blob
    assert lab.run("zhang", "sha256sum < copy")[1].split()[0] == hashlib.sha256(blob).hexdigest()


def test_the_tree_is_clean_by_either_way_in(lab: ClassLab) -> None:
    """PID 1, the door, and what the student has started; with ssh, the shell is the door's child. No zombie."""
    tree = [["/sbin/docker-init", "--", "door"], ["door"]]
    ps = "ps -eo pid,ppid,stat,user,args --no-headers --sort start_time"
    for words in (
        lab.ssh("zhang", f"{ps}; :"),
        ["docker", "exec", lab.container("zhang"), "bash", "-c", f"{ps}; :"],
        lab.ssh("zhang", f"{ps}; :"),  # once more: the first has left nothing
    ):
        rows = [
            row.split(maxsplit=4) for row in subprocess.run(words, capture_output=True, text=True).stdout.splitlines()
        ]
        assert [row[4].split() for row in rows[:2]] == tree
        assert [row[4].split()[0] for row in rows[2:]] == ["bash", "ps"], rows
        assert not any("Z" in row[2] for row in rows)
        assert {row[3] for row in rows} == {"zhang"}
        if words[0] == "ssh":
            assert rows[2][1] == rows[1][0], "the shell's parent is the door"


def test_a_terminal_that_resizes(lab: ClassLab) -> None:
    terminal = window(lab, "zhang")
    assert len(terminal.sees("$ ").splitlines()) <= 24, "the welcome and the prompt fit one screen"
    terminal.resize(40, 123)
    terminal.type("PS1='$ '; stty size; tty; echo $TERM; ps -o args= -p $$\n")
    terminal.sees("40 123")
    terminal.sees("/dev/pts/0")
    terminal.sees("xterm-256color")
    terminal.sees("bash --login")
    program = (
        "import os, signal\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])\n"  # kept, however early it comes
        "print('waiting', flush=True)\n"
        "signal.sigwait([signal.SIGWINCH])\n"
        "print('now', *os.get_terminal_size())\n"
    )
    assert lab.run("zhang", "cat > size.py", given=program.encode())[0] == 0
    terminal.type("python3 size.py\n")
    terminal.sees("waiting")
    terminal.resize(21, 81)
    terminal.sees("now 81 21")
    terminal.type("echo 张三; exit 9\n")
    assert terminal.ends() == 9
    assert "张三" in terminal.shown


@pytest.mark.parametrize("kind", ["xterm-ghostty", "xterm-kitty", "alacritty", "foot", "wezterm", "of-tomorrow"])
def test_an_editor_opens_in_the_terminals_of_today(lab: ClassLab, kind: str) -> None:
    """As a command, which reads no profile; a terminal that nobody knows yet is taken for the usual one."""
    terminal = Window(lab.ssh("zhang", "nano x; echo $TERM", options=["-t"]), {**terminal_environment(), "TERM": kind})
    terminal.sees("GNU nano")
    terminal.type("\x18")
    terminal.sees("xterm-256color" if kind == "of-tomorrow" else kind)
    assert terminal.ends() == 0


def test_a_students_python_settings_break_nothing_of_the_labs(lab: ClassLab) -> None:
    settings = "PYTHONPATH=$HOME/work PYTHONHOME=/nowhere PYTHONINSPECT=1 PYTHONWARNINGS=error PYTHONMALLOC=nonsense"
    script = f"""
        mkdir -p work; cd work
        for module in socket random json; do echo 'raise SystemExit("not the lab")' > $module.py; done
        export {settings}
        lab list | grep -c zombie; lab demo fork | grep -c pid=; echo hi | chat 张三
        lab trace sh -c 'echo $PYTHONMALLOC' | head -1
        printf '#!/bin/sh\nenv | grep -c ^PYTHON > seen' > zombie; chmod +x zombie
        lab check zombie > /dev/null; cat seen
        sudo -n nice --9 nice
        rm socket.py random.py json.py zombie seen
    """
    status, out, errors = lab.run("zhang", script)
    assert (status, out.splitlines()) == (0, ["1", "3", "* welcome 张三, 1 online", "nonsense", "5", "-9"]), errors


def test_job_control_and_ctrl_c(lab: ClassLab) -> None:
    terminal = window(lab, "li")
    terminal.type("sleep 1000\n")
    state = "ps -o stat= -C sleep"
    eventually(lambda: lab.run("li", state)[1].strip() == "S+")
    terminal.type("\x1a")
    terminal.sees("Stopped")
    terminal.type("fg\n")
    eventually(lambda: lab.run("li", state)[1].strip() == "S+")
    terminal.type("\x03")
    eventually(lambda: lab.run("li", state)[1] == "")
    terminal.type("echo status=$?\n")
    terminal.sees("status=130")
    terminal.type("exit\n")
    assert terminal.ends() == 0


def test_a_client_that_is_gone_takes_its_session_with_it(lab: ClassLab) -> None:
    terminal = window(lab, "li", "sleep 1234")
    process = subprocess.Popen(lab.ssh("li", "sleep 1234"), stdin=subprocess.PIPE)
    count = "pgrep -c -x sleep"
    eventually(lambda: lab.run("li", count)[1] == "2\n")
    terminal.kill()
    process.kill()
    process.wait()
    eventually(lambda: lab.run("li", count)[1] == "0\n")


def test_a_language_that_a_seat_has_comes_along(lab: ClassLab) -> None:
    options = ["-o", "SetEnv=LANG=zh_CN.UTF-8"]
    done = subprocess.run(
        lab.ssh("zhang", "chat < /dev/null", options=options), capture_output=True, text=True, check=False
    )
    assert "名字" in done.stdout + done.stderr
    options = ["-o", "SetEnv=LC_ALL=xx_XX.UTF-8 LC_CTYPE=UTF-8 LANG=en_US.UTF-8"]
    done = subprocess.run(lab.ssh("zhang", "locale", options=options), capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert "LANG=C.UTF-8\n" in done.stdout, "English, in the locale that a seat has"


@pytest.mark.parametrize("program", ["scp", "scp -O", "sftp"])
def test_files_go_both_ways(lab: ClassLab, program: str, tmp_path: Path) -> None:
    there, back = tmp_path / "作业 一.txt", tmp_path / "back"
    there.write_bytes("你好\n".encode() + os.urandom(300_000))
    name, *more = program.split()
    options = [name, *more, *lab.options("zhang"), "-P", str(lab.port)]
    if name == "scp":
        steps = [[*options, str(there), "zhang@127.0.0.1:"], [*options, "zhang@127.0.0.1:作业*", str(back)]]
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
    else:
        batch = f'put "{there}"\nget "作业 一.txt" "{back}"\nrm "作业 一.txt"\n'
        done = subprocess.run(
            [*options, "-b", "-", "zhang@127.0.0.1"], input=batch, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert back.read_bytes() == there.read_bytes()


def test_nothing_is_forwarded(lab: ClassLab, tmp_path: Path) -> None:
    """Neither a port nor a socket, in either direction, nor the agent, nor a display."""
    local = tmp_path / "local.sock"
    tunnels = {
        "-L": f"{local}:127.0.0.1:2222",
        "-R": f"45678:127.0.0.1:{lab.port}",
    }
    for option, value in tunnels.items():
        strict = ["-o", "LogLevel=INFO", "-o", "ExitOnForwardFailure=yes", option, value]
        process = subprocess.Popen(
            lab.ssh("zhang", "echo in; read line", options=strict),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        if option == "-L":  # the client listens whatever the server thinks; asked to connect, the server refuses
            assert process.stdout
            assert process.stdout.readline() == b"in\n"
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(local))
                assert probe.recv(1) == b""
        out, errors = process.communicate(b"\n", timeout=60)
        assert re.search(b"prohibited|forwarding failed", errors), (option, out, errors)
    agent = run("ssh-agent", "-s").stdout
    socket_path, pid = re.findall(r"(?:SOCK|PID)=([^;]+)", agent)
    try:
        words = lab.ssh("zhang", "echo agent=$SSH_AUTH_SOCK display=$DISPLAY", options=["-A", "-X"])
        done = subprocess.run(
            words,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "SSH_AUTH_SOCK": socket_path, "DISPLAY": ":0"},
        )
        assert done.stdout == "agent= display=\n"
    finally:
        os.kill(int(pid), 15)
    done = subprocess.run(
        lab.ssh("zhang", options=["-W", "127.0.0.1:2222"]),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "stdio forwarding failed" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("seat", "key"),
    [
        ("zhang", "li"),  # a neighbour's
        ("wang", "li"),  # nobody's: only the instructor comes in
        ("root", "zhang"),
        ("chat", "zhang"),
        ("sshd", "zhang"),
        ("client1", "zhang"),  # of the default lab, and not of this roster
        ("nobody", "zhang"),
        ("root", ".lab/instructor"),
        ("gate", ".lab/instructor"),
        ("zhang", "stranger"),
    ],
)
def test_who_is_not_let_in(lab: ClassLab, seat: str, key: str) -> None:
    if key == "stranger":
        lab.key("stranger")
    status, out, errors = lab.run(seat, "echo in", key=key)
    assert (status, out) == (255, "")
    assert "Permission denied (publickey)" in errors


def test_no_password_is_even_asked_for(lab: ClassLab) -> None:
    options = ["-o", "PubkeyAuthentication=no", "-o", "PreferredAuthentications=password,keyboard-interactive,none"]
    done = subprocess.run(lab.ssh("zhang", options=options), capture_output=True, text=True, check=False)
    assert done.returncode == 255
    assert "Permission denied (publickey)." in done.stderr


def test_the_instructor_is_let_in_everywhere(lab: ClassLab) -> None:
    for seat in ("zhang", "li", "wang"):
        assert lab.run(seat, "id -un", key=".lab/instructor")[1] == f"{seat}\n"


def test_one_students_login_reaches_one_seat_only(lab: ClassLab) -> None:
    """The file system says so to the student's UID, in the gate as in the seats: no other door can be touched."""
    attempt = (
        "import os, socket, sys\n"
        "def tried(call, *words):\n"
        "    try: return call(*words) or 'done'\n"
        "    except OSError as error: return error.strerror\n"
        "caller = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
        "other = '/run/doors/20002'\n"
        "print(tried(caller.connect, other + '/door.sock'), tried(os.unlink, other + '/door.sock'), sep='|', end='|')\n"
        "print(tried(os.listdir, other), tried(os.rename, other, '/run/doors/x'), sep='|', end='|')\n"
        "print(tried(os.mkdir, '/run/doors/29999'), tried(os.rmdir, '/run/doors/20900'), sep='|', end='|')\n"
        "print(tried(os.chmod, '/run/doors', 0o777))\n"
    )
    wanted = "|".join(["Permission denied"] * 6 + ["Operation not permitted"])
    assert lab.run("zhang", "python3", "-", given=attempt.encode())[1].strip() == wanted
    there = ["docker", "exec", "--interactive", "--user", "20001:20001", lab.container("gate"), "python3", "-"]
    done = subprocess.run(there, input=attempt, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == wanted


def test_the_gate_gives_no_shell_of_its_own(lab: ClassLab) -> None:
    """Whatever is asked for, the session is in the seat; what the client's environment says changes nothing."""
    options = ["-o", "SetEnv=LC_X='() { :; }; touch /tmp/x' BASH_ENV=/x PYTHONPATH=/x LD_PRELOAD=/x"]
    done = subprocess.run(
        lab.ssh("zhang", "hostname; env | grep -cE 'BASH_ENV|PYTHONPATH|LD_PRELOAD|LC_X'", options=options),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "zhang\n0\n"
    done = subprocess.run(lab.ssh("zhang", "nonsense", options=["-s"]), capture_output=True, text=True, check=False)
    assert "subsystem request failed" in done.stderr


def test_the_gate_is_confined(lab: ClassLab) -> None:
    held = lab.inspect("gate")["HostConfig"]
    assert held["ReadonlyRootfs"]
    assert not held["Privileged"]
    assert held["CapDrop"] == ["ALL"]
    for service in ("zhang", "server"):
        assert lab.inspect(service)["HostConfig"]["NetworkMode"] == "none"
    assert run("docker", "exec", lab.container("gate"), "touch", "/etc/x").returncode != 0


def test_a_seat_that_is_down_says_so_and_is_reached_again(lab: ClassLab) -> None:
    run("docker", "stop", "--time", "1", lab.container("li"))
    status, _, errors = lab.run("li", "true")
    assert status == 255
    en, zh = errors.splitlines()
    assert en.startswith("forklab: li: the seat is not running: try again in a moment, or ask your teacher")
    assert zh.startswith("forklab：li：座位没有运行")
    run("docker", "start", lab.container("li"))
    eventually(lambda: lab.run("li", "echo back")[1] == "back\n", every=0.2)


def test_an_agent_with_many_keys_comes_in_with_the_last(lab: ClassLab, tmp_path: Path) -> None:
    """ssh offers each key of the agent, and each that is refused is a try."""
    socket = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        eventually(socket.exists)
        for number in range(12):
            lab.key(f"other{number}")
        keys = [*(f"other{number}" for number in range(12)), "zhang"]
        added = run("ssh-add", "-q", *(str(lab.folder / f"{key}.key") for key in keys), SSH_AUTH_SOCK=str(socket))
        assert added.returncode == 0, added.stderr
        words = ["ssh", "-F", "/dev/null", "-p", str(lab.port), "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"]
        words += ["-o", f"UserKnownHostsFile={lab.known_hosts}", "-o", "StrictHostKeyChecking=accept-new"]
        found = run(*words, "zhang@127.0.0.1", "id -un", SSH_AUTH_SOCK=str(socket), HOME=str(tmp_path))
        assert (found.returncode, found.stdout) == (0, "zhang\n"), found.stderr
    finally:
        agent.kill()
        agent.wait()


def test_a_seat_whose_door_is_killed_comes_back(lab: ClassLab) -> None:
    before = lab.identity("li")
    lab.run("li", "echo kept > ~/work; kill -KILL $(pgrep -x door)")
    eventually(lambda: lab.run("li", "cat ~/work")[1] == "kept\n", every=0.2)
    after = lab.identity("li")
    assert (after[0], after[1] != before[1]) == (before[0], True)


@pytest.mark.parametrize("how", ["restart", "kill"])
def test_the_gate_comes_back_with_the_same_key_and_no_seat_notices(lab: ClassLab, how: str) -> None:
    assert lab.run("zhang", "true")[0] == 0
    known, seats = lab.known_hosts.read_text(), [lab.identity(seat) for seat in ("zhang", "li")]
    before = lab.identity("gate")
    if how == "restart":
        run("docker", "restart", "--time", "1", lab.container("gate"))
    else:
        run("docker", "exec", lab.container("gate"), "sh", "-c", "kill -KILL $(pgrep -o -x sshd)")
    eventually(lambda: lab.identity("gate") != before)
    eventually(lambda: lab.run("zhang", "echo back")[1] == "back\n", every=0.2)
    assert lab.known_hosts.read_text() == known
    assert [lab.identity(seat) for seat in ("zhang", "li")] == seats


def test_twenty_logins_at_once(lab: ClassLab) -> None:
    began = time.monotonic()
    logins = [
        subprocess.Popen(
            lab.ssh("zhang" if number % 2 else "li", f"echo {number}; read line"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for number in range(20)
    ]
    for number, login in enumerate(logins):
        assert login.stdout
        assert login.stdout.readline() == f"{number}\n".encode()
    for login in logins:  # all of them are in at this moment
        login.communicate(b"\n", timeout=60)
        assert login.returncode == 0
    print(f"20 logins at once: {time.monotonic() - began:.1f} s")


def test_a_full_seat_says_so_by_ssh(lab: ClassLab) -> None:
    """The door cannot fork; what the student can do is said."""
    bomb = (
        "import os, time\ntry:\n    while os.fork(): pass\n"
        "except OSError:\n    print('full', flush=True)\ntime.sleep(1000)\n"
    )
    process = subprocess.Popen(lab.ssh("li", "python3", "-"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    process.stdin.write(bomb.encode())
    process.stdin.close()
    assert process.stdout.readline() == b"full\n"
    status, _, errors = lab.run("li", "true")
    assert status == 255
    assert "no room for another process: end some from a shell that is still open" in errors
    assert "座位的进程数已达上限" in errors
    assert lab.run("zhang", "true")[0] == 0
    process.kill()  # ssh is gone: the session is hung up, its children with it
    process.wait()
    eventually(lambda: lab.run("li", "true")[0] == 0)


def test_one_student_does_not_take_all_logins(lab: ClassLab) -> None:
    """What the kernel counts is all of the student's processes; a full seat leaves room for a few logins."""
    script = "for n in $(seq 100); do sleep 1000 & done; echo full; wait"
    logins = [subprocess.Popen(lab.ssh("li", script), stdin=subprocess.PIPE, stdout=subprocess.PIPE)]
    try:
        assert logins[0].stdout
        assert logins[0].stdout.readline() == b"full\n"
        refused = None
        while not refused:
            assert len(logins) < 100, "so many logins were let in"
            words = lab.ssh("li", "echo in; read line")
            login = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            logins.append(login)
            assert login.stdout
            refused = login if login.stdout.readline() != b"in\n" else None
        assert len(logins) > 10
        assert lab.run("zhang", "echo in")[1] == "in\n"
    finally:
        for login in logins:
            login.kill()
            login.communicate()
    eventually(lambda: lab.run("li", "echo in")[1] == "in\n")


def test_students_come_and_go_while_the_others_work(lab: ClassLab) -> None:
    """Kept seats are not touched, a removed one's work is kept, and is its own again when it comes back."""
    kept = ("server", "gate", "zhang", "wang")
    lab.run("li", "echo 作业 > ~/work")
    working = subprocess.Popen(
        lab.ssh("zhang", "read line; echo still here"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    before = [lab.identity(service) for service in kept]
    zhang, li, wang = students(lab)

    said = lab.up(("zhao", "赵六", lab.key("zhao")), zhang, wang)
    volume = f"{PROJECT}_home-li"
    assert f"li is not in the roster; the work is kept in the volume {volume} until make clean" in said
    assert lab.container("li") == ""
    assert lab.run("zhao", "id -u; getent passwd zhang | cut -d: -f5")[1] == "20004\n张三\n", "20002 is still li's"
    assert lab.run("zhang", "getent passwd zhao | cut -d: -f5; getent passwd li | wc -l")[1] == "赵六\n0\n"
    assert "Permission denied" in lab.run("li", "true")[2]
    assert run("docker", "exec", lab.container("server"), "id", "-un", "20004").stdout == "zhao\n"

    assert "not in the roster" in lab.up(zhang, li, wang)  # zhao's work is kept now
    assert lab.run("li", "id -u; cat ~/work")[1] == "20002\n作业\n"
    assert [lab.identity(service) for service in kept] == before
    out, _ = working.communicate(b"\n", timeout=60)
    assert out == b"still here\n"


def test_the_roster_stays_in_force(lab: ClassLab) -> None:
    before = {service: lab.identity(service) for service in ("server", "gate", "zhang", "li", "wang")}
    done = lab.fab("lab")
    assert done.returncode == 0, done.stderr
    assert {service: lab.identity(service) for service in before} == before


def test_back_to_the_three_seats_and_to_the_class(lab: ClassLab) -> None:
    """No UID is two seats', and the class's work is kept meanwhile."""
    lab.run("li", "echo 作业 > ~/work")
    server = lab.identity("server")
    done = lab.fab("lab", "--roster", "none")
    assert done.returncode == 0, done.stderr
    assert "server, gate, client1, client2, client3 are healthy" in done.stdout
    assert "li is not in the roster; the work is kept" in done.stdout
    assert lab.container("li") == ""
    login, uid, owner = lab.run("client1", "id -un; id -u; stat -c %u ~", key=".lab/instructor")[1].split()
    assert (login, owner) == ("client1", uid)
    assert uid not in ("20001", "20002", "20003"), "whose work is kept"
    lab.up(*students(lab))
    assert lab.run("li", "id -u; cat ~/work")[1] == "20002\n作业\n"
    assert lab.container("client1") == ""
    assert lab.identity("server") == server, "nobody's chat was interrupted"


def test_a_bad_roster_changes_nothing(lab: ClassLab) -> None:
    before = lab.identity("zhang")
    (lab.folder / "bad.csv").write_text("seat,name,key\nroot,x,\nzhang,,\n")
    done = lab.fab("lab", "--roster", "bad.csv")
    assert done.returncode == 2
    assert done.stderr.count("line ") == 2
    assert lab.identity("zhang") == before
    assert "zhang" in (lab.folder / ".lab" / "roster.json").read_text()
