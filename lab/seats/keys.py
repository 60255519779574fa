"""Who may come in through the gate: each student with the key of the roster, and the instructor everywhere."""

import io
import tarfile
from collections.abc import Iterable

import docker
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from lab.seats import project
from lab.seats.command import GENERATED
from lab.seats.roster import Seat, write_private

INSTRUCTOR = GENERATED / "instructor"  # the private key: ssh -i .lab/instructor
IN_GATE = "/var/lib/gate"  # images/gate/bin/keys-of reads `keys` there


def hand_over(engine: docker.DockerClient, seats: Iterable[Seat]) -> None:
    """Tell the running gate who may come in, from the next login on. Raises LabError if there is no gate."""
    archive = io.BytesIO()
    data = "".join(f"{line}\n" for line in lines(seats, instructor())).encode()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo("keys")
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
    project.gate(engine).put_archive(IN_GATE, archive.getvalue())


def lines(seats: Iterable[Seat], instructor_key: str) -> list[str]:
    """Return a line a key that is let in: the login, the key."""
    return [f"{seat.login} {key}" for seat in seats for key in (seat.key, instructor_key) if key]


def instructor() -> str:
    """Return the instructor's public key; the pair is made once."""
    if not INSTRUCTOR.exists():
        _make_pair()
    return INSTRUCTOR.with_suffix(".pub").read_text().strip()


def _make_pair() -> None:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    write_private(INSTRUCTOR.with_suffix(".pub"), f"{public} forklab-instructor\n")
    write_private(INSTRUCTOR, private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode())
