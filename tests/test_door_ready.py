"""The gate tries the doors of a class: each as its student, all in one process."""

import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab.door import ready

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes a student")
ANNA, BERT, CORA = 24001, 24002, 24003
Doors = Callable[[int], str]  # where the door of a UID is


@pytest.fixture
def doors(monkeypatch: pytest.MonkeyPatch) -> Iterator[Doors]:
    """Doors in a folder as /run/doors is: one in it for each student, who alone may look into it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for uid in (ANNA, BERT, CORA):
            (folder / str(uid)).mkdir(mode=0o700)
            os.chown(folder / str(uid), uid, uid)

        def path_of(uid: int) -> str:
            return str(folder / str(uid) / "door.sock")

        monkeypatch.setattr(ready, "path_of", path_of)
        yield path_of


def bound(path: str, uid: int) -> socket.socket:
    """Return a socket at a student's door, at which nobody listens yet."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    made.bind(path)
    os.chown(path, uid, uid)
    return made


def test_a_door_is_open_when_somebody_listens_behind_it(doors: Doors, capsys: pytest.CaptureFixture[str]) -> None:
    with bound(doors(ANNA), ANNA) as door:
        door.listen()
        bound(doors(BERT), BERT).close()  # what a seat that was killed has left
        assert ready.main(["0", str(ANNA), str(BERT), str(CORA)]) == 1
        assert capsys.readouterr().out.split() == [str(BERT), str(CORA)]
        assert ready.main(["0", str(ANNA)]) == 0
    assert (os.geteuid(), os.getegid()) == (0, 0)


def test_a_door_with_a_long_queue_is_open(doors: Doors) -> None:
    with ExitStack() as stack:
        stack.enter_context(bound(doors(ANNA), ANNA)).listen(0)
        for _ in range(4):
            caller = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
            caller.setblocking(False)
            caller.connect_ex(doors(ANNA))
        assert ready.is_open(ANNA)


def test_a_folder_of_anothers_is_no_door(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried as the student, not as root."""
    with bound(doors(ANNA), ANNA) as door:
        door.listen()
        monkeypatch.setattr(ready, "path_of", lambda _: doors(ANNA))
        assert not ready.is_open(BERT)
        assert ready.is_open(ANNA)


def test_who_opens_late_is_waited_for(doors: Doors) -> None:
    with bound(doors(ANNA), ANNA) as door:
        opening = threading.Timer(0.2, door.listen)
        opening.start()
        assert ready.main(["60", str(ANNA)]) == 0
        opening.join()
