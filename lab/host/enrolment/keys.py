"""Who may come in through the gate: each student with the key of the roster, and the instructor everywhere."""

from collections.abc import Iterable, Sequence

import docker
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from lab.host import files, project, room
from lab.host.enrolment.roster import Seat, write_private

INSTRUCTOR = room.CLASS / "instructor"  # the private key: ssh -i .lab/instructor
IN_GATE = "/var/lib/gate"  # images/gate/bin/keys-of reads `keys` there
DOORS = "/run/doors"  # root's; a link there names each seat's door, which is in the folder of its UID


def hand_over(engine: docker.DockerClient, seats: Sequence[Seat]) -> None:
    """Tell the running gate who may come in, from the next login on. Raises LabError if there is no gate."""
    gate = project.gate(engine)
    data = "".join(f"{line}\n" for line in lines(seats, instructor())).encode()
    files.put(gate, IN_GATE, files.file("keys", data))
    files.put(gate, DOORS, *(files.link(f"{seat.login}.sock", f"{seat.uid}/door.sock") for seat in seats))


def lines(seats: Iterable[Seat], instructor_key: str) -> list[str]:
    """Return a line a key that is let in: the login, the key."""
    return [f"{seat.login} {key}" for seat in seats for key in (*seat.key.splitlines(), instructor_key)]


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
