"""Fixtures that more than one file of tests asks for."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from checks.judging.afresh import begin_afresh
from tests.chat_room import ChatServer, served
from tests.class_lab import free_port


def open_standard_streams() -> None:
    """Let none of the three be closed: the next file to be opened would be taken for it."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest that is free


os.environ["LAB_PORT"] = str(free_port())  # a lab that runs on this machine keeps its own
begin_afresh()
open_standard_streams()
for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "PYTHONDONTWRITEBYTECODE"):  # a sentence is in English until a test
    os.environ.pop(name, None)  # says otherwise; what is started by the hundred is compiled once
os.environ["LANG"] = "C.UTF-8"
# An example takes as long as the machine lets it.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

pytest_plugins = ["tests.browser"]

# The longest files, the longest first: each is one worker's, and one that began late would keep all others waiting.
LONGEST = (
    *("exercises", "hosts", "keeping", "lab", "checks_lab", "web_browser", "gathering", "mutants", "checks_demos"),
    *("bundle", "machines", "classroom", "gate", "watch", "trace", "adversary", "web", "liberties", "checks_rosters"),
    *("settings", "homes", "coursework", "demos", "local"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files; the tests of a file are one worker's."""
    order = {f"test_{name}": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


@pytest.fixture
def chat_server(tmp_path: Path) -> Iterator[ChatServer]:
    """A chat server that listens, and is gone with all its workers after the test."""
    with served(tmp_path / "chat.sock") as server:
        yield server
