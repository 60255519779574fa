"""The same in all seats at once, over SSH through the gate; and who is at work, as `make status` shows it."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest
from rich.cells import cell_len

from lab.host import execution
from lab.host.bringup.images import PREFIX
from tests.class_lab import ClassLab, class_lab, project_name
from tests.clone import run
from tests.engine_relay import relayed
from tests.eventually import PATIENCE, eventually

PROJECT = project_name("classroom")
STUDENTS = {"zhang": "张三", "li": "李四", "a-very-long-login-of-31-letters": "Wolfeschlegelsteinhausenbergerdorff"}
LONG = "a-very-long-login-of-31-letters"

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassLab]:
    with class_lab(tmp_path_factory.mktemp("clone"), PROJECT) as found:
        found.up(*((seat, name, "") for seat, name in STUDENTS.items()))
        yield found


def answers(lab: ClassLab, *words: str) -> dict[str, tuple[int | None, str, str]]:
    done = lab.fab(*words, "--as-json")
    assert done.returncode in (0, 1, 2), done.stderr
    assert done.stderr == ""
    return {row["seat"]: (row["code"], row["output"], row["error"]) for row in json.loads(done.stdout)}


@contextmanager
def stopped(lab: ClassLab, seat: str, how: str = "stop", back: str = "start") -> Iterator[None]:
    lab.halt(seat, how)
    try:
        yield
    finally:
        run("docker", back, lab.container(seat))
        eventually(lambda: lab.fab("run", "--cmd", "true", "--seats", seat).returncode == 0)


def test_in_all_seats_at_once(lab: ClassLab) -> None:
    found = answers(lab, "run", "--cmd", "id -un; echo 你好 >&2; cat")
    assert found == {seat: (0, f"{seat}\n你好\n", "") for seat in STUDENTS}
    done = lab.fab("run", "--cmd", "pwd")
    assert done.returncode == 0
    assert f"zhang{' ' * 26} │ /home/zhang\n" in done.stdout
    assert done.stdout.endswith("3 of 3 seats did it\n")


def test_make_passes_on_what_was_typed(lab: ClassLab) -> None:
    said = lab.done("run", """CMD=for i in 1 2; do echo "$i $HOME 'it'"; done""", "SEATS=li")
    assert said == "li │ 1 /home/li 'it'\nli │ 2 /home/li 'it'\n1 of 1 seat did it\n"


def test_a_gate_whose_host_key_is_not_written_yet_is_told_of(lab: ClassLab) -> None:
    """Not the seats: none of them is at fault, and none was asked."""
    key = "/var/lib/gate/host_key.pub"
    lab.execute("gate", f"cp -p {key} {key}.kept; : > {key}")
    done = lab.fab("run", "--cmd", "true")
    lab.execute("gate", f"mv {key}.kept {key}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "The gate has no host key yet: try again." in done.stderr
    assert answers(lab, "run", "--cmd", "id -un")["li"] == (0, "li\n", "")


def test_an_answer_that_comes_with_the_head_of_the_engines_is_whole(tmp_path: Path) -> None:
    """As on a busy machine: docker's own readers lose it."""
    script = "head -c 100000 /dev/zero | tr '\\0' x; echo no >&2; exit 3"
    container = docker.from_env().containers.run(f"{PREFIX}/seat", ["sleep", "97"], detach=True, remove=True, init=True)
    try:
        with relayed(tmp_path, late=0.5) as (_, engine), closing(docker.DockerClient(engine)) as client:
            found = execution.run(client.containers.get(container.id or ""), ["sh", "-c", script])
            assert (found.code, len(found.output), found.errors) == (3, 100_000, b"no\n")
    finally:
        container.remove(force=True)


def test_exit_codes_of_each(lab: ClassLab) -> None:
    done = lab.fab("run", "--cmd", "[ $(id -un) != li ] || exit 7")
    assert done.returncode == 1
    assert "✗ 李四 exit status 7" in done.stdout
    assert "2 of 3 seats did it" in done.stdout


@pytest.mark.parametrize(
    ("how", "back", "why"),
    [
        ("stop", "start", "the seat is not running"),
        ("pause", "unpause", "not done after 10 s"),
    ],
)
def test_a_dead_seat_hides_nobody(lab: ClassLab, how: str, back: str, why: str, tmp_path: Path) -> None:
    with stopped(lab, "li", how, back):
        done = lab.fab("run", "--cmd", "echo here", "--seconds", "10")
        assert done.returncode == 2, (done.stdout, lab.inspect("li")["State"])
        assert done.stdout.count("│ here") == 2
        assert "li" in next(line for line in done.stdout.splitlines() if why in line)
        if how == "stop":
            (tmp_path / "task").write_text("x")
            said = lab.fab("put", "--file", f"{tmp_path}/task").stdout
            assert said.count("│ task, 1 B") == 2
            assert "✗ 李四 the seat is not running" in said


