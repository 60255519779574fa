"""Exercise 20: a server that drops a client which is silent for too long, and serves the others meanwhile."""

import re

from checks.judging.answers import Fault, about_lines, are_soon, first_fault, said_unasked
from checks.judging.crowd import LISTEN, Crowd, Guest, visits
from checks.judging.result import Check, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.serving import Served, occupied, service
from checks.judging.verdict import CouldNotRunError
from lab.exercises.timeout.values import TIMES
from lab.language import tr
from lab.student.seed import Values

SLUG = "timeout"
SOCKET = "timeout.sock"
PATIENCE = 2.5  # seconds beyond the time after which a client must have been dropped
ANSWER = 2.0
SEAT = re.compile(r"got it \d{3}$")  # an answer of some seat's
KNOWN = 0.25  # seconds to which times must be known where another seat's may be off by 0.3
LINGERS = 0.3  # seconds beyond its time after which a client is still there that nobody has closed
SOON = 0.3  # seconds in which a server that is not blocked has answered


def observe(seat: Seat, values: Values) -> Evidence:
    """Be a client that comes and goes, one that is silent, one that talks on and falls silent later, and two more."""
    if found := occupied(seat, SLUG, SOCKET):
        return found
    with service(seat, SLUG, SOCKET, seconds=25) as served:
        if brief(served.crowd):
            visit(served.crowd, float(values["seconds"]))
    return served.evidence


def brief(crowd: Crowd) -> bool:
    """Say a line, two in one go, and one in two parts, and leave; tell whether each was answered."""
    if not (guest := crowd.enter("brief")):
        return False
    for text in ("hello", "one\ntwo"):
        guest.say(text)
        if not crowd.until(lambda: guest.is_answered, ANSWER) or not guest.is_open:
            return False
        crowd.rest(LISTEN)  # who says more than was asked for does it now
    crowd.say_in_parts(guest, b"one half and ", b"the other")
    is_good = crowd.until(lambda: guest.is_answered, ANSWER) and guest.is_open
    guest.leave()
    return is_good


def visit(crowd: Crowd, seconds: float) -> None:
    """Connect them, and see who is dropped when."""
    if not (silent := crowd.enter("silent")) or not (talker := crowd.enter("talker")):
        return
    started = silent.clock()
    other: Guest | None = None
    while silent.is_open and silent.clock() < started + seconds + PATIENCE:
        talker.say(f"hello {len(talker.heard) + 1}")
        crowd.until(lambda: not silent.is_open or talker.is_answered, seconds + PATIENCE)
        crowd.until(lambda: not silent.is_open, seconds / 4)
        if not other and (other := crowd.enter("other")):
            other.say("hello")
    if silent.is_open or not talker.is_open:
        return
    crowd.until(lambda: talker.is_answered and (not other or other.is_answered), ANSWER)
    newcomer = comes_next(crowd, talker, seconds)
    talker.say("goodbye")
    crowd.until(lambda: not talker.is_open, seconds + PATIENCE)
    crowd.until(lambda: not newcomer or not newcomer.is_open, seconds + PATIENCE)  # before somebody else comes
    if late := crowd.enter("late"):
        late.say("hello")
        crowd.until(lambda: late.is_answered, ANSWER)


