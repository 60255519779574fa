"""Fixtures that more than one file of tests asks for."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chat_room import ChatServer, served
from tests.class_lab import free_port

os.environ["LAB_PORT"] = str(free_port())  # a lab that runs on this machine keeps its own


@pytest.fixture
def chat_server(tmp_path: Path) -> Iterator[ChatServer]:
    """A chat server that listens, and is gone with all its workers after the test."""
    with served(tmp_path / "chat.sock") as server:
        yield server
