"""One side of a chat. argv: socket, "hear" or "say", own name, the other's name, text."""

import json
import socket
import sys
import time


def main() -> None:
    """Log in; say the text once the other is online, or wait for it. Print all lines that came."""
    path, part, name, other, text = sys.argv[1:]
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(0.05)
    client.connect(path)
    client.sendall(f"{name}\n".encode())
    received, deadline = b"", time.monotonic() + 15  # the other side may come late
    last = f"{other} logout\n" if part == "hear" else f"{other} : heard\n"
    while last.encode() not in received and time.monotonic() < deadline:
        if part == "say" and other.encode() in received and text:
            client.sendall(f"{text}\n".encode())
            text = ""
        elif part == "say" and text:
            client.sendall(b"/who\n")
        elif part == "hear" and f"{other} : ".encode() in received and text:
            client.sendall(b"heard\n")
            text = ""
        try:
            received += client.recv(65536)
        except TimeoutError:
            continue
    print(json.dumps([line for line in received.decode().splitlines() if not line.startswith("* online")]))


main()
