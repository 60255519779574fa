"""What the two ends of a door say to each other: one packet each time, a few texts and some open files.

The socket is a SOCK_SEQPACKET: a packet arrives whole or not at all. The texts are `NAME=TEXT`, with a NUL between
two; the files travel beside them by SCM_RIGHTS, unix(7), and are the same open files at the other end.
"""

import os
import socket
from collections.abc import Mapping, Sequence

MOST_BYTES = 192 << 10  # one argument of a program has at most 128 KiB, execve(2)
MOST_FILES = 3


def send(to: socket.socket, texts: Mapping[str, str], files: Sequence[int] = ()) -> None:
    """Send one packet. Raises OSError if the other end is gone."""
    packet = "\0".join(f"{name}={text}" for name, text in texts.items())
    socket.send_fds(to, [os.fsencode(packet)], list(files))


def receive_texts(from_: socket.socket) -> dict[str, str]:
    """Return the next packet's texts, {} if nothing is said any more; files that come along are closed."""
    try:
        texts, files = receive(from_)
    except OSError:
        return {}
    for file in files:
        os.close(file)
    return texts


def receive(from_: socket.socket) -> tuple[dict[str, str], list[int]]:
    """Return the next packet's texts and files; neither, if the other end is gone. Raises OSError."""
    try:
        packet, files, _, _ = socket.recv_fds(from_, MOST_BYTES, MOST_FILES, socket.MSG_CMSG_CLOEXEC)
    except ConnectionResetError:
        return {}, []
    pairs = (text.partition("=") for text in os.fsdecode(packet).split("\0") if text)
    return {name: text for name, _, text in pairs}, files
