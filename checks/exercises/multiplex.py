"""Exercise 21: one process with one thread serves many clients at once, and sleeps when none of them speaks."""

import socket
import struct
from typing import Any

from checks.judging.crowd import Crowd, Guest, Visit, visits
from checks.judging.live import sleeps
from checks.judging.result import Check, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen, numbers
from checks.judging.serving import Served, service
from lab.exercises.seed import Values
from lab.language import tr
from lab.trace import History

SOCKET = "multiplex.sock"
ANSWER = 2.5  # seconds: a deadline for a server that never answers
QUIET = 0.6  # seconds for which all are silent
CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid
OFTEN = 8  # times that a server may wake while nobody speaks: a limit of 0.1 s for select is no busy loop


def observe(seat: Seat, values: Values) -> Evidence:
    """Be the clients: all at once, in other orders than that of their coming, silent, one gone, one new."""
    with service(seat, "multiplex", SOCKET, seconds=30) as served:
        quiet = visit(served.crowd, int(values["clients"]))
    return served.evidence | quiet


def visit(crowd: Crowd, count: int) -> Evidence:
    """Connect them, let them speak, and see how the server rests in between."""
    guests = [guest for name in names(count) if (guest := crowd.enter(name))]
    if len(guests) < count:
        return {}
    server = listener(guests[0].end)
    found: Evidence = {"server": server, "came": crowd.moment()}
    order = [*guests[::-1], *guests[1::2], *guests[::2]]
    if not all(is_answered(crowd, guest, f"line {number}") for number, guest in enumerate(order, 1)):
        return found
    found["quiet"] = [rest(crowd, server)]
    guests[0].leave()
    if not is_answered(crowd, guests[-1], "one has left"):
        return found
    found["quiet"].append(rest(crowd, server))
    if newcomer := crowd.enter("new"):
        is_answered(crowd, newcomer, "one has come")
    return found


def names(count: int) -> list[str]:
    """Return the names of the clients."""
    return [f"c{number}" for number in range(1, count + 1)]


def is_answered(crowd: Crowd, guest: Guest, text: str) -> bool:
    """Say a line, and tell whether it is answered."""
    before = len(guest.heard)
    guest.say(text)
    return crowd.until(lambda: len(guest.heard) > before or not guest.is_open, ANSWER) and guest.is_open


def listener(end: socket.socket) -> int:
    """Return the pid of who listens at the other end, unix(7): SO_PEERCRED."""
    return int(CREDENTIALS.unpack(end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))[0])


