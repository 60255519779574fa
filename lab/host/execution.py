"""A program that is run in a container, and all that it says.

What comes together with the head of the engine's answer, as on a busy machine or by ssh, docker's own `exec_run` and
`exec_start` leave in a buffer: the first that the program has said, or all of it, is lost then.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass

import docker
from docker.models.containers import Container
from docker.utils.socket import STDOUT, frames_iter

PIECE = 2**16  # bytes


class Said:
    """What a program says, as docker's `frames_iter` reads it: first what is in the buffer, then what comes."""

    def __init__(self, engine: docker.APIClient, identity: str) -> None:
        self._stream = engine.exec_start(identity, socket=True)
        self._connection: socket.socket = self._stream._sock  # type: ignore[union-attr]
        self._connection.setblocking(False)
        self._early: bytes = self._stream._response.raw._fp.fp.read1(PIECE) or b""  # type: ignore[union-attr]
        self._connection.setblocking(True)

    def fileno(self) -> int:
        """Return the descriptor. It is readable at the end, too, so that what came early is late at most."""
        return self._connection.fileno()

    def recv(self, most: int) -> bytes:
        """Return what has come."""
        if self._early:
            piece, self._early = self._early[:most], self._early[most:]
            return piece
        return self._connection.recv(most)

    def close(self) -> None:
        """Read no more."""
        self._stream.close()


@dataclass(frozen=True)
class Outcome:
    """What came of a program."""

    code: int
    output: bytes
    errors: bytes


def run(container: Container, command: Sequence[str], user: str = "", **environment: str) -> Outcome:
    """Run a program to its end, in `/`. Raises APIError, OSError."""
    engine = container.client.api  # type: ignore[union-attr]
    made = engine.exec_create(container.id, list(command), user=user, environment=environment, workdir="/")
    said = Said(engine, made["Id"])
    try:
        pieces = list(frames_iter(said, tty=False))  # type: ignore[no-untyped-call]
    finally:
        said.close()
    output, errors = (b"".join(data for kind, data in pieces if (kind == STDOUT) is wanted) for wanted in (True, False))
    return Outcome(engine.exec_inspect(made["Id"])["ExitCode"], output, errors)
