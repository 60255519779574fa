"""The class's pages without a browser: who gets in and who does not, the terminals, and what a seat says of itself."""

import asyncio
import contextlib
import hashlib
import http.client
import itertools
import json
import re
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from lab.web.links import hash_of
from tests.class_in_browser import Answer, BrowserClass, browser_class, say
from tests.clone import run
from tests.eventually import PATIENCE, eventually

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]
ADDRESSES = (
    *("/", "/api/seat", "/api/seat?seat=zhang", "/api/seat?seat=nobody", "/api/class", "/api/class/events"),
    *("/api/seat/events", "/api/terminal", "/api/statement?slug=zombie", "/nowhere", "/../../etc/passwd"),
)


@pytest.fixture(scope="module", name="room")
def a_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserClass]:
    with browser_class(tmp_path_factory.mktemp("web"), "web") as found:
        yield found


# Who gets in


def test_a_link_becomes_a_cookie_and_leaves_the_address(room: BrowserClass) -> None:
    answer = room.get(f"/s/{room.token('zhang')}")
    assert (answer.status, answer.headers["Location"], answer.body) == (303, "/", b"")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(room.cookie("zhang"))
    assert {"HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; ")), cookie
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_headers_forbid_what_a_page_does_not_need(room: BrowserClass) -> None:
    for path in ("/", "/static/page.js", "/api/seat"):
        headers = room.get(path, "zhang").headers
        policy = headers["Content-Security-Policy"].split("; ")
        assert {"default-src 'self'", "frame-ancestors 'none'"} <= set(policy)
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
        assert headers["Server"] is None


@pytest.mark.parametrize("path", ADDRESSES)
def test_without_a_link_every_answer_is_the_same(room: BrowserClass, path: str) -> None:
    answers = [room.get(path), *(room.get(path, Cookie=cookie) for cookie in strangers(room))]
    assert {answer.status for answer in answers} == {http.client.FORBIDDEN}
    expected = room.get("/api/seat").body if path.startswith("/api/") else room.get("/nowhere").body
    without_another_try = [re.sub(rb'<meta http-equiv="refresh"[^>]*>\n', b"", answer.body) for answer in answers]
    assert set(without_another_try) == {expected}


def strangers(room: BrowserClass) -> list[str]:
    name = f"forklab-{room.port}"
    return [f"{name}={'0' * 32}", f"{name}=../../etc/passwd", f"{name}=", f"{name}={room.token('li')}x"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", f"/api/{what}?seat={seat}") for what in ("seat", "seat/events") for seat in ("li", "nobody", "*")),
        *(("GET", path) for path in ("/api/class", "/api/class/events", "/api/terminal?seat=li")),
        ("GET", "/s/../api/class"),
    ],
)
def test_a_student_reaches_nobody_else(room: BrowserClass, method: str, path: str) -> None:
    assert room.get(path, "zhang", method).status in (http.client.FORBIDDEN, http.client.BAD_REQUEST)


def test_a_student_raises_no_hand_but_their_own(room: BrowserClass) -> None:
    answer = room.get("/api/hand", "zhang", "POST", json.dumps({"up": True, "seat": "li", "text": "?"}))
    assert answer.status == http.client.OK
    assert room.get("/api/seat", "zhang").json()["hand"]["text"] == "?"
    assert room.get("/api/seat", "li").json()["hand"] is None
    room.get("/api/hand", "zhang", "POST", json.dumps({"up": False}))


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null", "http://localhost:80"])
def test_another_page_can_have_nothing_done(room: BrowserClass, origin: str) -> None:
    for method, path in (("GET", "/api/seat"), ("POST", "/api/hand"), ("GET", "/api/seat/events"), ("GET", "/")):
        assert room.get(path, "zhang", method, "{}" if method == "POST" else None, Origin=origin).status == 403
    with pytest.raises(HTTPClientError, match="403"):
        asyncio.run(knock_from(room, origin))
    asyncio.run(knock_from(room, room.address))


async def knock_from(room: BrowserClass, origin: str) -> None:
    headers = {"Cookie": room.cookie("zhang"), "Origin": origin}
    address = f"ws://127.0.0.1:{room.port}/api/terminal"
    (await websocket_connect(HTTPRequest(address, headers=headers))).close()


