"""The servers that `tests.bench.chat` compares: how each is started, how one logs in there, and what its lines are.

    python3 -m tests.bench.chat_rivals asyncio|uvloop|floor PATH

runs one of those that are written here. The asyncio room is the same relay without processes, as a program that wants
only speed would have it; uvloop runs the same page. The floor is no chat: it sends each piece that has come to
everybody else, in a bare loop, and checks nothing.
"""

import asyncio
import importlib.util
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.chat_room import REPOSITORY, environment, program
from tests.eventually import PATIENCE, eventually

MOST_CLIENTS = 1100


class MissingError(Exception):
    """This system has no such server, and what would bring it."""


class Rival:
    """A server that runs, and its dialect. As it stands: ours, and those that speak as ours does."""

    name = "forklab"
    knows_logins = True

    def __init__(self, folder: Path) -> None:
        """Start it. Raises MissingError."""
        self.path = folder / f"{self.name}.sock"
        self.process = subprocess.Popen(
            self.command(folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**environment(), "PYTHONPATH": os.pathsep.join(sys.path)},
            cwd=REPOSITORY,
        )
        eventually(self._answers)

    def command(self, folder: Path) -> Sequence[str]:  # noqa: ARG002 (others keep their settings there)
        return program("server", "--socket", str(self.path))

    def connected(self) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(PATIENCE)
        sock.connect(str(self.path))
        return sock

    def log_in(self, name: str) -> socket.socket:
        """Return a connection that hears the others from now on."""
        sock = self.connected()
        sock.sendall(f"{name}\n".encode())
        assert sock.recv(1 << 16).startswith(b"* welcome")
        return sock

    def said(self, text: bytes) -> bytes:
        """Return what a client sends to say the text."""
        return text + b"\n"

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise MissingError(f"it ended with status {self.process.returncode}")
        try:
            self.connected().close()
        except OSError:
            return False
        return True


class Asyncio(Rival):
    name = "asyncio"

    def command(self, folder: Path) -> Sequence[str]:  # noqa: ARG002
        return [sys.executable, "-m", "tests.bench.chat_rivals", self.name, str(self.path)]


class Uvloop(Asyncio):
    name = "uvloop"

    def __init__(self, folder: Path) -> None:
        if not importlib.util.find_spec("uvloop"):
            raise MissingError("`pip install --target FOLDER uvloop`, and FOLDER into PYTHONPATH")
        super().__init__(folder)


class Floor(Asyncio):
    name = "floor"
    knows_logins = False

    def log_in(self, name: str) -> socket.socket:  # noqa: ARG002 (it knows no names)
        return self.connected()


class OverTcp(Rival):
    """One that cannot do this on a Unix-domain socket: it gets a port of its own on the loopback."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        super().__init__(folder)

    def connected(self) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self._port), PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock


class Broker(OverTcp):
    """`ncat` as a relay of bytes: as they come, so that the lines of two who speak at once may be torn."""

    name = "ncat --broker"
    knows_logins = False

    def command(self, folder: Path) -> Sequence[str]:  # noqa: ARG002
        most = str(MOST_CLIENTS)
        return [installed("ncat"), "-l", "-k", self.name.split()[1], "-m", most, "127.0.0.1", str(self._port)]

    def log_in(self, name: str) -> socket.socket:  # noqa: ARG002
        return self.connected()


class NcatChat(Broker):
    """The same with a number before each piece; it says who is there already, and that is awaited."""

    name = "ncat --chat"

    def log_in(self, name: str) -> socket.socket:  # noqa: ARG002
        sock = self.connected()
        told = b""
        while b"already connected" not in told:
            told += sock.recv(1 << 16)
        return sock


class Ngircd(OverTcp):
    """An IRC server on a port of its own, with its brakes off; everybody is in one channel."""

    name = "ngircd"

    def command(self, folder: Path) -> Sequence[str]:
        settings = folder / "ngircd.conf"
        settings.write_text(
            "[Global]\nName = irc.example\nInfo = bench\nListen = 127.0.0.1\n"
            f"Ports = {self._port}\nServerUID = {os.getuid()}\nServerGID = {os.getgid()}\n"
            "[Limits]\nMaxConnections = 0\nMaxConnectionsIP = 0\nMaxPenaltyTime = 0\nMaxNickLength = 20\n"
            "PingTimeout = 3600\nPongTimeout = 3600\n"  # nobody here answers a PING
            "[Options]\nDNS = no\nIdent = no\nPAM = no\n"
        )
        settings.chmod(0o644)
        return [installed("ngircd"), "--nodaemon", "--config", str(settings)]

    def log_in(self, name: str) -> socket.socket:
        sock = self.connected()
        sock.sendall(f"NICK {name}\r\nUSER {name} 0 * :{name}\r\nJOIN #class\r\n".encode())
        told = b""
        while b" 366 " not in told:  # the end of the list of who is in the channel
            piece = sock.recv(1 << 16)
            assert piece, told
            told += piece
        return sock

    def said(self, text: bytes) -> bytes:
        return b"PRIVMSG #class :" + text + b"\r\n"


RIVALS: Sequence[type[Rival]] = (Rival, Asyncio, Uvloop, NcatChat, Broker, Ngircd, Floor)


def installed(name: str) -> str:
    if not (found := shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")):
        raise MissingError(f"`apt-get install {name}`")
    return found


class AsyncioRoom:
    """One loop, a task a client."""

    def __init__(self) -> None:
        self.online: dict[str, asyncio.StreamWriter] = {}

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = (await reader.readline()).decode().rstrip("\n")
        if name:
            self.online[name] = writer
            writer.write(f"* welcome {name}, {len(self.online)} online\n".encode())
            self.tell_others(name, f"{name} login\n")
            with suppress(ConnectionError):  # it left before it had read all
                while line := await reader.readline():
                    self.tell_others(name, f"{name} : {line.decode()}")
            del self.online[name]
        writer.close()

    def tell_others(self, name: str, line: str) -> None:
        data = line.encode()
        for other, writer in self.online.items():
            if other != name:
                writer.write(data)


async def serve(path: str) -> None:
    server = await asyncio.start_unix_server(AsyncioRoom().talk, path, backlog=MOST_CLIENTS)
    await server.serve_forever()


def serve_floor(path: str) -> None:
    """Send what comes to all the others, waiting for each; a client that has left is forgotten."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(MOST_CLIENTS)
    epoll = select.epoll()
    epoll.register(listener, select.EPOLLIN)
    clients: dict[int, socket.socket] = {}
    while True:
        for number, _ in epoll.poll():
            if number == listener.fileno():
                client, _ = listener.accept()
                clients[client.fileno()] = client
                epoll.register(client, select.EPOLLIN)
            elif data := clients[number].recv(1 << 16):
                for other, client in clients.items():
                    if other != number:
                        with suppress(BrokenPipeError):
                            client.sendall(data)
            else:
                clients.pop(number).close()


def main(kind: str, path: str) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if kind == "floor":
        serve_floor(path)
    elif kind == "uvloop":
        importlib.import_module("uvloop").run(serve(path))
    else:
        asyncio.run(serve(path))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