def test_a_commands_own_255_is_its_answer(lab: ClassLab) -> None:
    assert answers(lab, "run", "--cmd", "echo said; exit 255", "--seats", "li") == {"li": (255, "said\n", "")}


def test_a_program_that_looks_like_the_gate_breaks_nothing(lab: ClassLab) -> None:
    found = answers(lab, "run", "--cmd", "printf 'forklab: li: gone'; exit 255", "--seats", "li")
    assert found == {"li": (None, "", "forklab: li: gone")}


def test_ctrl_c_ends_what_runs_in_the_seats(lab: ClassLab) -> None:
    def sleepers() -> int:
        return sum("sleep" in lab.execute(seat, "ps -eo comm") for seat in STUDENTS)

    with lab.begun("run", "CMD=sleep 1000", "SECONDS=1000") as process:
        eventually(lambda: sleepers() == len(STUDENTS))
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(PATIENCE) == -signal.SIGINT
    eventually(lambda: not sleepers())


def test_output_has_an_end_and_drives_no_terminal(lab: ClassLab) -> None:
    found = answers(lab, "run", "--cmd", "yes", "--seats", "li")
    assert found["li"][0] is None
    assert len(found["li"][1]) == 2**16
    assert found["li"][2] == "it printed more than 64 KiB, and was ended"
    eventually(lambda: "yes" not in lab.execute("li", "ps -eo comm"))
    said = lab.done("run", r"CMD=printf '\033[2J\233x\n'", "SEATS=li")
    assert said.splitlines()[0] == "li │ ·[2J�x"


def test_a_file_to_all_and_from_all(lab: ClassLab, tmp_path: Path) -> None:
    task = tmp_path / "作业 一.py"
    task.write_text("#!/usr/bin/python3\nprint('你好')\n")
    task.chmod(0o755)
    lab.done("put", f"FILE={task}")
    assert answers(lab, "run", "--cmd", "./作业*.py; stat -c %U:%a 作业*") == {
        seat: (0, f"你好\n{seat}:755\n", "") for seat in STUDENTS
    }
    lab.execute("zhang", "mkdir -p 文件夹")
    lab.done("put", f"FILE={task}", "TO=文件夹", "SEATS=zhang")
    assert lab.execute("zhang", "ls 文件夹") == "作业 一.py\n"
    lab.execute("li", "rm 作业*; echo 答案 > '作业 一.py'")
    lab.done("get", "FILE=作业 一.py", f"TO={tmp_path}/收")
    assert {path.parent.name: path.read_text() for path in (tmp_path / "收").rglob("*.py")} == {
        seat: "答案\n" if seat == "li" else task.read_text() for seat in STUDENTS
    }


def test_what_cannot_be_fetched_is_said_for_each(lab: ClassLab, tmp_path: Path) -> None:
    lab.execute("zhang", "mkfifo thing")
    lab.execute("li", "truncate -s 200M thing")
    done = lab.fab("get", "--file", "thing", "--to", f"{tmp_path}/got")
    assert done.returncode == 2
    assert "✗ 张三 thing is no file" in done.stdout
    assert "✗ 李四 thing has 200 MiB, over the 100 MiB that are fetched" in done.stdout
    assert "there is no such file or folder" in done.stdout
    missing = "there is no folder work/no in the home: TO=…"
    for to, why in (("/etc/x", "cannot read or write there"), ("work/no/x", missing)):
        assert why in lab.fab("put", "--file", "README.md", "--to", to, "--seats", "li").stdout
    assert list(tmp_path.rglob("thing*")) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("run",), "Which command? CMD='…'"),
        (("run", "CMD=true", "SEATS=nobody"), "There is no seat named 'nobody'; the seats are zhang, li, a-very-"),
        (("run", "CMD=true", "SECONDS=-1s"), "SECONDS=-1s is no number of seconds."),
        (("put",), "Which file? FILE=…"),
        (("put", "FILE=nothing"), "There is no file 'nothing' here"),
        (("get",), "Which file? FILE=…"),
        (("say",), "Say what? TEXT=…"),
        (("run", "CMD=true", "GATE=nowhere.invalid", "SEATS=li", "KEY=nothing"), "nothing is not here"),
    ],
)
def test_a_mistake_gets_a_sentence(lab: ClassLab, words: tuple[str, ...], sentence: str) -> None:
    assert sentence in lab.refused(*words)


