"""Who is up and who is at work: a row a container, all asked at once; one that does not answer is a row too."""

import json
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import docker
from docker.errors import DockerException
from docker.models.containers import Container
from rich.console import JustifyMethod
from rich.markup import escape
from rich.table import Table

from lab.host import compose, execution, files, project
from lab.host.step import size
from lab.language import tr, tr_as
from lab.web import state

AT_ONCE = 8
PATIENCE = 10.0  # seconds for all rows together
HOMES_PATIENCE = 2.0  # seconds for the sizes of the homes; a student may have a million files
FULL = 0.9  # of its limit
NOBODY = "65534"  # a UID whose processes no student can stop
TERMINALS = ["/usr/bin/find", "/dev/pts", "-name", "[0-9]*", "-printf", "%u %A@\n"]  # whose, and when it was used
Used = dict[str, list[float]]  # a login: when its terminals were last used
ORDER = ("server", "gate", "watch", "web", "seat")


# A column's head, and the widest that it may be: together, with a space between, 80.
@dataclass
class Row:
    """One container of the lab."""

    seat: str  # or "server"
    role: str
    student: str = ""
    state: str = "no answer"  # healthy, starting, unhealthy, or the engine's word: exited, paused …
    since: str = ""  # ISO 8601
    terminals: int | None = None  # open, by ssh or by make shell; None: it could not be told
    active: str | None = None  # ISO 8601: when one of them was last used, as `w` has it
    chat: list[str] = field(default_factory=list)  # the names under which its student is online
    processes: int = 0
    memory: int = 0  # bytes
    home: int | None = None  # bytes of the files in it; None: it could not be told in time
    limit: int | None = None  # bytes that the home holds at most; None: nothing bounds it, or it could not be told
    passed: int | None = None  # exercises, as the seat itself says; None: the class is in no browser, so nobody is told
    hand: dict[str, Any] | None = None  # since when it is up (seconds since 1970), and the text

    def to_json(self) -> dict[str, Any]:
        """Return the row as JSON has it."""
        return asdict(self)


def rows(engine: docker.DockerClient) -> list[Row]:
    """Return a row a container: the server first, then the seats by name."""
    found = engine.containers.list(all=True, sparse=True, filters={"label": [project.IN_PROJECT, compose.ROLE]})
    asked = [(_row(container), container) for container in found]
    turn = threading.BoundedSemaphore(AT_ONCE)
    terminals: dict[str, Used] = {}  # where they were seen: in the gate, in the pages, or in a seat itself
    told: dict[str, Any] = {}  # by the seats, to the board

    def ask(row: Row, container: Container) -> None:
        with turn, suppress(DockerException, OSError):
            _fill(row, container, terminals)
            if row.role == "web":
                told.update(_told(container))

    homes: dict[str, tuple[int, int | None]] = {}
    measuring = threading.Thread(target=_measure, args=(engine, homes), daemon=True)
    threads = [threading.Thread(target=ask, args=pair, daemon=True) for pair in asked]
    for thread in (measuring, *threads):
        thread.start()
    began = time.monotonic()
    for thread in threads:
        thread.join(max(0.0, began + PATIENCE - time.monotonic()))
    measuring.join(max(0.0, began + HOMES_PATIENCE - time.monotonic()))
    everyone = [row for row, _ in asked]
    for row in everyone:
        row.home, row.limit = homes.get(row.seat, (None, None))
    _share_out_chat(everyone)
    _share_out_terminals(everyone, terminals, told.get("terminals", {}))
    _share_out_board(everyone, told.get("progress"))
    return sorted(everyone, key=lambda row: (ORDER.index(row.role), row.seat))


def columns() -> Iterable[tuple[str, int, JustifyMethod]]:
    """Return the columns: what stands over each, how wide it may be, and on which side it is ragged."""
    return (
        (tr("seat"), 10, "left"),
        (tr("student"), 8, "left"),
        (tr("state"), 9, "left"),
        (tr_as("column", "up"), 4, "right"),
        (tr("on"), 2, "right"),
        (tr("idle"), 4, "right"),
        (tr("done"), 4, "right"),
        (tr("hand"), 4, "right"),
        (tr("chat"), 7, "left"),
        (tr("procs"), 5, "right"),
        (tr("memory"), 6, "right"),
        (tr("home"), 6, "right"),
    )


def table(shown: list[Row]) -> Table:
    """Lay the rows out in 80 columns."""
    drawn = Table(box=None, header_style="bold", padding=(0, 1, 0, 0), pad_edge=False)
    for title, width, justify in columns():
        drawn.add_column(title, justify=justify, no_wrap=True, overflow="ellipsis", max_width=width)
    for row in shown:
        drawn.add_row(*_cells(row))
    if limits := sorted({row.limit for row in shown if row.limit}):
        drawn.caption = tr("A home holds at most {limits}", limits=", ".join(map(size, limits)))
        drawn.caption_justify = "left"
    return drawn


def _row(container: Container) -> Row:
    labels = container.attrs["Labels"]  # as the list has them; the rest is asked for together
    seat = labels.get(compose.SEAT)
    return Row(seat=seat or labels[compose.ROLE], role=labels[compose.ROLE], student=labels.get(compose.NAME, ""))


