"""`make grade` where the class is on many hosts: each room's evidence in one folder, so that there is one report."""

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from lab.exercises import EXERCISES
from lab.host import room as this_room
from lab.host.bringup import images
from lab.host.classroom.gathering import SUFFIX, Gathered
from lab.host.enrolment import roster, seeds
from lab.host.hosts import deal, rooms
from lab.student.seed import values_of
from lab.student.texts import exercise

KEPT = "evidence"  # in a room's folder: what there is of each seat, also of exercises that are not asked for now


def gather(seats: str, only: str, folder: Path) -> list[str]:
    """Have each room gather, side by side; return those that could. Another costs its own seats. Raises LabError."""
    asked = rooms.chosen({"seats": seats})
    kept = {room: this_room.ROOMS / room / KEPT for room in asked}
    wanted = {room: {**options, "only": only, "to": str(kept[room])} for room, options in asked.items()}
    found = rooms.in_each("gather", wanted)
    folder.mkdir(parents=True, exist_ok=True)
    there = deal.current().seats
    for old in folder.glob(f"*{SUFFIX}"):
        if old.name.removesuffix(SUFFIX) not in there:
            old.unlink()
    slugs = [exercise(word) for word in only.split(",") if word] or list(EXERCISES)
    for room, outcome in found.items():
        if outcome.code:
            why = outcome.errors.strip()
            print(f"{room}: {why}", file=sys.stderr)
            _write_unseen(room, str(asked[room].get("seats") or ""), slugs, why)
        for path in kept[room].glob(f"*{SUFFIX}"):
            if there.get(path.name.removesuffix(SUFFIX)) == room:
                shutil.copy2(path, folder / path.name)
    return [room for room, outcome in found.items() if not outcome.code]


def prove(graded: Iterable[str], reports: str) -> None:
    """Tell the boards of rooms what has been found."""
    rooms.in_each("prove", {room: {"reports": reports} for room in graded})


def _write_unseen(room: str, seats: str, slugs: Iterable[str], why: str) -> None:
    """Keep of a room's seats, all if none is named, that nothing could be seen, which is never the student's fault."""
    folder = this_room.ROOMS / room / KEPT
    folder.mkdir(parents=True, exist_ok=True)
    names = {seat.login: seat.name for seat in roster.read(deal.roster_of(room))}
    for seat in seats.split(",") if seats else names:
        gathered = Gathered(seat, names.get(seat, ""), images.version())
        for slug in slugs:
            trouble = {"traces": [], "trouble": ["could-not-run", why]}
            gathered.add(slug, values_of(slug, seeds.drawn_for(seat)), trouble)
        gathered.complete(folder)
        gathered.write(folder)
