"""A real chat server as a real process, and clients of it: raw ones that speak lines, and the `chat` program."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lab import proc
from tests.eventually import PATIENCE, eventually

REPOSITORY = Path(__file__).parent.parent
STRANGER = 50000 + os.getpid() % 10000  # a UID that owns nothing, and no process but ours: RLIMIT_NPROC counts them


def program(module: str, *arguments: str) -> list[str]:
    """Return the command of one of lab.chat's programs."""
    return [sys.executable, "-m", f"lab.chat.{module}", *arguments]


def as_stranger(module: str, *arguments: str, limits: Mapping[int, int] | None = None) -> list[str]:
    """Return the command that runs a program as an unprivileged user, within limits (setrlimit(2)).

    All is imported as ourselves (locale and shutil are what argparse will want): that user may have no way to our
    interpreter. Root alone can become another user; anyone else is unprivileged already.
    """
    prelude = (
        f"import locale, os, resource, shutil, sys, lab.chat.{module} as program\n"
        f"for kind, most in {dict(limits or {})}.items(): resource.setrlimit(kind, (most, most))\n"
        f"if os.geteuid() == 0: os.setgroups([]); os.setgid({STRANGER}); os.setuid({STRANGER})\n"
        "sys.exit(program.main(sys.argv[1:]))"
    )
    return [sys.executable, "-c", prelude, *arguments]