def _fill(row: Row, container: Container, terminals: dict[str, Used]) -> None:
    """Ask the engine; and the container itself only where nobody else knows, since that takes 30 ms of two CPUs.

    Who has come in by ssh has a terminal in the gate too. Only a `make shell` is seen in the seat alone.
    """
    container.reload()
    state = container.attrs["State"]
    row.state, row.since = container.status, state["StartedAt"]
    if container.status != "running":
        return
    row.state = state.get("Health", {}).get("Status", container.status)
    usage = cast(dict[str, Any], container.stats(stream=False, one_shot=True))
    row.processes = usage.get("pids_stats", {}).get("current", 0)
    row.memory = usage.get("memory_stats", {}).get("usage", 0)
    if row.role == "server":
        row.chat = _online(container)
    elif row.role == "gate" or container.attrs["ExecIDs"]:
        said = _say(container, TERMINALS, NOBODY)
        if said is not None:  # else it has no room for the question
            terminals[row.seat] = _used(said)


def _measure(engine: docker.DockerClient, homes: dict[str, tuple[int, int | None]]) -> None:
    """Note how much each home holds, and may hold, in bytes: the engine counts all of them at once."""
    api = engine.api
    with suppress(DockerException, OSError):
        # The library asks for images and containers too, which takes longer.
        answer = api.get(f"{api.base_url}/v{api.api_version}/system/df", params={"type": "volume"}, timeout=PATIENCE)
        answer.raise_for_status()
        for volume in answer.json()["Volumes"] or []:
            labels = volume["Labels"] or {}
            if labels.get("com.docker.compose.project") == project.PROJECT and compose.SEAT in labels:
                limit = labels.get(compose.LIMIT)
                homes[labels[compose.SEAT]] = volume["UsageData"]["Size"], int(limit) if limit else None


def _used(said: str) -> Used:
    used: Used = {}
    for line in said.splitlines():
        login, when = line.split()
        used.setdefault(login, []).append(float(when))
    return used


def _online(server: Container) -> list[str]:
    """Return who is in the chat: a name, and the seat in parentheses."""
    _, _, names = (_say(server, ["chat-admin", "who"]) or "").strip().partition("* online: ")
    return names.split(", ") if names else []


def _say(container: Container, command: list[str], user: str = "") -> str | None:
    """Return what a command prints in a container; None if it fails."""
    done = execution.run(container, command, user, LANG="C.UTF-8")
    return None if done.code else done.output.decode(errors="replace")


def _share_out_chat(everyone: list[Row]) -> None:
    """Give each seat the names that its student is online under."""
    online = [name for row in everyone if row.role == "server" for name in row.chat]
    for row in everyone:
        row.chat = [name.rsplit(" ", 1)[0] for name in online if name.endswith(f" ({row.seat})")]


def _told(web: Container) -> dict[str, Any]:
    """Return what the pages know: the seats' progress, and when their terminals there were used."""
    paths = {"progress": state.PROGRESS, "terminals": state.TERMINALS}
    return {name: json.loads(files.read(web, str(path)) or "{}") for name, path in paths.items()}


def _share_out_board(everyone: list[Row], progress: dict[str, Any] | None) -> None:
    """Give each seat its hand, and how many exercises it has passed."""
    for row in everyone:
        if row.role == "seat" and progress is not None:
            told = progress.get(row.seat, {"cells": {}, "hand": None})
            row.hand = told["hand"]
            row.passed = sum(bool(cell["passed"]) for cell in told["cells"].values())


def _share_out_terminals(everyone: list[Row], terminals: dict[str, Used], in_pages: Used) -> None:
    """Give each running seat what was seen in it, or else what its student has in the gate and in the pages."""
    for row in everyone:
        used = terminals.get(row.seat, terminals.get("gate"))
        if row.role == "seat" and row.processes and used is not None:
            times = used.get(row.seat, [])
            if row.seat not in terminals:
                times = [*times, *in_pages.get(row.seat, [])]
            row.terminals = len(times)
            row.active = datetime.fromtimestamp(max(times), UTC).isoformat(timespec="seconds") if times else None


def _cells(row: Row) -> list[str]:
    colour = "green" if row.state == "healthy" else "red"
    is_seat = row.role == "seat"
    return [
        escape(row.seat),
        escape(row.student),
        f"[{colour}]{row.state}[/]",
        _ago(row.since or None),
        ("?" if row.terminals is None else str(row.terminals or "-")) if is_seat else "",
        _ago(row.active) if is_seat else "",
        ("-" if row.passed is None else str(row.passed)) if is_seat else "",
        _ago(datetime.fromtimestamp(row.hand["since"], UTC).isoformat()) if row.hand else "",
        escape(",".join(row.chat) or "-") if is_seat else "",
        str(row.processes),
        _short(row.memory),
        _of_home(row) if is_seat else "",
    ]


def _of_home(row: Row) -> str:
    """Return how much is in a home, in red if it is about to be full."""
    if row.home is None:
        return "?"
    return f"[red]{_short(row.home)}[/]" if row.limit and row.home > FULL * row.limit else _short(row.home)


def _short(count: float) -> str:
    """Return a number of bytes in five columns: 12.3M."""
    return size(count).replace(" ", "").replace("iB", "")


def _ago(when: str | None) -> str:
    """Return how long ago, as `w` would say how long a terminal is idle: 12s, 5m, 3h, 2d."""
    if when is None:
        return "-"
    then = datetime.fromisoformat(when[:19]).replace(tzinfo=UTC)
    seconds = max(0.0, (datetime.now(UTC) - then).total_seconds())
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f}{unit}"
    return f"{seconds:.0f}s"
