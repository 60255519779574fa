"""The gate tries the doors of a class: each as its student, all in one process."""

import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab.door import ready

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes a student")
ANNA, BERT, CORA = 24001, 24002, 24003


@pytest.fixture
def doors(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder as /run/doors is: one in it for each student, who alone may look into it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for uid in (ANNA, BERT, CORA):
            (folder / str(uid)).mkdir(mode=0o700)
            os.chown(folder / str(uid), uid, uid)
        monkeypatch.setattr(ready, "path_of", lambda uid: str(folder / str(uid) / "door.sock"))
        yield folder


def bound(uid: int) -> socket.socket:
    """Return a socket at a student's door, at which nobody listens yet."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    made.bind(ready.path_of(uid))
    os.chown(ready.path_of(uid), uid, uid)
    return made


def test_a_door_is_open_when_somebody_listens_behind_it(doors: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with bound(ANNA) as door:
        door.listen()
        bound(BERT).close()  # what a seat that was killed has left
        assert ready.main(["0", str(ANNA), str(BERT), str(CORA)]) == 1
        assert capsys.readouterr().out.split() == [str(BERT), str(CORA)]
        assert ready.main(["0", str(ANNA)]) == 0
    assert (os.geteuid(), os.getegid()) == (0, 0)


def test_a_door_with_a_long_queue_is_open(doors: Path) -> None:
    with ExitStack() as stack:
        stack.enter_context(bound(ANNA)).listen(0)
        for _ in range(4):
            caller = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
            caller.setblocking(False)
            caller.connect_ex(ready.path_of(ANNA))
        assert ready.is_open(ANNA)


def test_a_folder_of_anothers_is_no_door(doors: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried as the student, not as root."""
    with bound(ANNA) as door:
        door.listen()
        path = ready.path_of(ANNA)
        monkeypatch.setattr(ready, "path_of", lambda _: path)
        assert not ready.is_open(BERT)
        assert ready.is_open(ANNA)


def test_who_opens_late_is_waited_for(doors: Path) -> None:
    with bound(ANNA) as door:
        opening = threading.Timer(0.2, door.listen)
        opening.start()
        assert ready.main(["60", str(ANNA)]) == 0
        opening.join()
