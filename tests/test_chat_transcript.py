"""The transcript, as a real server writes it: each event, by UID; bounded; and never a reason for the chat to stop."""

import json
import os
import re
import resource
import signal
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.chat.transcript import MOST_BYTES, Transcript
from tests.chat_room import REPOSITORY, environment, program, served
from tests.eventually import PATIENCE, eventually


def events(path: Path) -> list[dict[str, Any]]:
    """Return every line; a line that is no JSON fails."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def brief(path: Path) -> list[tuple[str, str | None, str | None]]:
    return [(event["event"], event["name"], event["text"]) for event in events(path)]


def option(path: Path) -> str:
    return f"--transcript={path}"


def test_each_event_is_a_line(tmp_path: Path) -> None:
    path = tmp_path / "transcript"
    with served(tmp_path / "s", option(path)) as server:
        first, second = server.connect("张三"), server.connect("bob")
        first.say('你好 "bob"\t\\', "/who", "//who", "", "\x1b[31mred")
        second.lines_to("张三 : [31mred")
        server.administer("say", "下课了")
        second.say("bye", "/quit")
        second.rest()
        first.lines_to("bob logout")
        server.administer("kick", "张三")
        first.rest()
        third = server.connect("last")
        server.stop()
        third.rest()
    assert brief(path) == [
        ("start", None, None),
        ("login", "张三", None),
        ("login", "bob", None),
        ("message", "张三", '你好 "bob"\t\\'),
        ("message", "张三", "/who"),
        ("message", "张三", "[31mred"),
        ("admin", "admin", "下课了"),
        ("message", "bob", "bye"),
        ("logout", "bob", None),
        ("kick", "张三", None),
        ("logout", "张三", None),
        ("login", "last", None),
        ("logout", "last", None),
        ("stop", None, None),
    ]
    for event in events(path):
        assert [*event] == ["at", "event", "seat", "uid", "name", "text"]
        assert event["uid"] == (None if event["event"] == "admin" else os.getuid())
    assert '"text": "你好 ' in path.read_text(encoding="utf-8")


def test_times_are_utc_in_milliseconds_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "transcript"
    before = time.time()
    with served(tmp_path / "s", option(path)) as server:
        server.connect("a").say("1", "2", "/quit")
        eventually(lambda: len(events(path)) == 5)
    times = [event["at"] for event in events(path)]
    assert times == sorted(times)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", at) for at in times)
    seconds = subprocess.run(["date", "-d", times[0], "+%s"], capture_output=True, check=True).stdout
    assert int(before) <= int(seconds) <= time.time()


def test_refusals_say_what_was_tried_and_why(tmp_path: Path) -> None:
    path = tmp_path / "transcript"
    with served(tmp_path / "s", option(path), "--login-seconds=1") as server:
        server.connect("bob")
        other = server.connect()
        other.say("bob", "a\x1bb", "x" * 4096, "y" * 5000, "admin")
        other.rest()
        server.connect().rest()
    names = [event["name"] for event in events(path) if event["event"] == "refused"]
    reasons = [event["text"] for event in events(path) if event["event"] == "refused"]
    assert names == ["bob", "a\x1bb", "x" * 32, None, "admin", None]
    for part, reason in zip(("taken", "U+001B", "32", "4096", "reserved", "in time"), reasons, strict=True):
        assert part in reason


def test_a_refused_name_drives_no_terminal_of_who_reads_the_transcript(tmp_path: Path) -> None:
    path = tmp_path / "transcript"
    bad = "\x1b[2J\x7f\x9b2J\x85\u2028\u202ex"
    with served(tmp_path / "s", option(path)) as server:
        other = server.connect()
        other.say(bad)
        assert other.line().startswith("* error: ")
    assert [event["name"] for event in events(path) if event["event"] == "refused"] == [bad]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", path.read_text(encoding="utf-8"))


def test_a_name_that_grows_when_it_is_made_normal_stops_nobody(tmp_path: Path) -> None:
    """NFC can make a text three times as long; what a worker sends its parent has a bound."""
    path = tmp_path / "transcript"
    with served(tmp_path / "s", option(path)) as server:
        other = server.connect()
        other.say("\U0001d160" * 1000)
        assert other.line().startswith("* error: ")
        assert server.is_serving()


def test_a_full_server_writes_down_the_first_refusal_of_a_row(tmp_path: Path) -> None:
    path = tmp_path / "transcript"
    few = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with served(tmp_path / "s", option(path), prefix=("prlimit", f"--nofile=34:{few}")) as server:
        only = server.connect("only")
        for _ in range(5):
            assert server.connect().rest() == ["* error: the room is full; try again later"]
        only.close()
        eventually(server.alone)
        again = server.connect("again")
        assert server.connect().rest() == ["* error: the room is full; try again later"]
        again.close()
    assert [event for event, _, _ in brief(path)[:6]] == ["start", "login", "refused", "logout", "login", "refused"]


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "transcript"
    path.touch(0o644)
    with served(tmp_path / "s", option(path)) as server:
        assert server.is_serving()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_variable_and_no_transcript(tmp_path: Path) -> None:
    path = tmp_path / "transcript"
    command = program("server", "--socket", f"{tmp_path}/s")
    with subprocess.Popen(
        command, env=environment(CHAT_TRANSCRIPT=str(path)), cwd=REPOSITORY, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline()
        process.terminate()
    assert [event["event"] for event in events(path)] == ["start", "stop"]
    path.unlink()
    with served(tmp_path / "s") as server:
        assert server.is_serving()
    assert not path.exists()


@pytest.mark.parametrize(
    ("locale", "sentence"), [("C.UTF-8", "cannot be written"), ("zh_CN.UTF-8", "无法写入聊天记录")]
)
def test_a_transcript_that_cannot_be_opened_stops_the_start(tmp_path: Path, locale: str, sentence: str) -> None:
    done = subprocess.run(
        program("server", "--socket", f"{tmp_path}/s", option(tmp_path / "none" / "transcript")),
        env=environment(locale),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert [*tmp_path.iterdir()] == [], "neither socket is left"


def test_the_full_file_is_kept_as_the_old_one(tmp_path: Path) -> None:
    path, old = tmp_path / "transcript", tmp_path / "transcript.1"
    line = b'{"at": "2026-01-01T00:00:00.000Z", "event": "message", "text": "' + b"x" * 4000 + b'"}\n'
    path.write_bytes(line * (MOST_BYTES // len(line)))
    old.write_text("the one before\n")
    with served(tmp_path / "s", option(path)) as server:
        speaker = server.connect("bob")
        sizes = [path.stat().st_size]
        for number in range(20):
            speaker.say(f"{number} {'y' * 4000}")
        speaker.say("/quit")
        speaker.rest()
        eventually(lambda: events(path)[-1]["event"] == "logout")
    assert sizes[0] < MOST_BYTES
    assert MOST_BYTES - 5000 < old.stat().st_size <= MOST_BYTES
    said = [event["text"].split()[0] for event in events(old) + events(path) if event.get("name") and event["text"]]
    assert said == [*map(str, range(20))], "in the order of time, none lost, none twice"
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(old.stat().st_mode) == 0o600


def test_a_full_disk_is_told_once_and_the_chat_goes_on(tmp_path: Path) -> None:
    """A limit on the file's size is a full disk without a mount: the kernel takes a part of a line, then nothing."""
    path = tmp_path / "transcript"
    with served(tmp_path / "s", option(path)) as server:
        speaker, hearer = server.connect("bob"), server.connect("eve")
        size, (_, hard) = path.stat().st_size, resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size + 50, hard))
        for number in range(5):
            speaker.say(f"lost {number}")
            assert hearer.line() == f"bob : lost {number}"
        assert path.stat().st_size == size, "not even the half of a line"
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard, hard))
        speaker.say("kept")
        assert hearer.line() == "bob : kept"
        server.stop()
        assert server.process.stderr
        complaints = server.process.stderr.read().splitlines()
    assert complaints == [
        "chat-server: the transcript cannot be written: No space left on device; make room for it",
        "chat-server: the transcript is written again; 5 events are missing in it",
    ]
    assert brief(path)[3:5] == [("lost", None, "5"), ("message", "bob", "kept")]


