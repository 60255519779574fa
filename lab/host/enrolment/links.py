"""The links into the class in a browser: one a seat, and the instructor's. `web` has nothing but their hashes."""

import csv
import io
import os
import secrets
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import docker
from docker.models.containers import Container

from lab.host import files, project, room, settings
from lab.host.command import GENERATED, LabError
from lab.host.enrolment import seeds
from lab.host.enrolment.roster import Seat, write_private
from lab.host.ports import LOOPBACK, claim
from lab.language import tr
from lab.web.links import FILE as IN_WEB
from lab.web.links import INSTRUCTOR, TOKEN, Link, hash_of, to_lines
from lab.web.state import CERTIFICATE, KEY, PORT

LIST = GENERATED / "links.csv"
HEAD = ("seat", "name", "link")
MORE_PORTS = 100  # above it, of which one is taken if somebody has the usual one
WEB_GROUP = 19999  # images/base/group


def refuse_plain() -> None:
    """See that no terminal can be read by the whole network, unless somebody says that it may. Raises LabError."""
    told = settings.environment()
    certificate = [bool(told.get(name)) for name in ("LAB_TLS_CERT", "LAB_TLS_KEY")]
    if any(certificate) and not all(certificate):
        raise LabError(tr("LAB_TLS_CERT and LAB_TLS_KEY belong together: a certificate and its key, each a PEM file."))
    for name in ("LAB_TLS_CERT", "LAB_TLS_KEY"):
        if told.get(name) and not os.access(told[name], os.R_OK):
            raise LabError(tr("{name}={path} cannot be read.", name=name, path=told[name]))
    if project.is_in_browser() and not is_loopback() and not all(certificate) and told.get("LAB_WEB_PLAIN") != "yes":
        raise LabError(
            tr(
                "LAB_WEB={address} without TLS lets the whole network read and type in every terminal. Give a "
                "certificate (LAB_TLS_CERT=… LAB_TLS_KEY=…), or say that it may be so: LAB_WEB_PLAIN=yes.",
                address=listens_at(),
            )
        )


def choose_port(engine: docker.DockerClient) -> None:
    """Put a port in force, unless one is: that which ours has already, else the usual one, else the next free one."""
    if not project.is_in_browser() or settings.environment().get("LAB_WEB_PORT"):
        return
    web = project.service(engine, "web")
    published = web.ports.get(f"{PORT}/tcp") if web else None
    ports = range(PORT, PORT + MORE_PORTS)
    port = int(published[0]["HostPort"]) if published else next(filter(_is_free, ports), PORT)
    os.environ["LAB_WEB_PORT"] = str(port)


def _is_free(port: int) -> bool:
    with suppress(OSError):
        return claim(LOOPBACK, port) == port
    return False


def hand_over(engine: docker.DockerClient, seats: Sequence[Seat], renew: str = "") -> dict[str, str]:
    """Write the list of links and tell the running `web` who may come in; return the links by seat, "*" for ours.

    Whoever has a link keeps it; `renew` gives one seat another. Raises LabError if there is no `web`.
    """
    web = project.web(engine)
    names = {INSTRUCTOR: tr("instructor"), **{seat.login: seat.name for seat in seats}}
    tokens = {**{name: secrets.token_hex(16) for name in names}, **_known(set(names) - {renew})}
    base = address(web)
    links = {name: f"{base}/s/{tokens[name]}" for name in names}
    write_list({"seat": seat, "name": names[seat], "link": links[seat]} for seat in names)
    given = [Link(INSTRUCTOR, hash=hash_of(tokens[INSTRUCTOR]))]
    given += [
        Link(seat.login, seat.name, seat.uid, seeds.seed_of(seat.login), hash_of(tokens[seat.login])) for seat in seats
    ]
    files.put(web, str(IN_WEB.parent), files.file(IN_WEB.name, to_lines(given).encode(), 0o600))
    return links


def hand_over_certificate(engine: docker.DockerClient) -> None:
    """Give `web` the certificate that is in force, or take it away; a new one starts it again. Raises LabError."""
    web = project.web(engine)
    told = settings.environment()
    wanted = [Path(told[name]).read_bytes() if told.get(name) else b"" for name in ("LAB_TLS_CERT", "LAB_TLS_KEY")]
    if [files.read(web, str(path)) or b"" for path in (CERTIFICATE, KEY)] != wanted:
        certificate = files.file(CERTIFICATE.name, wanted[0])
        key = files.file(KEY.name, wanted[1], 0o640, WEB_GROUP)
        files.put(web, str(CERTIFICATE.parent), certificate, key)
        web.restart(timeout=1)


def address(web: Container) -> str:
    """Return where the pages are, as a browser is to be told: http://HOST:PORT."""
    published = web.ports.get(f"{PORT}/tcp")
    if not published:
        raise LabError(tr("The class's pages have no port: make lab gives them one."))
    scheme = "https" if settings.environment().get("LAB_TLS_CERT") else "http"
    host = room.PAGES or published[0]["HostIp"]
    if host in ("0.0.0.0", "::"):  # noqa: S104 (it is what the engine says, and nothing is bound here)
        host = room.ADDRESS or socket.gethostname()
    elif ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"{scheme}://{host}:{published[0]['HostPort']}"


def loopback_port(engine: docker.DockerClient) -> int | None:
    """Return the port of the pages if they are on their machine's loopback, and nothing leads there yet."""
    published = project.web(engine).ports.get(f"{PORT}/tcp") if is_loopback() and not room.PAGES else None
    return int(published[0]["HostPort"]) if published else None


def listens_at() -> str:
    """Return the address at which the pages are to be, as it was told."""
    return settings.environment().get("LAB_WEB") or LOOPBACK


def is_loopback() -> bool:
    """Tell whether only this machine reaches them."""
    return listens_at().startswith("127.") or listens_at() == "[::1]"


def _known(names: Iterable[str]) -> dict[str, str]:
    """Return the tokens that these have by the list."""
    try:
        rows = list(csv.DictReader(LIST.read_text(encoding="utf-8").splitlines()))
    except FileNotFoundError:
        return {}
    found = {row["seat"]: (row["link"] or "").rpartition("/")[2] for row in rows if {*HEAD} <= {*row}}
    return {name: found[name] for name in names if TOKEN.fullmatch(found.get(name, ""))}


def write_list(rows: Iterable[dict[str, str]]) -> None:
    """Write the list of links, each with the keys of HEAD."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HEAD, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_private(LIST, text.getvalue())