def test_files_are_ours_alone(room: BrowserClass) -> None:
    assert room.get("/static/page.js").status == http.client.OK
    for path in ("/static/../opener.py", "/static/%2e%2e/opener.py", "/static//etc/passwd", "/static/..%2fopener.py"):
        assert room.get(path).status in (403, 404)


def test_a_renewed_link_ends_what_was_open_by_the_old_one(room: BrowserClass) -> None:
    old = room.token("wang")

    async def scenario() -> None:
        async with room.terminal("wang") as wire:
            await wire.print("echo $((40+2))ready", "42ready")
            said = await asyncio.to_thread(room.lab.done, "links", "SEAT=wang")
            assert "wang" in said
            await wire.hear(lambda: wire.is_closed)

    asyncio.run(scenario())
    assert room.token("wang") != old
    eventually(lambda: room.get("/api/seat", Cookie=room.cookie("wang", old)).status == http.client.FORBIDDEN)
    assert room.get(f"/s/{old}").status == http.client.FORBIDDEN
    assert room.get("/api/seat", "wang").status == http.client.OK
    eventually(lambda: not room.get("/api/seat", "wang").json()["terminals"])
    eventually(lambda: not any("bash --login" in each["command"] for each in room.processes("wang")))


def test_links_stay_until_renewed_and_no_token_is_in_a_log(room: BrowserClass) -> None:
    before = room.links
    room.lab.done("links")
    assert room.links == before
    assert (room.lab.folder / ".lab/links.csv").stat().st_mode & 0o777 == 0o600
    page = (room.lab.folder / ".lab/links.html").read_text(encoding="utf-8")
    assert page.count("data:image/svg+xml") == len(before) - 1
    assert "<b>Li</b>" not in page
    logs = run("docker", "logs", room.lab.container("web"))
    assert not any(room.token(seat) in logs.stdout + logs.stderr for seat in before)
    assert room.lab.done("board").strip() == before["*"]
    assert "there is no seat" in room.lab.refused("links", "SEAT=nobody").lower()


# A server of pages that is hostile itself


def test_who_serves_the_pages_can_become_nobody(room: BrowserClass) -> None:
    room.get("/api/seat", "zhang")
    program = """
import os, socket, glob
def tried(what, *arguments):
    try: what(*arguments)
    except OSError as error: return error.strerror
    return "done"
capabilities = [line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapEff", "CapPrm"))]
print(os.getuid(), capabilities)
print(tried(open, "/var/lib/web/links"), tried(os.setuid, 20001), tried(os.setgroups, [20001]))
door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
print({tried(door.connect, f"/run/doors/{uid}/door.sock") for uid in (20001, 20002, 20003)})
pids = filter(str.isdecimal, os.listdir("/proc"))
roots = [pid for pid in pids if os.stat(f"/proc/{pid}").st_uid == 0]
print(len(roots) > 1, {tried(os.listdir, f"/proc/{pid}/fd") for pid in roots})
print({tried(open, f"/proc/{pid}/mem", "rb") for pid in roots})
engine = os.path.exists("/var/run/docker.sock")
print(tried(open, "/made", "w"), tried(open, "/usr/bin/made", "w"), engine, glob.glob("/home/*/*"))
"""
    container = room.lab.container("web")
    found = run("docker", "exec", "--user", "web", container, "python3", "-c", program)
    assert found.returncode == 0, found.stderr
    lines = found.stdout.splitlines()
    assert lines[0] == "19999 ['0000000000000000', '0000000000000000']"
    assert lines[1:] == [
        "Permission denied Operation not permitted Operation not permitted",
        "{'Permission denied'}",
        "True {'Permission denied'}",
        "{'Permission denied'}",
        "Read-only file system Read-only file system False []",
    ]


