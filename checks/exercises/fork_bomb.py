"""Exercise 24, live: a fork bomb that met the seat's limit, and a seat that works again.

The limit and the count of what it refused are the kernel's, of the seat's control group (cgroups(7)): `pids.max` and
`pids.events`, which nobody in a seat can write. The count begins with the container. Evidence is also the neighbours'
latency meanwhile, as lab/host/classroom/latency.py has it; a seat does not know it: null, until `make grade` adds what
`make drill` has measured. It is shown, and changes no verdict.
"""

import contextlib
from pathlib import Path

from checks.judging.live import look, residents
from checks.judging.result import Check, Compared, Mistake, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from checks.judging.verdict import CouldNotRunError
from lab import proc
from lab.language import tr, tr_count
from lab.student.seed import Values

CGROUPS = Path("/sys/fs/cgroup")
SEATS_MOST = 1000  # processes; a higher limit is a machine's, on which others would be hit as well
BOMB = 20  # refused forks: a bomb gets hundreds; `make check` fills a seat too, and stops at the first


def observe(seat: Seat, values: Values) -> Evidence:
    """Read what the kernel counted, before and after a look at the seat's processes, if one can be had."""
    folder = cgroup(seat)
    before = counts(folder)
    try:
        evidence = look(seat)
    except (RuntimeError, OSError):  # no thread, no process, no file: the seat is full
        evidence = {"traces": []}
    return evidence | {"pids": [before, counts(folder)], "neighbours": None}


