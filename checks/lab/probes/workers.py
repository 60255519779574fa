"""In the server: log clients in, look at the workers, kill one of them, leave, and look again. argv: socket, names."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

PS = ["ps", "-ww", "-eo", "pid,ppid,stat,ni,user:12,args"]


def rows() -> list[str]:
    """Return ps's lines without those of this probe."""
    shown = subprocess.run(PS, capture_output=True, text=True, check=True).stdout.splitlines()
    mine = {str(os.getpid()), str(os.getppid())}
    return [line for line in shown if line.split()[0] not in mine and line.split()[1] != str(os.getpid())]


def log_in(path: str, name: str) -> socket.socket:
    """Return a connection on which the server has answered the login."""
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(5)
    client.connect(path)
    client.sendall(f"{name}\n".encode())
    client.recv(4096)
    return client


def settle(names: list[str]) -> list[str]:
    """Look until the server and every worker named so sleeps, for 2 s at most; return what is seen last."""
    wanted = ["chat-server", *(f"chat-server: {name}" for name in names)]
    deadline = time.monotonic() + 2
    while True:
        seen = rows()
        states = {row[5]: row[2] for row in (line.split(maxsplit=5) for line in seen)}
        if all(states.get(title) == "S" for title in wanted) or time.monotonic() > deadline:
            return seen
        time.sleep(0.02)


def leftovers(names: list[str]) -> list[str]:
    """Look until no worker named so and no zombie is left, for 2 s at most; return those that are."""
    deadline = time.monotonic() + 2
    while True:
        left = [line for line in rows() if "<defunct>" in line or any(line.endswith(f": {name}") for name in names)]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.02)


def main() -> None:
    """Print what was seen at each step."""
    path, *names = sys.argv[1:]
    clients = [log_in(path, name) for name in names]
    online = settle(names)
    victim = next((line.split()[0] for line in online if line.endswith(f"chat-server: {names[0]}")), None)
    if victim:
        os.kill(int(victim), signal.SIGKILL)
    after_kill = leftovers(names[:1])
    for client in clients:
        client.close()
    print(json.dumps({"online": online, "after_kill": after_kill, "after_leaving": leftovers(names)}))


main()
