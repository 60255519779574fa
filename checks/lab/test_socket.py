"""The socket file: what it is, whose, and that all containers see the same one."""

from checks.judging.verdict import Wrong
from checks.lab.place import Place

SOCKET = "/run/chat/chat.sock"
PROMISED = {"type": "s", "owner": "chat", "mode": "0666", "connects": True}


def test_socket_file(server: Place) -> None:
    """The room's socket is of type s, the server's, and open to everyone."""
    compare(server.probe("socket_file", SOCKET), PROMISED)


def test_socket_in_seat(seat: Place) -> None:
    """A seat can connect to the room's socket, cannot replace it, and has no administrator's socket."""
    seen = seat.probe("socket_file", SOCKET)
    compare(seen, PROMISED | {"folder_is_writable": False, "admin_is_reachable": False})


def test_same_socket(seat: Place, server: Place) -> None:
    """The seat's socket file is the server's: the same inode on the same device."""
    here, there = (place.probe("socket_file", SOCKET) for place in (seat, server))
    if here["inode"] != there["inode"]:
        raise Wrong(
            "the seat has another socket file than the server",
            advice="both must mount the volume `chat`",
            expected=there["inode"],
            actual=here["inode"],
            rows=f"{there['ls']}\n{here['ls']}",
        )


def compare(seen: dict[str, object], promised: dict[str, object]) -> None:
    """Raise Wrong for the first thing that is not as promised."""
    for what, value in promised.items():
        if seen[what] != value:
            name = what.replace("_", " ")
            raise Wrong(
                f"the socket's {name} is not as promised", expected=value, actual=seen[what], rows=str(seen["ls"])
            )
