"""Many clients in one process, so that one SIGKILL closes all their sockets: `chat_crowd.py PATH PREFIX COUNT`.

Prints `ready` once all are logged in, and goes on reading what they hear. At the end of stdin all say /quit; the
process ends when the server has closed every connection.
"""

import select
import socket
import sys


def log_in(path: str, name: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(20)
    sock.connect(path)
    sock.sendall(f"{name}\n".encode())
    assert sock.recv(4096).startswith(b"* welcome"), "refused"
    return sock


def main(path: str, prefix: str, count: int) -> None:
    poll = select.poll()
    sockets = {sock.fileno(): sock for sock in (log_in(path, f"{prefix}{number}") for number in range(count))}
    for descriptor in (0, *sockets):
        poll.register(descriptor, select.POLLIN)
    print("ready", flush=True)
    while sockets:
        for descriptor, _ in poll.poll():
            if descriptor == 0:
                poll.unregister(0)
                for sock in sockets.values():
                    sock.sendall(b"/quit\n")
            elif not sockets[descriptor].recv(1 << 16):
                poll.unregister(descriptor)
                sockets.pop(descriptor).close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
