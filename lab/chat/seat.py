"""Who is at the other end of a Unix-domain socket: the kernel knows, and nobody can forge it (unix(7), SO_PEERCRED)."""

import pwd
import socket
import struct

SEAT_UIDS = range(20001, 30000)  # one for each seat of a roster
CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid


def peer_uid(sock: socket.socket) -> int:
    """Return the UID that connected. The PID beside it reads 0 when the peer is in another PID namespace."""
    credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    return int(CREDENTIALS.unpack(credentials)[1])


def seat_of(uid: int) -> str | None:
    """Return the login of the seat that owns the UID; None if it is no seat's."""
    if uid not in SEAT_UIDS:
        return None
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None