def comes_next(crowd: Crowd, talker: Guest, seconds: float) -> Guest | None:
    """Connect another when one was dropped, while the talker talks on, so that it stays."""
    crowd.rest(LISTEN)  # the child of who was dropped has ended by then, and the parent knows
    if not (newcomer := crowd.enter("next")):
        return None
    newcomer.say("hello")
    deadline = crowd.moment() + ANSWER
    while talker.is_open and not newcomer.is_answered and crowd.moment() < deadline:
        talker.say("still here")
        crowd.until(lambda: newcomer.is_answered, seconds / 4)
    return newcomer


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say who was dropped and who was answered."""
    served = Served(evidence, SOCKET)
    seconds, answer = float(values["seconds"]), str(values["answer"])
    return results(
        *served.checks,
        Check(
            "answers",
            tr("it answers each line with a line", "每一行它都用一行回答"),
            lambda: answers(served, seconds, answer),
            after="lives",
        ),
        Check(
            "drops",
            tr("it drops a silent client", "它断开沉默的客户端"),
            lambda: drops(served, seconds),
            after="answers",
        ),
        Check(
            "others",
            tr("it answers the others meanwhile", "与此同时它回答其他客户端"),
            lambda: answers_others(served, answer),
            after="drops",
        ),
        Check(
            "talker",
            tr("it keeps a client that talks", "它保留还在说话的客户端"),
            lambda: keeps_talker(served, seconds),
            after="others",
        ),
        Check(
            "values",
            tr(
                f"silent for {seconds} s; the answer is: {answer}",
                f"沉默 {seconds} 秒；回答是：{answer}",
            ),
            lambda: has_values(served, values),
            after="talker",
        ),
    )


def is_right(answer: str, wanted: str) -> bool:
    """Tell whether an answer is this seat's, or might be another's."""
    return answer == wanted or SEAT.match(answer) is not None


def answers(served: Served, seconds: float, answer: str) -> None:
    """See a client that comes, speaks and goes get an answer to each line, whatever a recv brings."""
    found = visits(served.evidence)
    fault = first_fault(found["brief"], lambda heard, _: is_right(heard, answer))
    if not fault:
        return
    if fault.kind in ("unanswered", "together"):  # or late
        are_soon(served)
    if mistake := about_lines(served, fault):
        raise mistake
    if fault.kind == "unasked":
        raise said_unasked(served, fault)
    if fault.kind == "wrong":
        raise answered_otherwise(served, fault, answer)
    waited = (fault.visit.dropped or served.evidence["end"]) - fault.line.moment
    if fault.visit.dropped is None or waited >= seconds / 2:
        raise unanswered(served, fault.line.text)
    before = max(moment for moment, _, _ in fault.visit.events if moment < fault.line.moment)
    if fault.line.moment - before > seconds / 2:  # it was we who were late
        raise too_busy()
    raise hangs_up(served, fault.line.text, waited)


def answered_otherwise(served: Served, fault: Fault, answer: str) -> Exception:
    """Return the mistake of a server that says something else."""
    return served.mistake(
        "wrong-answer",
        tr(
            f"{fault.visit.name} said “{fault.line.text}”, and was answered: {fault.heard}",
            f"{fault.visit.name} 说了“{fault.line.text}”，得到的回答是：{fault.heard}",
        ),
        advice=tr(
            f"the answer to each line is {answer} and a newline, and nothing else",
            f"每一行的回答都是“{answer}”和换行符，没有别的内容",
        ),
        expected=answer,
        actual=fault.heard,
    )


def drops(served: Served, seconds: float) -> None:
    """See the silent client dropped, sooner or later."""
    found = visits(served.evidence)
    if missing := [name for name in ("silent", "talker") if name not in found]:
        raise not_taken(served, missing[0])
    silent = found["silent"]
    if silent.dropped is None:
        raise never_dropped(served, seconds, served.evidence["end"] - silent.entered)


def not_taken(served: Served, name: str) -> Exception:
    """Return why there is nobody of that name: the one before was dropped as it was about to speak, or none could."""
    brief = visits(served.evidence)["brief"]
    if brief.dropped is not None:
        are_soon(served)
        moment, text = brief.lines[-1]
        return hangs_up(served, text, brief.dropped - moment)
    served.seen.can_tell(1)
    return served.mistake(
        "refuses",
        tr(
            f"{name} could not connect, when brief had left ({served.evidence['refused']})",
            f"brief 离开之后，{name} 无法连接（{served.evidence['refused']}）",
        )
        + served.complaint,
        advice=served.or_error(
            tr("the listening socket stays open: accept again and again", "监听的套接字要一直开着：不断地 accept")
        ),
        expected=tr("connected", "连接成功"),
        actual=served.evidence["refused"],
    )


def never_dropped(served: Served, seconds: float, waited: float) -> Exception:
    """Return the mistake of a server that waits for ever."""
    served.seen.can_tell(1)
    return served.mistake(
        "never-dropped",
        tr(
            f"a client said nothing for {waited:.1f} s, and was still connected",
            f"一个客户端沉默了 {waited:.1f} 秒，仍然连接着",
        ),
        advice=tr(
            f"give each connection its own limit, connection.settimeout({seconds}), and close it at TimeoutError "
            "(and after a fork in the parent, which has it too); in a loop around select or poll, give that a limit "
            "and look at who has been silent",
            f"给每个连接设置时限 connection.settimeout({seconds})，遇到 TimeoutError 就关闭它"
            "（fork 之后，父进程也要关闭它的那一份）；如果循环里用的是 select 或 poll，就给它设时限，再看谁沉默太久",
        ),
        expected=tr(f"dropped after {seconds} s", f"{seconds} 秒后断开"),
        actual=tr("not dropped", "没有断开"),
    )


def answers_others(served: Served, answer: str) -> None:
    """See that the others were answered while one was silent, not after, and nobody before it had spoken."""
    found = visits(served.evidence)
    until = found["silent"].dropped or 0.0
    brief = found["brief"]  # when nobody was silent
    usual = max(heard - said for (said, _), (heard, _) in zip(brief.lines, brief.heard, strict=False))
    for name in ("silent", "talker", "other", "next", "late"):
        if name not in found:
            continue
        visit = found[name]
        for (said, _), (heard, _) in zip(visit.lines, visit.heard, strict=False):
            if said < until - SOON and heard >= until and heard - said > usual + SOON:
                raise blocked(served, said, heard)
        fault = first_fault(visit, lambda heard, _: is_right(heard, answer))
        if not fault or fault.kind == "dropped" or is_dropped_talker(fault):
            continue
        if fault.kind == "unasked":
            raise said_unasked(served, fault)
        if fault.kind == "wrong":
            raise answered_otherwise(served, fault, answer)
        raise about_lines(served, fault) or unanswered(served, fault.line.text)
    if "next" in found and found["next"].heard:
        came, answered = found["next"].lines[0][0], found["next"].heard[0][0]
        if answered - came > usual + SOON:
            raise waits_for_children(served, came, answered)


def is_dropped_talker(fault: Fault) -> bool:
    """Tell whether a client was dropped as it spoke, which has a check of its own, or had said the last it says."""
    visit = fault.visit
    if visit.name != "talker" or fault.kind != "unanswered":
        return False
    was_dropped = visit.dropped is not None and visit.dropped - fault.line.moment < SOON
    return was_dropped or fault.line.text == "goodbye"  # which is answered with being dropped, at the latest


def blocked(served: Served, said: float, heard: float) -> Exception:
    """Return the mistake of a server that waits for one client alone."""
    if heard - said < SOON + served.seen.late:
        return too_busy()
    served.seen.served(within=SOON, since=said)
    return served.mistake(
        "blocked",
        tr(
            f"while one client was silent, another had to wait for its answer, from {said:.1f} s to {heard:.1f} s",
            f"一个客户端沉默时，另一个客户端不得不等待回答：从 {said:.1f} 秒等到 {heard:.1f} 秒",
        ),
        advice=tr(
            "your server waits for one client at a time: fork a child or start a thread for each, or select among all",
            "您的服务器一次只等待一个客户端：为每个客户端 fork 一个子进程（或线程），或者用 select 同时等待所有客户端",
        ),
        expected=tr("an answer at once", "立即回答"),
        actual=tr("an answer when the silent one was dropped", "沉默者被断开之后才回答"),
    )


def waits_for_children(served: Served, said: float, heard: float) -> Exception:
    """Return the mistake of a server that takes nobody for a while, once it has dropped one."""
    if heard - said < SOON + served.seen.late:
        return too_busy()
    served.seen.served(within=SOON, since=said)
    return served.mistake(
        "waits-for-the-others",
        tr(
            f"after one client was dropped, a new one had to wait for its answer, from {said:.1f} s to {heard:.1f} s",
            f"一个客户端被断开之后，新来的客户端不得不等待回答：从 {said:.1f} 秒等到 {heard:.1f} 秒",
        ),
        advice=tr(
            "what is done when a client has gone may not wait for the others: a handler of SIGCHLD reaps with WNOHANG",
            "某个客户端离开之后要做的事，不能等待其他客户端：SIGCHLD 的处理程序要用 WNOHANG 回收",
        ),
        expected=tr("an answer at once", "立即回答"),
        actual=tr("an answer when others had gone", "其他客户端离开之后才回答"),
    )


def unanswered(served: Served, text: str) -> Exception:
    """Return the mistake of a server that does not answer at all."""
    served.seen.can_tell(1)
    is_limit = "TimeoutError" in served.complaint  # which is what is asked for
    advice = tr(
        "each line of a client that is connected is answered at once: is there a loop around recv, and a sendall?",
        "已连接的客户端的每一行都要马上回答：recv 外面有循环吗？有 sendall 吗？",
    )
    return served.mistake(
        "no-answer",
        tr(
            f"a client said “{text}”, and had no answer within {ANSWER} s",
            f"客户端说了“{text}”，在 {ANSWER} 秒内没有得到回答",
        )
        + ("" if is_limit else served.complaint),
        advice=advice if is_limit else served.or_error(advice),
        expected=tr("an answer", "一个回答"),
        actual=tr("none", "没有"),
    )


def keeps_talker(served: Served, seconds: float) -> None:
    """See that the client which talked was dropped only after its last line."""
    talker = visits(served.evidence)["talker"]
    moment, text = talker.said[-1]
    silence = (talker.dropped or served.evidence["end"]) - moment
    if text == "goodbye" and talker.dropped is None:
        raise never_dropped(served, seconds, silence)
    if silence > seconds / 2:
        if text != "goodbye":  # then it was we who were late
            raise too_busy()
        return
    lived = (talker.dropped or 0.0) - talker.entered
    if lived < seconds / 2:
        raise hangs_up(served, text, silence)
    raise served.mistake(
        "dropped-the-talker",
        tr(
            f"a client that kept talking was dropped too, {lived:.1f} s after it had connected",
            f"一直在说话的客户端也被断开了，在它连接 {lived:.1f} 秒之后",
        ),
        advice=tr(
            "the time begins anew with each line that comes: it limits the silence, not the visit",
            "每收到一行，就重新开始计时：限制的是沉默的时间，而不是整个连接的时间",
        ),
        expected=tr("it stays", "保留"),
        actual=tr("dropped", "断开"),
    )


def hangs_up(served: Served, text: str, silence: float) -> Exception:
    """Return the mistake of a server that drops who has just spoken."""
    return served.mistake(
        "hangs-up",
        tr(
            f"a client was dropped {silence:.1f} s after it had said “{text}”",
            f"一个客户端说了“{text}”，{silence:.1f} 秒后就被断开了",
        )
        + served.complaint,
        advice=served.or_error(
            tr(
                "a client may say many lines: a loop around recv, until it returns b'' or the time is over",
                "客户端可以说很多行：在 recv 外面加循环，直到它返回 b'' 或者超时",
            )
        ),
        expected=tr("it stays", "保留"),
        actual=tr("dropped", "断开"),
    )


def too_busy() -> CouldNotRunError:
    """Return what is said where a time was not known well enough."""
    return CouldNotRunError(tr("the machine was too busy to tell; try again", "机器太忙，无法判断；请再试一次"))


def has_values(served: Served, values: Values) -> None:
    """Compare the time and the answer with what was asked for in this seat."""
    seconds, seen, found = float(values["seconds"]), served.seen, visits(served.evidence)
    silent, talker = found["silent"], found["talker"]
    first = (silent.dropped or 0.0) - silent.entered
    second = (talker.dropped or 0.0) - talker.said[-1][0]
    heard = [text for visit in found.values() for _, text in visit.heard]
    strange = [text for text in heard if text != values["answer"] and SEAT.match(text)]
    if seen.about(first, seconds) and seen.about(second, seconds) and not strange:
        return drops_the_last(served, seconds)
    if not strange:  # from accept to the fork and to the child's first recv, it may have waited for the CPU
        seen.can_tell(KNOWN)
        seen.served(within=max(abs(first - seconds), abs(second - seconds)) / 3, since=silent.entered)
    answer = strange[0] if strange else str(values["answer"])
    if not strange and not any(seen.about(first, time) and seen.about(second, time) for time in TIMES):
        raise dropped_at_another_time(served, seconds, first, second)
    raise served.other_values(
        tr(
            f"silent clients were dropped after {first:.1f} s and {second:.1f} s; the answer was: {answer}",
            f"沉默的客户端在 {first:.1f} 秒和 {second:.1f} 秒后被断开；回答是：{answer}",
        ),
        values,
        expected=tr(f"{seconds} s; {values['answer']}", f"{seconds} 秒；{values['answer']}"),
        actual=f"{first:.1f} s, {second:.1f} s; {answer}",
    )


def drops_the_last(served: Served, seconds: float) -> None:
    """See the one who came last dropped as well, before somebody else came: a parent may still have had its copy."""
    last = visits(served.evidence).get("next")
    if not last or not last.lines:
        return
    silence = (last.dropped or served.evidence["end"]) - last.lines[-1][0]
    late = silence - seconds
    if late > max(served.seen.slack, LINGERS):
        served.seen.served(within=late / 2, since=last.entered)
        raise never_dropped(served, seconds, silence)


def dropped_at_another_time(served: Served, seconds: float, first: float, second: float) -> Exception:
    """Return the mistake of a server that drops who is silent at a time that is no seat's."""
    return served.mistake(
        "other-time",
        tr(
            f"a client that never spoke was dropped after {first:.1f} s, "
            f"one that had spoken {second:.1f} s after its last line",
            f"一个从未说话的客户端在 {first:.1f} 秒后被断开，另一个在它说完最后一行的 {second:.1f} 秒后被断开",
        ),
        advice=tr(
            f"both are to be {seconds} s: each line begins the time anew, for this connection alone; "
            "who looks now and then only, looks often enough",
            f"两者都应是 {seconds} 秒：每收到一行，只为这个连接重新计时；如果只是隔一段时间看一次，就要看得足够勤",
        ),
        expected=tr(f"{seconds} s", f"{seconds} 秒"),
        actual=tr(f"{first:.1f} s, {second:.1f} s", f"{first:.1f} 秒，{second:.1f} 秒"),
    )
