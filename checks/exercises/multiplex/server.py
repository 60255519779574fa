"""The server: one process with one thread, which sleeps while nobody speaks."""

import statistics

from checks.judging.crowd import visits
from checks.judging.result import Mistake
from checks.judging.seen import Seen
from checks.judging.serving import Served
from checks.judging.wording import pids_of
from lab.language import tr, tr_count
from lab.trace import History, Span

OFTEN = 8  # times that a server may wake while nobody speaks: a limit of 0.1 s for select is no busy loop
TOGETHER = 0.5  # seconds for which a process is there beside its copy that does not only start it
SLOW = 0.02  # seconds that an answer takes of a server that sleeps a while, and then looks; others need a millisecond


def is_one(served: Served) -> None:
    """See no other process and no other thread come with the clients."""
    seen, server = served.seen, served.evidence["server"]
    if born := came_with_the_clients(served):
        raise forks(seen, server, born)
    root, until = seen.history(server), served.evidence["end"]
    threads = max((span.value for span in root.threads if span.start < until), default=1) if root else 1
    if threads > 1:
        raise has_threads(seen, server, threads)


def came_with_the_clients(served: Served) -> list[History]:
    """Return the processes that were not there before the first client, and those of which the server is a copy."""
    seen, server, until = served.seen, served.evidence["server"], served.evidence["end"]
    came = visits(served.evidence)["c1"].entered
    before = ancestors(seen, server)  # a shell that started it may be seen late
    others = [h for h in seen.trace.processes if h.pid not in before and h.pid != server and h.first_seen < until]
    born = [history for history in others if is_child(history, server) or history.first_seen > came]
    return copied(seen, server) + born


def forks(seen: Seen, server: int, born: list[History]) -> Mistake:
    """Return the mistake of a server of several processes."""
    return seen.mistake(
        "forks",
        tr_count(
            len(born),
            "beside your server {server} there was {n} more process: {pids}",
            "beside your server {server} there were {n} more processes: {pids}",
            server=server,
            pids=pids_of(born),
        ),
        advice=tr("no fork here: keep all connections in a list, and let select say which of them has something"),
        compared=(tr("one process"), tr("{count} processes", count=len(born) + 1)),
    )


def has_threads(seen: Seen, server: int, threads: int) -> Mistake:
    """Return the mistake of a server of several threads."""
    return seen.mistake(
        "threads",
        tr_count(threads, "your server {server} had {n} thread", "your server {server} had {n} threads", server=server),
        advice=tr("no threads here: keep all connections in a list, and let select say which of them has something"),
        compared=(tr("one thread"), threads),
    )


def copied(seen: Seen, server: int) -> list[History]:
    """Return the server's ancestors that run its own command and are there with it; a shell around it is none."""
    root = seen.history(server)
    if not root:
        return []
    above = [history for pid in ancestors(seen, server) if (history := seen.history(pid))]
    return [h for h in above if h.command == root.command and seen.ended_at(h) > root.first_seen + TOGETHER]


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
    for quiet in served.evidence["quiet"]:
        time = Span(quiet["from"], quiet["to"], 0)
        ran = seen.in_state(history, "R", [time]) if history else 0
        if ran > time.seconds / 2:
            raise spins(served, server, ran, quiet["who"])
        if quiet["woke"] > OFTEN:
            raise polls(served, server, quiet["woke"], time.seconds)
    looks_now_and_then(served, server)


def looks_now_and_then(served: Served, server: int) -> None:
    """See that a server which woke for nothing, as one whose select has a limit may, did not wait with its answers."""
    quiet = served.evidence["quiet"]
    woke, seconds = sum(rest["woke"] for rest in quiet), sum(rest["to"] - rest["from"] for rest in quiet)
    if not woke or not seconds:
        return
    soon = statistics.median(served.evidence["pings"])  # as if nobody else wanted the CPU; one may come just in time
    if soon < max(SLOW, 0.3 * seconds / woke):
        return
    if not served.evidence["knows_waits"]:
        served.seen.can_tell(soon, known=2 * served.seen.late)
    raise polls(served, server, woke, seconds, soon)


def spins(served: Served, server: int, ran: float, who: str) -> Mistake:
    """Return the mistake of a busy loop."""
    return served.seen.mistake(
        {"all": "spins", "left": "spins-after-leaving", "none": "spins-alone"}[who],
        tr(
            "nobody said anything, and your server {server} ran all the same (R) for {ran:.1f} s",
            server=server,
            ran=ran,
        ),
        advice=about_spinning(who),
        compared=("S", "R"),
    )


def about_spinning(who: str) -> str:
    """Return what helps a server that spins while all are there, when one has left, or when all have."""
    if who == "none":
        return tr("all had left: with no client there is the listener alone, for which select waits without a limit")
    if who == "left":
        return tr(
            "it began when a client left: a closed connection is readable for ever, and recv returns b''; close it, "
            "and take it out of the list"
        )
    return tr(
        "it asks again and again: let select wait without a limit (no 0 as its last argument), and then read what "
        "there is, also where it is half a line"
    )


def polls(served: Served, server: int, times: int, seconds: float, late: float = 0.0) -> Mistake:
    """Return the mistake of a loop that sleeps a little in between, and whose answers come so late."""
    delay = tr(", and most answers came {late:.2f} s or more after the line", late=late)
    return served.seen.mistake(
        "polls",
        tr_count(
            times,
            "nobody said anything, and your server {server} woke {n} time in {seconds:.1f} s to see that",
            "nobody said anything, and your server {server} woke {n} times in {seconds:.1f} s to see that",
            server=server,
            seconds=seconds,
        )
        + (delay if late else ""),
        advice=tr(
            "a sleep in a busy loop makes it late as well: select sleeps until there is something, and not longer"
        ),
        compared=(tr("it sleeps on"), tr_count(times, "woke {n} time", "woke {n} times")),
    )
