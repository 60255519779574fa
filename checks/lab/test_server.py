"""The chat server: who runs, asleep, under which name, and that no zombie stays."""

import uuid

import pytest

from checks.judging.verdict import Wrong
from checks.lab.place import Place

SOCKET = "/run/chat/chat.sock"


@pytest.fixture
def names() -> list[str]:
    """Login names that nobody has."""
    return [f"检查{uuid.uuid4().hex[:6]}" for _ in range(3)]


def test_workers(server: Place, names: list[str]) -> None:
    """The server and a worker for each client sleep, the workers under their clients' names; none is left behind."""
    seen = server.probe("workers", SOCKET, *names)
    rows = [line.split(maxsplit=5) for line in seen["online"]]
    ps = "\n".join(seen["online"])
    parents = [row for row in rows if row[5] == "chat-server"]
    if len(parents) != 1:
        raise Wrong("there is not one chat-server", expected=1, actual=len(parents), rows=ps)
    for name in names:
        worker = [row for row in rows if row[5] == f"chat-server: {name}"]
        if len(worker) != 1 or worker[0][1] != parents[0][0]:
            raise Wrong(f"no child of chat-server has the title `chat-server: {name}`", rows=ps)
        if worker[0][2] != "S":
            raise Wrong(f"the worker of {name} does not sleep", expected="S", actual=worker[0][2], rows=ps)
    if parents[0][2] != "S":
        raise Wrong("the server does not sleep while nobody types", expected="S", actual=parents[0][2], rows=ps)
    for moment, when in ("after_kill", "was killed"), ("after_leaving", "had lost its client"):
        if seen[moment]:
            raise Wrong(
                f"2 s after a worker {when}, it is still there: its parent has not waited for it",
                advice="the parent must call waitpid(-1, WNOHANG) in a loop on every SIGCHLD",
                expected="no worker and no zombie",
                actual=f"{len(seen[moment])} left",
                rows="\n".join(seen[moment]),
            )