def test_the_opener_opens_no_seat_without_its_token(room: BrowserClass) -> None:
    """Asked as the server of the pages asks it, by somebody who would rather be in another seat."""
    program = """
import json, os, socket, sys
from lab.door import parcel
from lab.web.links import Links
from lab.web.opener import Opener
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
if os.fork() == 0:
    theirs.close()
    Opener(ours, Links()).serve()
    os._exit(0)
ours.close()
found = {}
for name, token in json.loads(sys.argv[1]).items():
    asked = {"id": name, "want": "open", "token": token, "keep": "x", "columns": "80", "rows": "24", "LANG": "C.UTF-8"}
    parcel.send(theirs, asked)
    while True:
        answer, files = parcel.receive(theirs)
        if answer.get("id") == name:
            break
    found[name] = len(files)
    for file in files:
        os.close(file)
print(json.dumps(found))
"""
    token = room.token("li")
    tokens = {
        "own": token,
        "none": "",
        "other": "0" * 32,
        "cut": token[:-1],
        "hash": hash_of(token),
        "upper": token.upper(),
    }
    tokens |= {"instructor's": room.token("*"), "seat": "li"}
    container = room.lab.container("web")
    found = run("docker", "exec", "--user", "root", container, "python3", "-c", program, json.dumps(tokens))
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout) == {**dict.fromkeys(tokens, 0), "own": 2}


def test_no_token_is_stored(room: BrowserClass) -> None:
    program = "print([open('/proc/self/status').read().count('NoNewPrivs:\\t1')])"
    found = run("docker", "exec", "--user", "web", room.lab.container("web"), "python3", "-c", program)
    assert found.stdout.strip() == "[1]"
    assert room.token("li") not in run("docker", "inspect", room.lab.container("web")).stdout
    stored = run("docker", "exec", room.lab.container("web"), "cat", "/var/lib/web/links").stdout
    assert all(room.token(seat) not in stored for seat in room.links)
    assert hashlib.sha256(room.token("li").encode()).hexdigest() in stored


# Terminals


def test_a_terminal_is_the_seats_as_by_ssh(room: BrowserClass) -> None:
    async def scenario() -> None:
        async with room.terminal("zhang", terminal="6", columns="91", rows="33") as wire:
            await wire.print("id -un; stty size; tty; echo $TERM $HOME $((20+22))", "xterm-256color /home/zhang 42")
            lines = wire.printed.decode().replace("\r", "").splitlines()
            assert "33 91" in lines
            assert any(line.endswith("zhang") for line in lines)
            assert any(line.startswith("/dev/pts/") for line in lines)
            await wire.say(size=[120, 40])
            await wire.print("while [ \"$(stty size)\" != '40 120' ]; do :; done; echo resized$((1))", "resized1")
            await wire.say(size=[0, -5])
            await wire.say(size=["a", None])
            await wire.say_what("no JSON")
            await wire.say_what("[]")
            await wire.print("stty size; echo still$((1))", "still1")
            assert b"40 120\r\nstill1" in wire.printed
            await wire.type("exit\r")
            await wire.hear(lambda: "ended" in wire.told)
            assert wire.told["status"] == 0

    asyncio.run(scenario())


def test_a_page_that_comes_back_gets_what_it_missed(room: BrowserClass) -> None:
    async def scenario() -> None:
        async with room.terminal("zhang", terminal="2") as wire:
            await wire.print("echo first$((1)); while [ ! -e go ]; do sleep 0.1; done; echo second$((2))", "first1")
            told, had = wire.told, len(wire.printed)
        room.lab.execute("zhang", "touch go")
        async with room.terminal("zhang", terminal="2", epoch=told["epoch"], offset=str(told["offset"] + had)) as back:
            await back.hear(lambda: b"second2" in back.printed)
            assert (back.told["again"], b"first1" in back.printed) == (True, False)
        async with room.terminal("zhang", terminal="2") as anew:  # a page that was loaded again
            await anew.hear(lambda: b"second2" in anew.printed)
            assert b"first1" in anew.printed
            assert room.get("/api/seat", "zhang").json()["terminals"][-1] == "2"
            await anew.say(end=True)
            await anew.hear(lambda: "ended" in anew.told)
        room.lab.execute("zhang", "rm go")

    asyncio.run(scenario())


@pytest.mark.parametrize("service", ["web", "watch"])
def test_a_killed_service_costs_no_terminal(room: BrowserClass, service: str) -> None:
    async def scenario() -> None:
        async with room.terminal("li", terminal="3") as wire:
            await wire.print("cd /tmp; x=kept; sleep 987 & echo begun$((1))", "begun1")
            pid = sleeper(room)
            await asyncio.to_thread(room.kill, service)
        eventually(lambda: answers(room))
        async with room.terminal("li", terminal="3") as back:
            await back.print("echo $x$((7)) $PWD", "kept7 /tmp")
            assert sleeper(room) == pid
            await back.type("exit\r")
            await back.hear(lambda: "ended" in back.told)

    began = time.monotonic()
    asyncio.run(scenario())
    eventually(lambda: room.get("/api/class", "*").json()["live"])
    eventually(lambda: set(room.get("/api/class", "*").json()["processes"]) == {"zhang", "li", "wang"})
    assert time.monotonic() - began < PATIENCE


