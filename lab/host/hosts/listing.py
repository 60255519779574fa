"""The links of all rooms as one list, .lab/links.csv, and one page to print: as on one machine."""

import csv

from lab.host import room as this_room
from lab.host.enrolment import links
from lab.host.enrolment.roster import Seat
from lab.host.hosts import deal
from lab.web.links import INSTRUCTOR


def write() -> list[dict[str, str]]:
    """Put the rooms' lists together, the instructor's links with the names of the rooms; return the rows."""
    rows = []
    for name in sorted(deal.current().active):
        path = this_room.ROOMS / name / links.LIST.name
        found = csv.DictReader(path.read_text(encoding="utf-8").splitlines()) if path.exists() else []
        rows += [{**row, "name": f"{row['name']} ({name})"} if row["seat"] == INSTRUCTOR else row for row in found]
    links.write_list(rows)
    return rows


def print_cards() -> None:
    """Write the list and the page."""
    from lab.host.enrolment import cards  # what draws a QR code, and no other task waits for it

    students = [row for row in write() if row["seat"] != INSTRUCTOR]
    seats = [Seat(row["seat"], row["name"], "", 0) for row in students]
    cards.write(seats, {row["seat"]: row["link"] for row in students})