def cgroup(seat: Seat) -> Path:
    """Return the folder of the seat's control group: ours, or that of the student where a folder is the seat."""
    for pid in residents(seat) if seat.is_a_folder else []:
        with contextlib.suppress(*proc.GONE):  # a bomb's processes come and go
            return folder_of(Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8"))
    return folder_of(Path("/proc/self/cgroup").read_text(encoding="utf-8"))


def folder_of(listed: str) -> Path:
    """Return the folder of the control group that limits processes, by the lines of /proc/PID/cgroup."""
    paths = {kind: path for _, kind, path in (line.split(":", 2) for line in listed.splitlines())}
    root, path = (CGROUPS / "pids", paths["pids"]) if "pids" in paths else (CGROUPS, paths.get("", "/"))
    there = root / path.lstrip("/")  # not in a container with version 1: it sees its own group as the root
    return there if (there / "pids.max").exists() else root


def counts(folder: Path) -> dict[str, int | None]:
    """Return the limit (None: there is none), how many processes there are, and how many forks were refused."""
    try:
        limit, current, events = (
            (folder / name).read_text(encoding="ascii").split() for name in ("pids.max", "pids.current", "pids.events")
        )
    except OSError:
        return {"limit": None, "current": None, "refused": None}
    return {
        "limit": None if limit == ["max"] else int(limit[0]),
        "current": int(current[0]),
        "refused": int(events[events.index("max") + 1]),
    }


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say whether the limit was hit, and whether the seat has recovered."""
    found = in_turn(
        Check("limited", tr("the seat has a limit on processes"), lambda: limit(evidence)),
        Check("hit", tr("a fork bomb has hit it"), lambda: is_hit(evidence, values)),
        Check("back", tr("the seat works again"), lambda: is_back(evidence)),
    )
    found[1]["data"] |= {"neighbours": evidence["neighbours"]}
    if found[1]["passed"]:
        found[1]["data"]["remark"] = remark(evidence["neighbours"])
    return found


def remark(neighbours: Evidence | None) -> str:
    """Return a sentence on the neighbours' latency meanwhile."""
    if not neighbours:
        return tr("the neighbours' latency meanwhile was not measured")
    quiet = neighbours["quiet"]
    return while_full(neighbours) + (when_quiet(quiet) if quiet else "")


def while_full(neighbours: Evidence) -> str:
    """Return what the neighbours had to wait for while the seat was full, and who the longest."""
    meanwhile, seats = neighbours["meanwhile"], neighbours["seats"]
    return tr(
        "while it was full, for {full:.0f} s, `true` took its neighbours {median} in the median and {worst} at "
        "worst ({slowest})",
        full=neighbours["full"],
        median=ms(meanwhile["median"]),
        worst=ms(meanwhile["worst"]),
        slowest=max(seats, key=lambda seat: float(seats[seat]["worst"])),
    )


def when_quiet(quiet: dict[str, float]) -> str:
    """Return what they wait for with no bomb."""
    return tr(
        "; with no bomb in the class {quiet_median} and {quiet_worst}",
        quiet_median=ms(quiet["median"]),
        quiet_worst=ms(quiet["worst"]),
    )


def ms(seconds: float) -> str:
    """Return a time in milliseconds."""
    return f"{1000 * seconds:.0f} ms"


def limit(evidence: Evidence) -> int:
    """Return the seat's limit."""
    most = evidence["pids"][1]["limit"]
    if most is None or most > SEATS_MOST:
        raise CouldNotRunError(
            tr(
                "nothing limits the number of processes here: a fork bomb would take the whole machine; do this one "
                "in a seat"
            )
        )
    return int(most)


def mistake(evidence: Evidence, key: str, rationale: str, *, advice: str, compared: Compared) -> Mistake:
    """Return a mistake, with the kernel's counts, and the rows of ps if the look succeeded."""
    now = evidence["pids"][1]
    rows = f"pids.max {now['limit']}   pids.current {now['current']}   pids.events: max {now['refused']}"
    if evidence["traces"]:
        rows += "\n\n" + Seen.of(evidence).mistake(key, rationale, advice=advice).rows
    return Mistake(key, rationale, advice=advice, compared=compared, rows=rows)


def is_hit(evidence: Evidence, values: Values) -> None:
    """See that the kernel has refused so many forks that it was a bomb."""
    most, refused = limit(evidence), evidence["pids"][1]["refused"]
    if refused >= BOMB:
        return
    raise few(evidence, refused) if refused else never_hit(evidence, values, most)


def never_hit(evidence: Evidence, values: Values, most: int) -> Mistake:
    """Return the mistake of a limit that was never reached."""
    return mistake(
        evidence,
        "never-hit",
        tr(
            "since the seat was started, the kernel has refused no fork: {most} processes were never reached", most=most
        ),
        advice=tr(
            "set one off (lab hint {number}); if you did, and the seat was restarted since, do it again", **values
        ),
        compared=(tr("hundreds of refused forks"), "0"),
    )


def few(evidence: Evidence, refused: int) -> Mistake:
    """Return the mistake of a few refused forks."""
    return mistake(
        evidence,
        "few",
        tr_count(
            refused,
            "the kernel has refused {n} fork only: that was no bomb",
            "the kernel has refused {n} forks only: that was no bomb",
        ),
        advice=tr(
            "one parent that forks until it is refused stops there; in a bomb every child forks too, and goes on"
        ),
        compared=(tr("hundreds of refused forks"), str(refused)),
    )


def is_back(evidence: Evidence) -> None:
    """See that there is room, and that nothing was refused during the look."""
    before, now = evidence["pids"]
    more = now["refused"] - before["refused"]
    if evidence["traces"] and not more and now["current"] <= limit(evidence) / 2:
        return
    raise still_on(evidence, more, now)


def still_on(evidence: Evidence, more: int, now: dict[str, int]) -> Mistake:
    """Return the mistake of a bomb that is still there."""
    return mistake(
        evidence,
        "still-on",
        tr_count(
            more,
            "the bomb is still there: {current} of {limit} processes are taken, and {n} more fork was refused "
            "during the last second",
            "the bomb is still there: {current} of {limit} processes are taken, and {n} more forks were refused "
            "during the last second",
            current=now["current"],
            limit=now["limit"],
        ),
        advice=tr("kill the bomb's whole process group at once, with what is built into bash: kill -KILL -- -GROUP"),
        compared=(
            tr("room, and no fork refused"),
            tr("{current} of {limit}", current=now["current"], limit=now["limit"]),
        ),
    )