def sleeper(room: BrowserClass) -> str:
    return room.lab.execute("li", "pgrep -f 'sleep [9]87'").strip()


def answers(room: BrowserClass) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        return room.get("/api/seat", "li").status == http.client.OK
    return False


def test_what_is_pasted_arrives_whole(room: BrowserClass) -> None:
    data = "".join(f"{number:07}\n" for number in range(12500))  # 100 KB
    digest = hashlib.sha256(data.encode()).hexdigest()

    async def scenario() -> None:
        async with room.terminal("zhang") as wire:
            await wire.print(f"stty -echo; echo quiet$((1)); head -c {len(data)} | sha256sum", "quiet1")
            for start in range(0, len(data), 16384):
                await wire.type(data[start : start + 16384])
            await wire.hear(lambda: digest.encode() in wire.printed)
            await wire.type("exit\r")
            await wire.hear(lambda: "ended" in wire.told)

    asyncio.run(scenario())


def test_a_flood_waits_for_the_page_and_ctrl_c_gets_through(room: BrowserClass) -> None:
    async def scenario() -> None:
        async with room.terminal("zhang", terminal="4") as wire:
            await wire.type("yes\r")
            await wire.hear(lambda: len(wire.printed) > 200_000, acknowledge=False)
            with contextlib.suppress(TimeoutError):  # nothing is acknowledged: it stops
                async with asyncio.timeout(1):
                    await wire.hear(lambda: len(wire.printed) > 4_000_000, acknowledge=False)
            assert len(wire.printed) < 1_000_000
            await wire.type("\x03")
            await wire.say(ack=len(wire.printed))
            await wire.print("echo back$((1))", "back1")
            await wire.type("exit\r")
            await wire.hear(lambda: "ended" in wire.told)

    asyncio.run(scenario())


def test_a_pages_clock_goes_on_while_nothing_happens(room: BrowserClass) -> None:
    found = room.events("/api/seat/events", "li")
    times = [data["time"] for kind, data in itertools.islice(found, 12) if kind == "processes"]
    assert len(times) > 5
    assert all(0 < later - earlier < 2 for earlier, later in itertools.pairwise(times[1:]))


def test_a_page_that_is_only_there_stays_connected(room: BrowserClass) -> None:
    async def scenario() -> None:
        async with room.terminal("li", terminal="7") as wire:
            await wire.print("echo begun$((1))", "begun1")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(12):  # more than two pings
                    await wire.hear(lambda: wire.is_closed)
            assert not wire.is_closed
            await wire.print("echo still$((1))", "still1")
            await wire.say(end=True)
            await wire.hear(lambda: "ended" in wire.told)

    asyncio.run(scenario())


def is_idle(room: BrowserClass, seat: str) -> None:
    """Wait until its page shows what there is in an idle seat, and no more."""
    seen: list[str] = []

    def shows_only_that() -> bool:
        seen[:] = [each["command"] for each in room.processes(seat)]
        return len(seen) == 2

    try:
        eventually(shows_only_that)
    except AssertionError as error:
        raise AssertionError(seen, room.lab.execute(seat, "ps -eo pid,ppid,stat,etimes,args")) from error


def test_eight_terminals_and_no_ninth(room: BrowserClass) -> None:
    async def scenario() -> None:
        async with contextlib.AsyncExitStack() as stack:
            wires = [
                await stack.enter_async_context(room.terminal("wang", terminal=str(number))) for number in range(1, 9)
            ]
            for wire in wires:
                await wire.print("echo here$((1))", "here1")
            for name in ("9", "0", "../1", ""):
                async with room.terminal("wang", terminal=name) as refused:
                    await refused.hear(lambda wire=refused: "error" in wire.told)  # type: ignore[misc]
            for wire in wires:
                await wire.say(end=True)
                await wire.hear(lambda wire=wire: "ended" in wire.told)  # type: ignore[misc]

    asyncio.run(scenario())
    is_idle(room, "wang")