def test_from_another_machine(lab: ClassLab, tmp_path: Path) -> None:
    """No engine is there and no .lab: only a key, the gate's address, and its known host key."""
    key = tmp_path / "key"
    key.write_bytes((lab.folder / ".lab" / "instructor").read_bytes())
    key.chmod(0o600)
    away = {"HOME": str(tmp_path), "DOCKER_HOST": "unix:///nothing.sock", "SSH_AUTH_SOCK": ""}
    words = ["run", "--cmd", "id -un", "--gate", f"127.0.0.1:{lab.port}", "--key", str(key)]
    (tmp_path / ".ssh").mkdir()
    known = tmp_path / ".ssh" / "known_hosts"
    assert "Which seats? SEATS=client1,client2 or ROSTER=class.csv" in visited(lab, words, away, known, trusted(lab), 2)
    words += ["--seats", "zhang,li"]
    said = visited(lab, words, away, known, trusted(lab), 0)
    assert said == "zhang │ zhang\nli    │ li\n2 of 2 seats did it\n"
    assert "does not know the gate" in visited(lab, words, away, known, "", 2)
    other = trusted(lab).split()
    other[2] = "AAAAC3NzaC1lZDI1NTE5AAAAIA" + "A" * 42
    assert "does not match" in visited(lab, words, away, known, " ".join(other) + "\n", 2)


def visited(lab: ClassLab, words: list[str], away: dict[str, str], known: Path, hosts: str, code: int) -> str:
    """Return what a task says to somebody whose known_hosts has these lines."""
    known.write_text(hosts)
    done = lab.fab(*words, **away)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def trusted(lab: ClassLab) -> str:
    """Return the gate's host key as known_hosts has it."""
    lab.fab("run", "--cmd", "true", "--seats", "li")
    return (lab.folder / ".lab" / "known_hosts").read_text()


def test_the_gates_key_is_the_gates(lab: ClassLab) -> None:
    gate = run(
        "docker",
        "ps",
        "--quiet",
        f"--filter=label=com.docker.compose.project={PROJECT}",
        "--filter=label=forklab.role=gate",
    ).stdout.strip()
    key = run("docker", "exec", gate, "cat", "/var/lib/gate/host_key.pub").stdout
    assert trusted(lab) == f"[127.0.0.1]:{lab.port} {key}"


@contextmanager
def chatting(lab: ClassLab, seat: str, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Be in the chat from a seat."""
    command = ["docker", "exec", "--interactive", lab.container(seat), "chat", name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdin
        assert process.stdout
        try:
            assert process.stdout.readline().startswith(b"* welcome")
            yield process
        finally:
            process.stdin.close()


def test_a_message_to_all(lab: ClassLab) -> None:
    with chatting(lab, "zhang", "张三") as one, chatting(lab, "li", "李四") as other:
        assert lab.done("say", 'TEXT=下课了 -- $HOME "明天见"') == "* said to 2 online\n"
        for process in (one, other):
            assert process.stdout
            lines = iter(process.stdout.readline, b"")
            assert next(line for line in lines if b"admin" in line).decode() == 'admin : 下课了 -- $HOME "明天见"\n'


def test_status_tells_who_is_at_work(lab: ClassLab) -> None:
    trusted(lab)
    ssh = ["ssh", "-tt", "-i", f"{lab.folder}/.lab/instructor", "-p", str(lab.port), "zhang@127.0.0.1"]
    ssh += ["-o", f"UserKnownHostsFile={lab.folder}/.lab/known_hosts", "-o", "StrictHostKeyChecking=yes"]
    with (
        stopped(lab, "li"),
        chatting(lab, LONG, "大家好我是李四"),
        subprocess.Popen(ssh, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as shell,
    ):
        try:
            eventually(lambda: status(lab)["zhang"]["terminals"] == 1)
            rows = status(lab)
            assert list(rows) == ["server", "gate", LONG, "li", "zhang"]
            assert {seat: row["student"] for seat, row in rows.items() if row["role"] == "seat"} == STUDENTS
            assert [row["state"] for row in rows.values()] == [
                *["healthy"] * 3,
                "exited",
                "healthy",
            ]
            assert rows[LONG]["chat"] == ["大家好我是李四"]
            assert rows[LONG]["terminals"] == 0
            assert rows[LONG]["active"] is None
            assert rows["zhang"]["active"] > rows["zhang"]["since"]
            assert rows["zhang"]["processes"] > 2
            assert rows["zhang"]["memory"] > 2**20
            assert (rows["li"]["terminals"], rows["li"]["memory"]) == (None, 0)
            assert rows["server"]["home"] is None
            lab.execute("zhang", "head -c 3000000 /dev/zero > large")
            larger = status(lab)
            assert larger["zhang"]["home"] - rows["zhang"]["home"] >= 3_000_000
            assert larger["li"]["home"] == rows["li"]["home"] > 0, "also of one that is stopped"
            shown = lab.done("status")
            lab.execute("zhang", "rm large")
        finally:
            shell.kill()
    for line in shown.splitlines():
        assert cell_len(line) <= 80, line
    assert "张三" in shown
    assert "exited" in shown
    assert re.search(r"2\.8\dM$", next(line for line in shown.splitlines() if line.startswith("zhang")).rstrip())


def status(lab: ClassLab) -> dict[str, dict[str, Any]]:
    return {row["seat"]: row for row in json.loads(lab.done("status", "JSON=1"))}
