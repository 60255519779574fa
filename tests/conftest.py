"""Fixtures that more than one file of tests asks for."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.chat_room import ChatServer, served
from tests.class_lab import free_port

os.environ["LAB_PORT"] = str(free_port())  # a lab that runs on this machine keeps its own
# What a shell runs in the background has it ignored, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
# An example takes as long as the machine lets it.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# The longest files, the longest first: each is one worker's, and one that began late would keep all others waiting.
LONGEST = ("keeping", "checks_lab", "exercises", "lab", "checks_demos", "gathering", "adversary", "trace", "classroom")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files."""
    order = {f"test_{name}": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


@pytest.fixture
def chat_server(tmp_path: Path) -> Iterator[ChatServer]:
    """A chat server that listens, and is gone with all its workers after the test."""
    with served(tmp_path / "chat.sock") as server:
        yield server