def test_the_instructor_looks_on_and_types_only_when_let(room: BrowserClass) -> None:
    async def scenario() -> None:
        async with room.terminal("*", seat="li") as refused:
            await refused.hear(lambda: "error" in refused.told)
        async with room.terminal("li") as student:
            await student.print("echo mine$((1))", "mine1")
            async with room.terminal("*", seat="li") as teacher:
                await teacher.hear(lambda: b"mine1" in teacher.printed)
                await student.hear(lambda: student.told.get("looking") == 1)
                await teacher.type("echo teacher$((0))\r")
                await teacher.say(size=[20, 5], end=True, allow=True)
                await student.print("stty size; echo only$((1))", "only1")
                assert b"teacher0" not in student.printed
                assert b"24 80" in student.printed
                await student.say(allow=True)
                await teacher.hear(lambda: teacher.told.get("typing") is True)
                await teacher.print("echo teacher$((2))", "teacher2")
                await student.say(allow=False)
                await teacher.hear(lambda: teacher.told.get("typing") is False)
            await student.hear(lambda: student.told.get("looking") == 0)
            await student.type("exit\r")
            await student.hear(lambda: "ended" in student.told)

    asyncio.run(scenario())


# What a seat says of itself


def test_progress_is_on_the_board_and_outlives_the_server(room: BrowserClass) -> None:
    assert say(room, "li", json.dumps({"event": "start", "slug": "zombie"})) == '{"ok": true}'
    wrong = {"event": "check", "slug": "zombie", "passed": False, "mistake": "waits", "text": "<script>x</script>"}
    say(room, "li", json.dumps(wrong))
    say(room, "li", json.dumps({"event": "hint", "slug": "zombie", "hints": 2}))
    say(room, "li", json.dumps({"event": "hand", "up": True, "text": "为什么？"}))

    def row() -> dict[str, Any]:
        found = room.get("/api/class", "*").json()
        return next({**row, "foot": found["foot"]} for row in found["seats"] if row["seat"] == "li")

    def is_told() -> bool:
        found = row()
        cell = found["cells"]["zombie"]
        return (
            (cell["state"], cell["checks"], cell["mistake"], found["hints"]) == ("at", 1, "waits", 2)
            and found["hand"]["text"] == "为什么？"
            and found["foot"]["zombie"]["mistake"]["key"] == "waits"
        )

    assert is_told()
    time.sleep(1.5)  # it writes once a second
    room.kill("web")
    eventually(lambda: answers(room))
    eventually(is_told)
    assert room.get("/api/hand", "*", "POST", json.dumps({"seat": "li", "up": False})).status == http.client.OK
    assert row()["hand"] is None
    say(room, "li", json.dumps({"event": "check", "slug": "zombie", "passed": True}))
    assert row()["cells"]["zombie"]["state"] == "passed"
    assert row()["foot"]["zombie"]["passed"] == 1


def test_a_page_that_connects_is_told_the_last_verdict(room: BrowserClass) -> None:
    say(room, "wang", json.dumps({"event": "check", "slug": "nice", "passed": False}))
    told = dict(itertools.islice(room.events("/api/seat/events", "wang"), 4))
    assert (told["verdict"]["slug"], told["progress"]["cells"]["nice"]["state"]) == ("nice", "at")


@pytest.mark.parametrize(
    "line",
    [
        *("", "{", "[]", "null", '"x"', "9" * 300_000, '{"event": "check", "slug": "nothing"}', '{"event": "boss"}'),
        *(
            '{"event": "check"}',
            '{"event": ["check"], "slug": {}}',
            "[" * 100_000,
            '{"event": "start", "slug": ["zombie"]}',
        ),
    ],
)
def test_what_is_no_event_is_said_to_be_none(room: BrowserClass, line: str) -> None:
    room.kill("web") if line == "" else None  # the limit begins anew
    eventually(lambda: answers(room))
    if len(line) > 120_000:  # more than an argument of a program may have
        line = line[:120_000]
    assert "error" in say(room, "wang", line)