def environment(locale: str = "C.UTF-8", **more: str) -> dict[str, str]:
    """Return the environment of a program: one locale, and nothing that the caller's shell has set for us."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "CHAT_"))}
    kept.pop("NO_COLOR", None)
    return {**kept, "LANG": locale, "PYTHONPATH": str(REPOSITORY), **more}


class Peer:
    """A client of our own: it sends bytes and expects lines, each within a deadline."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(str(path))
        self.socket.setblocking(False)
        self.unread = b""
        self.has_ended = False
        if name is not None:
            self.say(name)
            assert self.line().startswith(f"* welcome {name}, ")

    def say(self, *lines: str) -> None:
        self.send("".join(f"{line}\n" for line in lines).encode())

    def send(self, data: bytes, within: float = PATIENCE) -> None:
        """Send it all, or fail; BrokenPipeError if the server has hung up."""
        deadline = time.monotonic() + within
        while data:
            self._wait(select.POLLOUT, deadline)
            with contextlib.suppress(BlockingIOError):
                data = data[self.socket.send(data) :]

    def line(self, within: float = PATIENCE) -> str:
        """Return the next line; fail at the end of the stream and at the deadline."""
        deadline = time.monotonic() + within
        while b"\n" not in self.unread:
            assert not self.has_ended, f"closed by the server; left: {self.unread!r}"
            self._wait(select.POLLIN, deadline)
            self.take()
        line, _, self.unread = self.unread.partition(b"\n")
        return line.decode()

    def lines_to(self, last: str, within: float = PATIENCE) -> list[str]:
        """Return the lines up to the one that is `last`, without it."""
        deadline = time.monotonic() + within
        lines: list[str] = []
        while (line := self.line(deadline - time.monotonic())) != last:
            lines.append(line)
        return lines

    def rest(self, within: float = PATIENCE) -> list[str]:
        """Return what comes until the server hangs up."""
        deadline = time.monotonic() + within
        while not self.has_ended:
            self._wait(select.POLLIN, deadline)
            self.take()
        lines, self.unread = self.unread.decode().splitlines(), b""
        return lines

    def take(self) -> None:
        """Take in what is there, without waiting."""
        try:
            data = self.socket.recv(1 << 16)
        except BlockingIOError:
            return
        except ConnectionResetError:  # it hung up on what we had said
            data = b""
        self.unread += data
        self.has_ended = not data

    def end_writing(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.socket.close()

    def _wait(self, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(self.socket, event)
        left = deadline - time.monotonic()
        assert left > 0, f"nothing happened; so far: {self.unread[-200:]!r}"
        assert poll.poll(left * 1000), f"nothing happened; so far: {self.unread[-200:]!r}"


class ChatServer:
    """A running `lab.chat.server`, ready to be connected to."""

    def __init__(
        self,
        path: Path,
        *options: str,
        locale: str = "C.UTF-8",
        prefix: Sequence[str] = (),
        limits: Mapping[int, int] | None = None,
    ) -> None:
        self.path = path
        self.admin = Path(f"{path}.admin")
        self.peers: list[Peer] = []
        arguments = ("--socket", str(path), *options)
        command = program("server", *arguments) if limits is None else as_stranger("server", *arguments, limits=limits)
        self.process = subprocess.Popen(
            [*prefix, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(locale),
            cwd=REPOSITORY,
        )
        assert self.process.stdout
        ready = self.process.stdout.readline()
        if not ready:
            _, complaint = self.process.communicate(timeout=PATIENCE)
            raise AssertionError(f"the server did not start: {complaint}")
        assert ready == f"ready pid={self.pid} socket={path}\n"

    @property
    def pid(self) -> int:
        return self.process.pid

    def connect(self, name: str | None = None) -> Peer:
        """Connect a client, and log it in if it has a name."""
        self.peers.append(Peer(self.path, name))
        return self.peers[-1]

    def crowd(self, count: int, prefix: str = "p") -> list[Peer]:
        """Log in many, and return them once each has heard of all who came after it."""
        peers = [self.connect(f"{prefix}{number}") for number in range(count)]
        for number, peer in enumerate(peers):
            for later in range(number + 1, count):
                assert peer.line() == f"{prefix}{later} login"
        return peers

    def children(self) -> list[int]:
        """Return the server's children, zombies among them; none of a server that is dead."""
        try:
            return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            return []

    def workers(self) -> list[proc.Process]:
        return [worker for pid in self.children() if (worker := proc.read(pid))]

    def worker_of(self, name: str) -> proc.Process:
        """Return the worker with the client's name in its title, which it sets just after the welcome."""
        title = ("chat-server:", name)
        [worker] = eventually(lambda: [worker for worker in self.workers() if worker.cmdline == title])
        return worker

    def alone(self) -> bool:
        """Tell whether the server has no child left, not even a zombie."""
        return not self.children()

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def cpu_ticks(self) -> int:
        """Return the clock ticks of processor time that the parent has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def memory(self) -> int:
        """Return the parent's private (anonymous) memory, in KiB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(proc.status_field(status, "RssAnon").split()[0])

    def administer(self, *arguments: str, locale: str = "C.UTF-8") -> subprocess.CompletedProcess[str]:
        return run("admin", "--socket", str(self.path), *arguments, locale=locale)

    def is_serving(self) -> bool:
        """Tell whether a newcomer is still served."""
        newcomer = Peer(self.path)
        newcomer.say("newcomer")
        served = newcomer.line().startswith("* welcome newcomer")
        newcomer.close()
        return served

    def stop(self, number: int = signal.SIGTERM, within: float = PATIENCE) -> int:
        """Send a signal and return the exit status, as subprocess has it."""
        self.process.send_signal(number)
        return self.process.wait(within)

    def close(self) -> None:
        """Leave nothing behind, whatever the test did."""
        for peer in self.peers:
            peer.close()
        workers = self.children()
        self.process.kill()
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with self.process:
            pass


@contextlib.contextmanager
def served(
    path: Path,
    *options: str,
    locale: str = "C.UTF-8",
    prefix: Sequence[str] = (),
    limits: Mapping[int, int] | None = None,
) -> Iterator[ChatServer]:
    """Run a server for as long as the block takes; with limits, as an unprivileged user."""
    server = ChatServer(path, *options, locale=locale, prefix=prefix, limits=limits)
    try:
        yield server
    finally:
        server.close()


def run(
    module: str, *arguments: str, locale: str = "C.UTF-8", stdin: str | bytes = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """Run one of the chat's programs to its end."""
    result = subprocess.run(
        program(module, *arguments),
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=PATIENCE,
        env=environment(locale, **more),
        cwd=REPOSITORY,
        check=False,
    )
    return subprocess.CompletedProcess(result.args, result.returncode, result.stdout.decode(), result.stderr.decode())


@contextlib.contextmanager
def client(
    path: Path, *arguments: str, variables: Mapping[str, str] | None = None, screen: int = subprocess.PIPE
) -> Iterator[subprocess.Popen[str]]:
    """Run `chat` with pipes for its keyboard and screen."""
    process = subprocess.Popen(
        program("client", "--socket", str(path), *arguments),
        stdin=subprocess.PIPE,
        stdout=screen,
        stderr=screen,
        text=True,
        bufsize=1,
        env=environment(**(variables or {})),
        cwd=REPOSITORY,
    )
    try:
        yield process
    finally:
        process.kill()
        with process:
            pass


def gone(pid: int) -> bool:
    """Tell whether there is no such process, or only its zombie, for its parent to bury."""
    process = proc.read_stat(pid)
    return process is None or process.state in "ZX"


def wait_gone(*pids: int, within: float = PATIENCE) -> None:
    for pid in pids:
        eventually(lambda pid=pid: gone(pid), within)  # type: ignore[misc]
