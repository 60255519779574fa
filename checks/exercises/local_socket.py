"""Exercise 2: a server on a socket file, for one client after the other, over a stale file but over no other."""

import contextlib
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from checks.judging.client import START, Client, connect
from checks.judging.reach import within_reach
from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from checks.judging.serving import type_of
from lab import proc
from lab.exercises.seed import Values
from lab.language import tr

SOCKET = "echo.sock"
LEAVE_ALONE = 2.0  # seconds for which a server sleeps that has found that the name is taken, and runs on
PRECIOUS = "not a socket\n"


def observe(seat: Seat, values: Values) -> Evidence:
    """Start the server three times: with nothing in its way, with a stale socket, with a regular file."""
    path = seat.work / SOCKET
    seat.program("local-socket")
    with seat.as_student():
        if type_of(path) not in ("s", None):
            return {"traces": [], "in_the_way": type_of(path)}
        path.unlink(missing_ok=True)
    scenes = [serve(seat, path, clients=2)]
    if scenes[0]["type"] == "s":
        make_stale(seat, path)
        scenes.append(serve(seat, path, clients=1))
        scenes.append(leave_alone(seat, path))
    with seat.as_student():
        path.unlink(missing_ok=True)
    runs = [scene.pop("run") for scene in scenes]
    traces = [trace for run in runs for trace in run["traces"]]
    return {"traces": traces, "late": max(run["late"] for run in runs), "scenes": scenes}


def serve(seat: Seat, path: Path, clients: int) -> dict[str, Any]:
    """Start the server, be its clients, one after the other, and end it; return what they saw."""
    answers: list[list[str | None]] = []
    kind = None
    with seat.started("local-socket") as running:
        for _ in range(clients):
            if client := connect(path, running):
                kind = type_of(path)
                answers.append(talk(client))
            else:
                answers.append([])
                break
    return {"type": kind, "answers": answers, "run": running.evidence()}


def talk(client: Client) -> list[str | None]:
    """Say two things, and return the answers."""
    answers = []
    for text in ("你好", "hello"):
        client.say(text)
        answers.append(client.hear())
    client.close()
    return answers


def leave_alone(seat: Seat, path: Path) -> dict[str, Any]:
    """Start the server where a regular file has the name; return the type, None if the file is not as it was."""
    with seat.as_student():
        path.unlink(missing_ok=True)
        path.write_text(PRECIOUS, encoding="utf-8")
    with seat.started("local-socket") as running:
        slept_since = began = time.monotonic()
        while not running.ended and type_of(path) == "-":
            now = time.monotonic()
            stat = proc.read_stat(running.pid) if running.pid else None
            if stat is None or stat.state == "R":  # on a busy machine it may not have come so far yet
                slept_since = now
            if now > min(slept_since + LEAVE_ALONE, began + START):
                break
            time.sleep(0.02)
        ended = running.ended
    kind = type_of(path)
    with seat.as_student(), contextlib.suppress(OSError):
        kind = kind if kind != "-" or path.read_text(encoding="utf-8") == PRECIOUS else None
    return {"type": kind, "answers": [], "ended": ended, "run": running.evidence()}