def test_a_seat_that_floods_is_told_to_wait_and_harms_only_itself(room: BrowserClass) -> None:
    program = (
        "import socket, json\n"
        "def say():\n"
        "    board = socket.socket(socket.AF_UNIX); board.connect('/run/board/board.sock')\n"
        "    board.sendall(json.dumps({'event': 'hand', 'text': 'x' * 50000}).encode() + b'\\n')\n"
        "    return board.makefile().readline()\n"
        "print(sum('ok' in say() for _ in range(60)))"
    )
    assert int(room.lab.python("zhang", program)) <= 20
    assert "wait" in json.loads(say(room, "zhang", '{"event": "hand"}'))
    assert say(room, "li", '{"event": "hand", "up": false}') == '{"ok": true}'
    assert len(room.get("/api/seat", "zhang").json()["hand"]["text"]) <= 2000
    room.get("/api/hand", "zhang", "POST", json.dumps({"up": False}))


# Load and malice


def test_a_thousand_connections_and_slow_ones_leave_room_for_a_student(room: BrowserClass) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(1000):
            end = stack.enter_context(socket.create_connection(("127.0.0.1", room.port)))
            end.sendall(b"GET /api/seat HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        began = time.monotonic()
        assert room.get("/api/seat", "zhang").status == http.client.OK
        assert time.monotonic() - began < 5


def test_one_link_has_a_limit_of_its_own(room: BrowserClass) -> None:
    with contextlib.ExitStack() as stack:
        request = (
            f"GET /api/seat/events HTTP/1.1\r\nHost: 127.0.0.1:{room.port}\r\nCookie: {room.cookie('zhang')}\r\n\r\n"
        )
        statuses = []
        for _ in range(40):
            end = stack.enter_context(socket.create_connection(("127.0.0.1", room.port)))
            end.sendall(request.encode())
            statuses.append(end.recv(12).decode()[-3:])
        assert statuses == ["200"] * 32 + ["429"] * 8
        assert room.get("/api/seat/events", "zhang").status == 429
    eventually(lambda: stream_begins(room))  # once the server has seen that they are gone


def stream_begins(room: BrowserClass) -> bool:
    with contextlib.suppress(AssertionError):  # still too many
        return bool(next(room.events("/api/seat/events", "zhang"))[0] == "processes")
    return False


def test_a_message_too_large_ends_only_its_connection(room: BrowserClass) -> None:
    async def scenario() -> None:
        async with room.terminal("zhang", terminal="5") as wire:
            await wire.print("echo x$((1))", "x1")
            await wire.type(b"y" * (4 << 20))
            await wire.hear(lambda: wire.is_closed)
        async with room.terminal("zhang", terminal="5") as back:
            await back.print("echo y$((2))", "y2")
            await back.say(end=True)
            await back.hear(lambda: "ended" in back.told)

    asyncio.run(scenario())


def test_a_body_too_large_is_refused(room: BrowserClass) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        assert room.get("/api/hand", "zhang", "POST", "x" * 200_000).status >= 400
    assert answers(room)


def test_by_tls_and_back(room: BrowserClass, tmp_path: Path) -> None:
    made = run(
        *(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ),
        *("-subj", "/CN=lab", "-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")),
    )
    assert made.returncode == 0, made.stderr
    token = room.token("li")
    told = {"LAB_TLS_CERT": str(tmp_path / "cert.pem"), "LAB_TLS_KEY": str(tmp_path / "key.pem")}
    done = room.lab.fab("lab", **told)
    assert done.returncode == 0, done.stdout + done.stderr
    assert room.links["li"] == f"https://127.0.0.1:{room.port}/s/{token}"
    trusting = ssl.create_default_context(cafile=tmp_path / "cert.pem")
    trusting.check_hostname = False
    connection = http.client.HTTPSConnection("127.0.0.1", room.port, context=trusting, timeout=PATIENCE)
    eventually(lambda: answers_by(connection, f"/s/{token}"))
    connection.request("GET", f"/s/{token}")
    assert "Secure" in str(connection.getresponse().headers["Set-Cookie"])
    connection.close()
    assert not answers(room)
    done = room.lab.fab("lab", **dict.fromkeys(told, ""))
    assert done.returncode == 0, done.stdout + done.stderr
    eventually(lambda: answers(room))
    assert room.links["li"] == f"{room.address}/s/{token}"


def answers_by(connection: http.client.HTTPConnection, path: str) -> bool:
    connection.close()
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", path)
        return Answer(connection.getresponse()).status == http.client.SEE_OTHER
    return False