def test_a_file_that_takes_nothing_from_the_start(tmp_path: Path) -> None:
    with served(tmp_path / "s", "--transcript=/dev/full") as server:
        assert server.is_serving()
        server.stop()
        assert server.process.stderr
        assert len(server.process.stderr.read().splitlines()) == 1


def test_a_pipe_that_nobody_empties_does_not_stop_the_chat(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with served(tmp_path / "s", option(fifo)) as server:
        speaker, hearer = server.connect("bob"), server.connect("eve")
        for number in range(50):
            speaker.say(f"{number} {'x' * 4000}")
            assert hearer.line().startswith(f"bob : {number} ")


def test_a_server_killed_under_load_leaves_whole_lines_and_all_that_was_heard(tmp_path: Path) -> None:
    path = tmp_path / "transcript"
    with served(tmp_path / "s", option(path)) as server:
        hearer, *speakers = [server.connect(name) for name in ("eve", "a", "b", "c")]
        for speaker in speakers:
            speaker.say(*(f"{number} {'x' * 200}" for number in range(200)))
        heard = [hearer.line() for _ in range(100)]
        server.stop(signal.SIGKILL)
        heard += hearer.rest()
    written = {f"{name} : {text}" for event, name, text in brief(path) if event == "message"}
    assert len(heard) >= 100
    assert {line for line in heard if " : " in line} <= written
    with path.open("ab") as file:
        file.write(b'{"at": "2026-01-01T00:0')  # as a machine's sudden end could leave it
    with served(tmp_path / "s", option(path)) as server:
        assert server.is_serving()
        eventually(lambda: brief(path)[-1][0] == "logout")
    assert [event for event, _, _ in brief(path)][-3:] == ["start", "login", "logout"]


@pytest.mark.parametrize("torn", [b"{", b'{"at', b'{"at": "2026-01-01T00:00:00.000Z", "event": "mess'])
def test_the_beginning_of_a_line_is_taken_away(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "transcript"
    Transcript(path).note("start")
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    Transcript(path)
    assert path.read_bytes() == whole


def test_a_file_that_is_no_transcript_is_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "thesis"
    path.write_text("first\nlast")
    Transcript(path).note("start")
    assert path.read_text().startswith('first\nlast\n{"at": ')


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=200)
@given(st.text() | st.text(alphabet='"\\/\x00\x1f\x7f\u2028é张'))
def test_any_text_is_one_line_of_json(tmp_path: Path, text: str) -> None:
    path = tmp_path / "transcript"
    Transcript(path).note("message", seat="client1", uid=20001, name=text[:32], text=text)
    last = path.read_bytes().split(b"\n")[-2]
    wanted = text.encode(errors="replace").decode()
    assert json.loads(last) | {"at": ""} == {
        "at": "",
        "event": "message",
        "seat": "client1",
        "uid": 20001,
        "name": text[:32].encode(errors="replace").decode(),
        "text": wanted,
    }
