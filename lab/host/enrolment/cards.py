"""The links as cards to print, each with a QR code: .lab/links.html."""

from collections.abc import Mapping
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader

from lab.host.command import GENERATED
from lab.host.enrolment.roster import Seat, write_private
from lab.language import tag

PAGE = GENERATED / "links.html"
TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)


def write(seats: list[Seat], links: Mapping[str, str]) -> None:
    """Write a card a seat."""
    cards = [
        {"seat": seat.login, "name": seat.name, "link": links[seat.login], "code": code_of(links[seat.login])}
        for seat in seats
    ]
    page = TEMPLATES.get_template("links.html.j2").render(cards=cards, language=tag())
    write_private(PAGE, page)


def code_of(link: str) -> str:
    """Return a link's QR code, as the address of a picture."""
    return segno.make(link, error="m").svg_data_uri(scale=4)
