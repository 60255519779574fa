"""How a process has ended: by itself, by a signal, or by an error."""

from checks.judging.pair import complaint_of
from checks.judging.result import Mistake
from checks.judging.seen import Seen
from lab.language import tr
from lab.trace import History
from lab.trace.timeline import exited


def ends_by_itself(seen: Seen, process: History, who: str) -> None:
    """See a process end by no signal and no error, as far as that is known."""
    how, words = process.exit, complaint_of(seen, process)
    if how and how.signal is not None:
        raise killed(seen, process, who, exited(how))
    if words and how and how.code:
        raise crashed(
            seen,
            tr("an error has ended {who} {pid} ({how}){words}", who=who, pid=process.pid, how=exited(how), words=words),
        )


def killed(seen: Seen, process: History, who: str, how: str) -> Mistake:
    """Return the mistake of a process that a signal has ended."""
    return seen.mistake(
        "killed",
        tr("{who} {pid} did not end by itself: {how}", who=who, pid=process.pid, how=how),
        advice=tr("no signal is to end it: os._exit(0)"),
        compared=(tr("it ends by itself"), how),
    )


def crashed(seen: Seen, rationale: str) -> Mistake:
    """Return the mistake of a process that an error has ended."""
    return seen.mistake(
        "crashed",
        rationale,
        advice=tr("read the error, and mend that line"),
        compared=(tr("it ends by itself"), tr("an error")),
    )
