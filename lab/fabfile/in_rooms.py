"""What a task does where the class is on many hosts: itself in each room, side by side."""

import json
import sys
from collections.abc import Callable, Mapping
from enum import Enum, auto
from functools import wraps
from typing import Any

from invoke.exceptions import Exit
from rich.markup import escape

from lab.fabfile.turn import told
from lab.host import room as this_room
from lab.host.command import LabError
from lab.host.hosts import deal, inventory, rooms
from lab.host.hosts.rooms import Options, Outcome
from lab.host.step import console
from lab.language import tr

NAME_WIDTH = 10
Body = Callable[..., None]
Own = Callable[[str, Options], Options | None]


class Style(Enum):
    """How a task's answers are shown: its lines as they come, each room's together, or bare, for programs."""

    LIVE = auto()
    APART = auto()
    BARE = auto()


def is_spread() -> bool:
    """Tell whether the class is on many hosts, and this make is of all of it, not a room's."""
    return not this_room.NAME and inventory.in_force()


def in_rooms(
    task: str,
    *,
    style: Style = Style.APART,
    own: Own = lambda _, options: options,
    after: Callable[[], None] = lambda: None,
) -> Callable[[Body], Body]:
    """Make a task's body do the task in each room, where there are any.

    `own` gives a room options of its own, or None if it has nothing to do; `after` puts together what the rooms have
    written.
    """

    def decorate(body: Body) -> Body:
        @wraps(body)
        def spread(*context: Any, **options: Any) -> None:
            if not is_spread() or options.get("gate"):
                return body(*context, **options)
            with told():
                code = _spread(task, options, own, style)
                after()
            raise Exit(code=code)

        return spread

    return decorate


def in_one_room(task: str) -> Callable[[Body], Body]:
    """Make a task's body do the task in one room, with this terminal: ROOM's, or the seat's."""

    def decorate(body: Body) -> Body:
        @wraps(body)
        def spread(*context: Any, **options: Any) -> None:
            if not is_spread():
                return body(*context, **options)
            with told():
                wanted = rooms.chosen(options)
                if len(wanted) != 1:
                    raise LabError(
                        tr(
                            "make {task} is about one room at a time: ROOM=…; the rooms are {rooms}.",
                            task=task,
                            rooms=", ".join(wanted),
                        )
                    )
                ((room, there),) = wanted.items()
                code = rooms.attached(task, room, there)
            raise Exit(code=code)

        return spread

    return decorate


def show_line(room: str, line: str) -> None:
    """Print a room's line."""
    console.print(f"[bold]{room:<{NAME_WIDTH}}[/bold] {escape(line)}", soft_wrap=True)


def _spread(task: str, options: Options, own: Own, style: Style) -> int:
    each = {room: own(room, there) for room, there in rooms.chosen(options).items()}
    wanted = {room: there for room, there in each.items() if there is not None}
    found = rooms.in_each(task, wanted, show_line if style is Style.LIVE else None)
    if options.get("as_json"):
        print(json.dumps(list(_merged(found)), ensure_ascii=False, indent=2))
    elif style is not Style.LIVE:
        _show(found, with_heads=style is Style.APART)
    return max((outcome.code for outcome in found.values()), default=0)


def _merged(found: Mapping[str, Outcome]) -> Any:
    """Yield the rows of all rooms, each with its room; a room that has none has a row that says why."""
    for room, outcome in found.items():
        try:
            rows = json.loads(outcome.output)
        except ValueError:
            rows = [{"error": outcome.errors.strip()}]
        yield from ({"room": room, **row} for row in rows)


def _show(found: Mapping[str, Outcome], *, with_heads: bool) -> None:
    """Print what each room has answered, below its name; what one has to complain about has its name before it."""
    dealt = deal.current()
    for room, outcome in found.items():
        if with_heads:
            host = dealt.rooms[room].host
            console.print(f"[bold]{room}[/bold]" + (f" [dim]({host})[/dim]" if host != room else ""))
        sys.stdout.write(outcome.output)
        sys.stdout.flush()
        if outcome.errors.strip():
            print(f"{room}: {outcome.errors.strip()}", file=sys.stderr)