def rest(crowd: Crowd, server: int) -> dict[str, Any]:
    """Say nothing for a while; return when that was, and how often the server went to sleep again."""
    crowd.until(lambda: False, QUIET / 6)  # it may still be at work for the last line
    start, before = crowd.moment(), sleeps(server)
    crowd.until(lambda: False, QUIET)
    return {"from": start, "to": crowd.moment(), "woke": sleeps(server) - before}


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say whether one process, one thread has served them all, and slept in between."""
    served = Served(evidence, SOCKET)
    count = int(values["clients"])
    return results(
        *served.checks,
        Check(
            "answers",
            tr(f"{count} clients at once are answered, in any order", f"同时回答 {count} 个客户端，不论先后"),
            lambda: answers(served, count),
            after="lives",
        ),
        Check("one", tr("one process, one thread", "一个进程，一个线程"), lambda: is_one(served), after="answers"),
        Check("rests", tr("it sleeps while nobody speaks", "没有人说话时它在睡眠"), lambda: rests(served), after="one"),
        Check(
            "values",
            tr(f"the answer begins with: {values['answer']}", f"回答的开头是：{values['answer']}"),
            lambda: has_values(served, values),
            after="rests",
        ),
    )


def answers(served: Served, count: int) -> None:
    """See each line answered, to whom it belongs."""
    found = visits(served.evidence)
    spoken = [(visit, *exchange) for visit in found.values() for exchange in visit.exchanges]
    for visit, _, text, heard, answer in sorted(spoken, key=lambda exchange: exchange[1]):
        if heard is None:
            raise unanswered(served, visit, text, count)
        if not answer.endswith(text):
            raise wrong_answer(served, visit, text, answer)
    if len(found) < count:
        raise unanswered(served, list(found.values())[-1], tr("(nothing)", "（无）"), count)


def unanswered(served: Served, visit: Visit, text: str, count: int) -> Exception:
    """Return the mistake of a server that does not answer one of them."""
    if visit.dropped is not None:
        raise hung_up(served, visit, text, count)
    served.seen.can_tell(1)
    left = {name for name, other in visits(served.evidence).items() if other.events[-1][1] in ("leave", "dropped")}
    others = len(visits(served.evidence).keys() - left - {visit.name})
    return served.mistake(
        "one-at-a-time",
        tr(
            f"{visit.name} said “{text}” while {others} others were connected and silent, and got no answer",
            f"{visit.name} 说了“{text}”，当时另外 {others} 个客户端连接着但没有说话；它没有得到回答",
        ),
        advice=tr(
            "your server waits for somebody else: recv from one only when select (or poll) says that it has something",
            "您的服务器在等别人：在 select（或 poll）说某个客户端有数据之前，绝不要对它 recv",
        ),
        expected=tr(f"{count} clients answered", f"回答 {count} 个客户端"),
        actual=tr("no answer", "没有回答"),
    )


def hung_up(served: Served, visit: Visit, text: str, count: int) -> Exception:
    """Return the mistake of a server that drops one of them."""
    return served.mistake(
        "hangs-up",
        tr(
            f"{visit.name} said “{text}”, got no answer, and was dropped by your server",
            f"{visit.name} 说了“{text}”，没有得到回答，并且被您的服务器断开了",
        ),
        advice=tr(
            f"{count} clients and more are to be served: close a connection only when its recv returns b''",
            f"要为 {count} 个甚至更多客户端服务：只有当某个连接的 recv 返回 b'' 时，才关闭它",
        ),
        expected=tr(f"{count} clients answered", f"回答 {count} 个客户端"),
        actual=tr("dropped", "断开"),
    )


def wrong_answer(served: Served, visit: Visit, text: str, answer: str) -> Exception:
    """Return the mistake of a server that says something else."""
    return served.mistake(
        "wrong-answer",
        tr(
            f"{visit.name} said “{text}”, and was answered: {answer}",
            f"{visit.name} 说了“{text}”，得到的回答是：{answer}",
        ),
        advice=tr(
            "the answer goes to whoever spoke, and ends with what was said",
            "回答要发给说话的那个客户端，并以它说的内容结尾",
        ),
        expected=f"… {text}",
        actual=answer,
    )


def is_one(served: Served) -> None:
    """See no other process and no other thread come with the clients."""
    seen, server = served.seen, served.evidence["server"]
    until = served.evidence["end"]
    came = visits(served.evidence)["c1"].entered
    before = ancestors(seen, server)  # a shell that started it may be seen late
    others = [h for h in seen.trace.processes if h.pid not in before and h.pid != server and h.first_seen < until]
    born = [history for history in others if is_child(history, server) or history.first_seen > came]
    if born:
        pids = numbers([history.pid for history in born])
        raise seen.mistake(
            "forks",
            tr(
                f"beside your server {server} there were {len(born)} more processes: {pids}",
                f"除了您的服务器 {server}，还有 {len(born)} 个进程：{pids}",
            ),
            advice=tr(
                "no fork here: keep all connections in a list, and let select say which of them has something",
                "这里不用 fork：把所有连接放在一个列表里，让 select 告诉您哪一个有数据",
            ),
            expected=tr("one process", "一个进程"),
            actual=tr(f"{len(born) + 1} processes", f"{len(born) + 1} 个进程"),
        )
    root = seen.history(server)
    threads = max((span.value for span in root.threads if span.start < until), default=1) if root else 1
    if threads > 1:
        raise seen.mistake(
            "threads",
            tr(f"your server {server} had {threads} threads", f"您的服务器 {server} 有 {threads} 个线程"),
            advice=tr(
                "no threads here: keep all connections in a list, and let select say which of them has something",
                "这里不用线程：把所有连接放在一个列表里，让 select 告诉您哪一个有数据",
            ),
            expected=tr("one thread", "一个线程"),
            actual=threads,
        )


def ancestors(seen: Seen, pid: int) -> set[int]:
    """Return the pids of the program's processes from which one descends."""
    found: set[int] = set()
    history = seen.history(pid)
    while history and (history := seen.trace.parent(history)):
        found.add(history.pid)
    return found