def make_stale(seat: Seat, path: Path) -> None:
    """Leave a socket file that nobody listens on."""
    with seat.as_student():
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as end, within_reach(path) as near:
            end.bind(near)


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say what the clients saw."""
    return results(
        Check("listens", tr("it listens on a socket file", "它在套接字文件上监听"), lambda: listens(evidence)),
        Check(
            "answers",
            tr("it answers each message", "它回答每一条消息"),
            lambda: answers(evidence, 0, 0, values),
            after="listens",
        ),
        Check(
            "next-client",
            tr("it serves the next client", "它接待下一个客户端"),
            lambda: answers(evidence, 0, 1, values),
            after="answers",
        ),
        Check(
            "stale",
            tr("it starts over a stale socket file", "遇到遗留的套接字文件也能启动"),
            lambda: answers(evidence, 1, 0, values),
            after="next-client",
        ),
        Check(
            "leaves-alone",
            tr("it leaves a file that is no socket alone", "它不碰不是套接字的文件"),
            lambda: leaves_alone(evidence),
            after="stale",
        ),
        Check(
            "values",
            tr(f"the answer is: {values['answer']}", f"回答是：{values['answer']}"),
            lambda: has_values(evidence, values),
            after="leaves-alone",
        ),
    )


def listens(evidence: Evidence) -> None:
    """See a socket file, and a client connect."""
    if kind := evidence.get("in_the_way"):
        raise Mistake(
            "in-the-way",
            tr(
                f"~/work/{SOCKET} is there, and no socket: its type is {kind}",
                f"~/work/{SOCKET} 存在，但不是套接字：类型为 {kind}",
            ),
            advice=tr("move it away: the name is the server's", "请把它移走：这个名字是给服务器用的"),
            expected="s",
            actual=kind,
        )
    if evidence["scenes"][0]["type"] == "s":
        return
    seen = Seen.of(evidence)
    if not seen.trace.cut and seen.status != 0:
        raise seen.ended_otherwise(None)
    seen.can_tell(1)
    raise seen.mistake(
        "not-listening",
        tr(f"no client could connect to ~/work/{SOCKET}", f"客户端无法连接 ~/work/{SOCKET}") + seen.last_words,
        advice=tr(
            "socket(AF_UNIX), bind to the file's name, listen, and stay",
            "先 socket(AF_UNIX)，再 bind 到文件名，listen，然后一直运行",
        ),
        expected=tr("a socket, type s", "套接字，类型 s"),
        actual=evidence["scenes"][0]["type"] or tr("no file that answers", "没有应答的文件"),
    )


def answers(evidence: Evidence, scene: int, client: int, values: Values) -> None:
    """See a client of a scene get two answers of the right kind."""
    got = (evidence["scenes"][scene]["answers"][client:] or [[]])[0]
    seen = Seen.of(evidence, scene)
    right = [bool(answer) and answer.startswith(str(values["answer"]).partition(" ")[0]) for answer in got]
    if right == [True, True]:
        return
    if None in got:
        seen.can_tell(1)
    if scene == 1:
        mistake = "dies-on-stale"
    elif client == 1:
        mistake = "listens-once"
    else:
        mistake = "one-message" if right[:1] == [True] else "wrong-answer"
    sentence, advice = unanswered(values)[mistake]
    expected = shown([values["answer"]] * 2)
    raise seen.mistake(mistake, sentence + seen.last_words, advice=advice, expected=expected, actual=shown(got))


def unanswered(values: Values) -> dict[str, tuple[str, str]]:
    """Return, by its key, what a client may have missed: a sentence, and the hint."""
    return {
        "wrong-answer": (
            tr("the client's message was not answered as it should be", "对客户端消息的回答不对"),
            tr(f"send {values['answer']} and a newline", f"发送“{values['answer']}”和换行符"),
        ),
        "one-message": (
            tr("the client's first message was answered, its second was not", "第一条消息得到了回答，第二条没有"),
            tr("a loop around recv, until it brings nothing: the client has left", "在 recv 外面加循环，直到它返回空"),
        ),
        "listens-once": (
            tr("the first client was answered, the second was not", "第一个客户端得到了回答，第二个没有"),
            tr("a loop around accept: when a client has left, accept the next", "在 accept 外面加循环，接待下一个"),
        ),
        "dies-on-stale": (
            tr("it did not start where a killed server had left its socket file", "有遗留的套接字文件时没能启动"),
            tr("if the name is a socket, unlink it before bind", "如果这个名字是套接字，先 unlink 再 bind"),
        ),
    }


def leaves_alone(evidence: Evidence) -> None:
    """See the file that is no socket as it was, and the server gone."""
    seen = Seen.of(evidence, 2)
    if evidence["scenes"][2]["type"] == "-":
        if evidence["scenes"][2]["ended"]:
            return
        seen.can_tell(1)
        if seen.root.cpu < LEAVE_ALONE:  # who loops is served, however long it waits for more
            seen.served(within=1, since=0.0)
        raise seen.mistake(
            "stays",
            tr(
                f"~/work/{SOCKET} was a regular file: your server left it alone, but ran on, where nobody can reach it",
                f"~/work/{SOCKET} 是普通文件：您的服务器没有碰它，但一直在运行，却没有人能连接到它",
            ),
            advice=tr(
                "who cannot do its work says so and ends: sys.exit with a sentence, or let bind raise its OSError",
                "做不了工作的程序应该说明原因并结束：用 sys.exit 加一句话，或让 bind 抛出 OSError",
            ),
            expected=tr("an end", "结束"),
            actual=tr("it runs on", "继续运行"),
        )
    raise seen.mistake(
        "removes-anything",
        tr(
            f"~/work/{SOCKET} was a regular file, and your server removed it, or wrote over it",
            f"~/work/{SOCKET} 是普通文件，而您的服务器删除或改写了它",
        ),
        advice=tr(
            "it may be somebody's work: unlink it only if it is a socket (Path.is_socket, or stat.S_ISSOCK)",
            "那可能是别人的成果：只有是套接字时才 unlink（Path.is_socket 或 stat.S_ISSOCK）",
        ),
        expected="-",
        actual=evidence["scenes"][2]["type"] or tr("not what it was", "不再是原来的文件"),
    )


def has_values(evidence: Evidence, values: Values) -> None:
    """Compare the answers with what was asked for in this seat."""
    got = [answer.strip() for scene in evidence["scenes"] for client in scene["answers"] for answer in client]
    if other := next((answer for answer in got if answer != values["answer"]), None):
        was = tr(f"an answer was: {other}", f"有一个回答是：{other}")
        raise Seen.of(evidence).other_values(was, values["number"], expected=values["answer"], actual=other)


def shown(got: Sequence[object]) -> str:
    """Return answers as a person reads them."""
    words = [str(answer)[:60] if answer else tr("no answer", "没有回答") for answer in got]
    return " / ".join(words) or tr("no connection", "无法连接")
