"""Containers come and go while they are listed: an engine in which one is gone when it is looked at."""

import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import NotFound
from docker.models.containers import ContainerCollection

from lab.host import compose, project
from lab.host.bringup import images
from lab.host.classroom import status
from lab.host.command import LabError
from lab.host.compose import SEAT
from lab.host.enrolment import homes
from lab.host.keeping import keeper
from tests.eventually import PATIENCE


class Api:
    """The part of the engine's that is asked."""

    base_url = api_version = "none"

    def containers(self, **_: Any) -> list[dict[str, Any]]:
        """List one, as the engine does."""
        labels = {compose.ROLE: "seat", compose.SEAT: "anna"}
        return [{"Id": "1234", "Names": ["/anna"], "Labels": labels, "State": "removing"}]

    def get(self, *_: Any, **__: Any) -> None:
        """Say that there is nothing to be told of volumes."""
        raise NotFound("404")

    def inspect_container(self, _: str) -> None:
        """Say that it has gone since."""
        raise NotFound("No such container: 1234")


@pytest.mark.parametrize(
    "ask",
    [
        homes.unused,
        keeper.stop_all,
        images.remove,
        project.refuse_foreign,
        project.remove,
        project.running,
        project.seat_containers,
        project.server,
        status.rows,
    ],
)
def test_a_container_that_is_gone_when_it_is_looked_at_is_no_error(ask: Callable[..., object]) -> None:
    nothing = SimpleNamespace(list=lambda **_: [], remove=lambda _: None)
    client: Any = SimpleNamespace(api=Api())
    engine = SimpleNamespace(api=Api(), containers=ContainerCollection(client), volumes=nothing, images=nothing)
    with suppress(LabError):  # the lab is down
        ask(engine, *([[]] if ask is homes.unused else []))


@pytest.mark.parametrize(("version", "is_refused"), [(images.version(), False), ("older", True), (None, True)])
def test_a_container_of_another_version_is_refused_by_name(version: str | None, is_refused: bool) -> None:
    labels = {images.VERSION_LABEL: version} if version else {}
    found: Any = SimpleNamespace(name="forklab-anna-1", labels=labels)
    refused = pytest.raises(LabError, match="forklab-anna-1 is not of this version") if is_refused else nullcontext()
    with refused:
        images.refuse_outdated([found])


@pytest.mark.parametrize(("at_work", "most"), [(0, project.AT_ONCE), (3, 1)])
def test_seats_start_a_few_at_a_time_and_one_by_one_beside_those_who_work(
    at_work: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {f"s{number}": "running" if number < at_work else "created" for number in range(at_work + 5 * most)}
    found = [SimpleNamespace(id=f"id-{seat}", attrs={"Labels": {SEAT: seat}, "State": there[seat]}) for seat in there]
    started, at_once, busiest, turn = [], 0, 0, threading.Lock()
    together = threading.Barrier(most, timeout=PATIENCE)  # which all have to come to at the same time

    def listed(**_: Any) -> list[SimpleNamespace]:
        return found

    def start(name: str) -> None:
        nonlocal at_once, busiest
        with turn:
            at_once += 1
            busiest = max(busiest, at_once)
        together.wait()
        with turn:
            at_once -= 1
            started.append(name)

    engine: Any = SimpleNamespace(
        containers=SimpleNamespace(list=listed), api=SimpleNamespace(start=start, containers=lambda **_: [])
    )
    monkeypatch.setattr(project, "_up", lambda *_: None)
    project._start_seats(Any, engine, list(there))  # type: ignore[arg-type]
    assert sorted(started) == sorted(f"id-{seat}" for seat, state in there.items() if state == "created")
    assert busiest <= most
