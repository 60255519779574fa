"""What a process a client costs: one message to a full room, beside a single-process asyncio server.

    python3 -m tests.bench.chat_broadcast [--clients 200] [--rounds 400]

Both servers run at the same time, and rounds alternate between them, so that what else the machine does falls on
both. A round is from sending the line until the last of the other clients has it. Every client lives in this
process, for both servers alike.
"""

import argparse
import asyncio
import multiprocessing
import re
import select
import socket
import statistics
import tempfile
import time
from pathlib import Path

from tests.chat_room import ChatServer
from tests.eventually import PATIENCE, eventually

BLOCK = 20  # rounds, whose medians give one ratio; the ratios' quartiles are the spread


class AsyncioRoom:
    """The peer: the same relay without processes, as a program that wants only speed would have it."""

    def __init__(self) -> None:
        self.online: dict[str, asyncio.StreamWriter] = {}

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = (await reader.readline()).decode().rstrip("\n")
        self.online[name] = writer
        writer.write(f"* welcome {name}, {len(self.online)} online\n".encode())
        self.tell_others(name, f"{name} login\n")
        while line := await reader.readline():
            self.tell_others(name, f"{name} : {line.decode()}")
        del self.online[name]
        writer.close()

    def tell_others(self, name: str, line: str) -> None:
        data = line.encode()
        for other, writer in self.online.items():
            if other != name:
                writer.write(data)


async def serve(path: Path) -> None:
    server = await asyncio.start_unix_server(AsyncioRoom().talk, path)
    await server.serve_forever()


def serve_asyncio(path: Path) -> None:
    asyncio.run(serve(path))


class Audience:
    """Clients of one server, and one who speaks to them."""

    def __init__(self, path: Path, count: int) -> None:
        self._epoll = select.epoll()
        self._members: dict[int, socket.socket] = {}
        for number in range(count):
            member = self._log_in(path, f"c{number}")
            self._epoll.register(member, select.EPOLLIN)
            self._members[member.fileno()] = member
        self._speaker = self._log_in(path, "speaker")
        self._hear(b"speaker login\n")

    def round(self, text: bytes) -> float:
        """Return the seconds from a line's sending to its last arrival."""
        start = time.perf_counter()
        self._speaker.sendall(text + b"\n")
        self._hear(b"speaker : " + text + b"\n")
        return time.perf_counter() - start

    def _log_in(self, path: Path, name: str) -> socket.socket:
        member = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        member.settimeout(PATIENCE)
        member.connect(str(path))
        member.sendall(f"{name}\n".encode())
        assert member.recv(4096).startswith(b"* welcome")
        return member

    def _hear(self, ending: bytes) -> None:
        waiting = set(self._members)
        while waiting:
            for descriptor, _ in self._epoll.poll(PATIENCE):
                if self._members[descriptor].recv(1 << 16).endswith(ending):
                    waiting.discard(descriptor)


def proportional_memory(pid: int) -> int:
    """Return a process's share of the memory that it uses, in KiB (proc_pid_smaps(5), Pss)."""
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found
    return int(found[1])


def compare(forking: Audience, peer: Audience, rounds: int) -> None:
    """Alternate rounds between the two and print medians, their ratio and its spread."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        for audience, taken in zip((forking, peer), times, strict=True):
            taken.append(audience.round(b"round %d" % number))
    starts = range(0, rounds, BLOCK)
    ours, theirs = ([statistics.median(taken[at : at + BLOCK]) for at in starts] for taken in times)
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    for name, taken in zip(("forking", "asyncio"), times, strict=True):
        low_time, median, high_time = (1e6 * value for value in statistics.quantiles(taken, n=4))
        print(f"{name}: {median:.0f} µs (quartiles {low_time:.0f} to {high_time:.0f})")
    print(f"ratio: {middle:.2f} (quartiles {low:.2f} to {high:.2f}, {len(ratios)} blocks of {BLOCK} rounds)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = ChatServer(Path(folder) / "forking.sock")
        peer_path = Path(folder) / "asyncio.sock"
        peer = multiprocessing.get_context("spawn").Process(target=serve_asyncio, args=(peer_path,), daemon=True)
        peer.start()
        try:
            eventually(peer_path.exists)
            audiences = Audience(server.path, options.clients), Audience(peer_path, options.clients)
            compare(*audiences, options.rounds)
            shares = [proportional_memory(worker.pid) for worker in server.workers()]
            print(f"memory of a worker: {statistics.median(shares):.0f} KiB PSS (at most {max(shares)})")
            print(f"memory of the parent: {proportional_memory(server.pid)} KiB PSS")
            print(f"memory of asyncio's process: {proportional_memory(peer.pid or 0)} KiB PSS")
        finally:
            peer.kill()
            server.close()


if __name__ == "__main__":
    main()