def is_child(history: History, server: int) -> bool:
    """Tell whether a process is a child of the server, and not the shell that started it."""
    return server in [span.value for span in history.parents]


def rests(served: Served) -> None:
    """See the server asleep while nobody speaks: before one has left, and after."""
    seen, server = served.seen, served.evidence["server"]
    history = seen.history(server)
    for number, quiet in enumerate(served.evidence["quiet"]):
        start, end = quiet["from"], quiet["to"]
        spans = history.states if history else ()
        ran = sum(max(0.0, min(s.end, end) - max(s.start, start)) for s in spans if s.value == "R")
        if ran > (end - start) / 2:
            raise spins(served, server, ran, after_one_left=number > 0)
        if quiet["woke"] > OFTEN:
            raise polls(served, server, quiet["woke"], end - start)


def spins(served: Served, server: int, ran: float, after_one_left: bool) -> Exception:
    """Return the mistake of a busy loop."""
    if after_one_left:
        advice = tr(
            "it began when a client left: a closed connection is readable for ever, and recv returns b''; "
            "close it, and take it out of the list",
            "这是在一个客户端离开之后开始的：已关闭的连接永远可读，recv 返回 b''；关闭它，并把它从列表中去掉",
        )
    else:
        advice = tr(
            "it asks again and again: let select wait without a limit (no 0 as its last argument), and read after it",
            "它在不停地询问：让 select 不限时地等待（最后一个参数不要写 0），等它返回再去读",
        )
    return served.seen.mistake(
        "spins-after-leaving" if after_one_left else "spins",
        tr(
            f"nobody said anything, and your server {server} ran all the same (R) for {ran:.1f} s",
            f"没有人说话，您的服务器 {server} 却仍在运行（R）了 {ran:.1f} 秒",
        ),
        advice=advice,
        expected="S",
        actual="R",
    )


def polls(served: Served, server: int, times: int, seconds: float) -> Exception:
    """Return the mistake of a loop that sleeps a little in between."""
    return served.seen.mistake(
        "polls",
        tr(
            f"nobody said anything, and your server {server} woke {times} times in {seconds:.1f} s to see that",
            f"没有人说话，您的服务器 {server} 却在 {seconds:.1f} 秒里醒来 {times} 次去查看",
        ),
        advice=tr(
            "a sleep in a busy loop makes it late as well: select sleeps until there is something, and not longer",
            "在忙等循环里加 sleep，只会让回答变慢：select 会一直睡到有事发生，不多也不少",
        ),
        expected=tr("it sleeps on", "一直睡眠"),
        actual=tr(f"woke {times} times", f"醒来 {times} 次"),
    )


def has_values(served: Served, values: Values) -> None:
    """Compare the answers with what was asked for in this seat."""
    for visit in visits(served.evidence).values():
        for _, text, _, answer in visit.exchanges:
            if answer != f"{values['answer']} {text}":
                raise served.other_values(
                    tr(f"“{text}” was answered: {answer}", f"“{text}”得到的回答是：{answer}"),
                    values,
                    expected=f"{values['answer']} {text}",
                    actual=answer,
                )
