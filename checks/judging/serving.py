"""A student's server on a socket file: its way is cleared, it listens, and it lives as long as it has clients."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from checks.judging.crowd import Crowd, conversation
from checks.judging.result import Check, Mistake, other_values
from checks.judging.seat import Evidence, Running, Seat
from checks.judging.seen import Seen
from lab.exercises.seed import Values
from lab.language import tr
from lab.tracing.timeline import exited

DEATH = 0.3  # seconds in which a server has ended that has hung up because it ends


@dataclass
class Service:
    """A run of a server: whoever visits it, and what came of both."""

    running: Running
    crowd: Crowd
    evidence: Evidence


@contextmanager
def service(seat: Seat, slug: str, socket: str, seconds: float, keyboard: bool = False) -> Iterator[Service]:
    """Run a server, after its socket file was cleared away; what came of it is in `evidence` after the block."""
    path = seat.work / socket
    seat.program(slug)
    with seat.as_student():
        if (kind := type_of(path)) in ("s", None):
            path.unlink(missing_ok=True)
    with seat.started(slug, seconds=seconds, keyboard=keyboard) as running:
        crowd = Crowd(path, running)
        served = Service(running, crowd, {})
        yield served
        if crowd.was_just_dropped():  # by a server that is about to end?
            crowd.until(lambda: running.ended, DEATH)
        served.evidence |= {"in_the_way": kind if kind not in ("s", None) else None, "type": type_of(path)}
        served.evidence |= {"ended": running.ended, "end": running.moment()}
        crowd.close()
    served.evidence |= running.evidence() | crowd.evidence()
    with seat.as_student():
        if type_of(path) == "s":
            path.unlink(missing_ok=True)


def type_of(path: Path) -> str | None:
    """Return the letter with which ls shows a file, None if there is none."""
    try:
        return stat.filemode(path.lstat().st_mode)[0]
    except OSError:
        return None


@dataclass(frozen=True)
class Served:
    """The evidence of a run of a server."""

    evidence: Evidence
    socket: str

    @property
    def seen(self) -> Seen:
        """The trace."""
        return Seen.of(self.evidence)

    def mistake(self, key: str, rationale: str, *, advice: str, expected: object = "", actual: object = "") -> Mistake:
        """Return a mistake, with what the clients said and heard."""
        rows = conversation(self.evidence)
        return Mistake(key, rationale, advice=advice, expected=expected, actual=actual, rows=rows)

    def other_values(self, rationale: str, values: Values, *, expected: object, actual: object) -> Mistake:
        """Return the mistake of a server with the values of another seat."""
        rows = conversation(self.evidence)
        return other_values(rationale, values["number"], expected=expected, actual=actual, rows=rows)

    @property
    def checks(self) -> tuple[Check, Check]:
        """What is looked at first of every server."""
        return (
            Check("listens", tr("it listens on a socket file", "它在套接字文件上监听"), self.listens),
            Check(
                "lives", tr("it runs on, whoever comes and goes", "无论谁来谁走，它都继续运行"), self.lives, "listens"
            ),
        )

    def listens(self) -> None:
        """See that somebody could connect."""
        self.seen.stays_small()
        if self.evidence["guests"]:
            return
        if kind := self.evidence["in_the_way"]:
            raise self.seen.mistake(
                "in-the-way",
                tr(
                    f"~/work/{self.socket} is there, and no socket: its type is {kind}",
                    f"~/work/{self.socket} 存在，但不是套接字：类型为 {kind}",
                ),
                advice=tr("move it away: the name is the server's", "请把它移走：这个名字是给服务器用的"),
                expected="s",
                actual=kind,
            )
        if self.evidence["ended"]:
            raise self.seen.ended_otherwise(None)
        self.seen.can_tell(1)
        raise self.seen.mistake(
            "not-listening",
            tr(f"no client could connect to ~/work/{self.socket}", f"客户端无法连接 ~/work/{self.socket}"),
            advice=tr(
                "socket(AF_UNIX), bind to the file's name, listen, and stay",
                "先 socket(AF_UNIX)，再 bind 到文件名，listen，然后一直运行",
            ),
            expected=tr("a socket, type s", "套接字，类型 s"),
            actual=self.evidence["type"] or tr("no file", "没有文件"),
        )

    def lives(self) -> None:
        """See that the server was still there when the last client had left."""
        seen = self.seen
        over = seen.trace.ended is not None and seen.trace.ended < self.evidence["end"]
        crashed = over and (seen.trace.exit is None or seen.trace.exit.status != 0)
        if not (self.evidence["ended"] or crashed):
            return
        said = seen.last_words
        how = exited(seen.trace.exit) if seen.trace.exit else ""
        if seen.status == 0:
            advice = tr(
                "a server goes on when a client has left: is there a loop around accept, and what leaves it?",
                "客户端离开后，服务器要继续运行：accept 外面有循环吗？是什么让它离开了循环？",
            )
        else:
            advice = tr(
                "what goes wrong with one client must end that connection, not the server: except where it can happen",
                "某个客户端出了问题，应该结束的是那个连接，而不是服务器：在可能出错的地方用 except",
            )
        raise self.mistake(
            "died",
            tr(
                f"your server had {len(self.evidence['guests'])} clients, and ended after "
                f"{seen.trace.ended or seen.trace.seconds:.1f} s ({how}){said}",
                f"您的服务器接待了 {len(self.evidence['guests'])} 个客户端，"
                f"{seen.trace.ended or seen.trace.seconds:.1f} 秒后结束了（{how}）{said}",
            ),
            advice=advice,
            expected=tr("it runs on", "继续运行"),
            actual=how,
        )
