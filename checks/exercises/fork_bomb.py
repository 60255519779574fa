"""Exercise 24, live: a fork bomb that met the seat's limit, and a seat that works again.

The limit and the count of what it refused are the kernel's, of the seat's control group (cgroups(7)): `pids.max` and
`pids.events`, which nobody in a seat can write. The count begins with the container. Evidence is also the neighbours'
latency meanwhile, as lab/host/classroom/latency.py has it; a seat does not know it: null, until `make grade` adds what
`make drill` has measured. It is shown, and changes no verdict.
"""

import contextlib
from pathlib import Path

from checks.judging.live import look, residents
from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from checks.judging.verdict import CouldNotRunError
from lab import proc
from lab.language import counted, tr
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
    found = results(
        Check("limited", tr("the seat has a limit on processes", "座位限制了进程数"), lambda: limit(evidence)),
        Check(
            "hit", tr("a fork bomb has hit it", "fork 炸弹触及了这个限制"), lambda: is_hit(evidence, values), "limited"
        ),
        Check("back", tr("the seat works again", "座位恢复正常"), lambda: is_back(evidence), after="hit"),
    )
    found[1]["data"] |= {"neighbours": evidence["neighbours"]}
    if found[1]["passed"]:
        found[1]["data"]["remark"] = remark(evidence["neighbours"])
    return found


def remark(neighbours: Evidence | None) -> str:
    """Return a sentence on the neighbours' latency meanwhile."""
    if not neighbours:
        return tr("the neighbours' latency meanwhile was not measured", "没有测量邻座当时的响应时间")
    meanwhile, quiet, seats = neighbours["meanwhile"], neighbours["quiet"], neighbours["seats"]
    slowest = max(seats, key=lambda seat: float(seats[seat]["worst"]))
    median, worst = ms(meanwhile["median"]), ms(meanwhile["worst"])
    full = tr(
        f"while it was full, for {neighbours['full']:.0f} s, `true` took its neighbours {median} in the median "
        f"and {worst} at worst ({slowest})",
        f"座位满的 {neighbours['full']:.0f} 秒内，邻座运行 true 的中位数为 {median}，最长 {worst}（{slowest}）",
    )
    if not quiet:
        return full
    return full + tr(
        f"; with no bomb in the class {ms(quiet['median'])} and {ms(quiet['worst'])}",
        f"；班上没有炸弹时为 {ms(quiet['median'])} 和 {ms(quiet['worst'])}",
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
                "nothing limits the number of processes here: a fork bomb would take the whole machine; "
                "do this one in a seat",
                "这里没有限制进程数：fork 炸弹会拖垮整台机器；请在座位里做这个练习",
            )
        )
    return int(most)


def mistake(evidence: Evidence, key: str, rationale: str, *, advice: str, expected: str, actual: str) -> Mistake:
    """Return a mistake, with the kernel's counts, and the rows of ps if the look succeeded."""
    now = evidence["pids"][1]
    rows = f"pids.max {now['limit']}   pids.current {now['current']}   pids.events: max {now['refused']}"
    if evidence["traces"]:
        rows += "\n\n" + Seen.of(evidence).mistake(key, rationale, advice=advice).rows
    return Mistake(key, rationale, advice=advice, expected=expected, actual=actual, rows=rows)


def is_hit(evidence: Evidence, values: Values) -> None:
    """See that the kernel has refused so many forks that it was a bomb."""
    most, refused = limit(evidence), evidence["pids"][1]["refused"]
    if refused >= BOMB:
        return
    expected = tr("hundreds of refused forks", "数百次被拒绝的 fork")
    if not refused:
        raise mistake(
            evidence,
            "never-hit",
            tr(
                f"since the seat was started, the kernel has refused no fork: {most} processes were never reached",
                f"座位启动以来，内核没有拒绝过 fork：从未达到 {most} 个进程",
            ),
            advice=tr(
                f"set one off (lab hint {values['number']}); if you did, and the seat was restarted since, do it again",
                f"引爆一个（lab hint {values['number']}）；如果已经做过，但座位后来重启了，请再做一次",
            ),
            expected=expected,
            actual="0",
        )
    raise mistake(
        evidence,
        "few",
        tr(
            f"the kernel has refused {counted(refused, 'fork', 'forks')} only: that was no bomb",
            f"内核只拒绝了 {refused} 次 fork：这不是炸弹",
        ),
        advice=tr(
            "one parent that forks until it is refused stops there; in a bomb every child forks too, and goes on",
            "一个父进程 fork 到被拒绝就停下了；炸弹的每个子进程也都在 fork，并且不停下",
        ),
        expected=expected,
        actual=str(refused),
    )


def is_back(evidence: Evidence) -> None:
    """See that there is room, and that nothing was refused during the look."""
    before, now = evidence["pids"]
    more = now["refused"] - before["refused"]
    if evidence["traces"] and not more and now["current"] <= limit(evidence) / 2:
        return
    raise mistake(
        evidence,
        "still-on",
        tr(
            f"the bomb is still there: {now['current']} of {now['limit']} processes are taken, "
            f"and {more} more forks were refused during the last second",
            f"炸弹还在：{now['limit']} 个进程中已占用 {now['current']} 个，最近一秒又拒绝了 {more} 次 fork",
        ),
        advice=tr(
            "kill the bomb's whole process group at once, with what is built into bash: kill -KILL -- -GROUP",
            "用 bash 的内部命令一次杀死炸弹的整个进程组：kill -KILL -- -组号",
        ),
        expected=tr("room, and no fork refused", "有空余，没有 fork 被拒绝"),
        actual=tr(f"{now['current']} of {now['limit']}", f"{now['current']}/{now['limit']}"),
    )
