"""The chat server beside others that do the same work, and beside the floor: what a process a client costs.

    python3 -m tests.bench.chat [--clients 8 64 200] [--only forklab uvloop floor] [--json FILE] [--plot FILE.svg]

Measured, each for so many clients:

    fan-out   lines delivered a second, while some speak as fast as they can
    p50, p99  microseconds from one line's sending until everybody has it
    logins    a second, one after the other, into an empty room
    CPU       nanoseconds that all processes of the server run for a delivery
    memory    KiB of proportional memory (proc_pid_smaps(5), Pss) that the server's processes grow by a client

All servers run at once and take turns, so that what else the machine does falls on all of them; a ratio is to the
server `--against` (uvloop, else the first) in the same turn, and its spread are the quartiles of all turns. Every
client lives in this process, for all servers alike. What came is checked: every line whole, each speaker's in order,
and for everybody in one order; a server that does not hold that has a star. One that this system has not is said.
"""

import argparse
import itertools
import json
import re
import select
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lab import proc
from tests.bench.chat_plot import plot
from tests.bench.chat_rivals import RIVALS, MissingError, Rival
from tests.eventually import PATIENCE, eventually

SPEAKERS = 4
BURST_BYTES = 600_000  # for each client in one turn: less than our server's queue, so that nobody is disconnected
ROUNDS = 20  # single lines in a turn
LOGINS = 50
NUMBERS = itertools.count()  # of names: those of the turn before may not be free yet
SAID = re.compile(rb"(s\d) (\d+) x{20}\r?")  # what one line ends in, whatever the server puts before it


@dataclass
class Result:
    """What was measured of one server with so many clients, a value a turn."""

    server: str
    clients: int
    fan_out: list[float] = field(default_factory=list)
    latencies: list[list[float]] = field(default_factory=list)
    logins: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: float = 0.0
    worker_memory: float | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def p50(self) -> list[float]:
        """A value a turn, as for the rest."""
        return [statistics.median(turn) for turn in self.latencies]

    @property
    def p99(self) -> float:
        every = sorted(itertools.chain.from_iterable(self.latencies))
        return every[int(0.99 * (len(every) - 1))] if every else 0.0


class Audience:
    """Clients of one server, of whom the first few speak."""

    def __init__(self, rival: Rival, count: int) -> None:
        self.rival = rival
        self._epoll = select.epoll()
        self._members: list[socket.socket] = []
        for number in range(count):
            if number % 16 == 0:
                self._drain()
            member = rival.log_in(f"s{number}" if number < SPEAKERS else f"c{number}")
            member.setblocking(False)
            self._members.append(member)
        self._by_number = {member.fileno(): at for at, member in enumerate(self._members)}
        for member in self._members:
            self._epoll.register(member, select.EPOLLIN)
        self._settle()

    def line(self, number: int) -> float:
        """Return the seconds from sending a line until all the others have it."""
        text = b"s0 %d %s" % (number, b"x" * 20)
        waiting = len(self._members) - 1
        start = time.perf_counter()
        self._members[0].send(self.rival.said(text))
        while waiting:
            for descriptor, _ in self._ready():
                piece = self._members[self._by_number[descriptor]].recv(1 << 16)
                assert piece, f"{self.rival.name} has hung up"
                waiting -= piece.count(text)
        return time.perf_counter() - start

    def burst(self, speakers: int, lines: int) -> tuple[float, list[str]]:
        """Have some say so many lines each; return the seconds until all have all, and what was wrong with them."""
        to_say = {
            self._members[at].fileno(): b"".join(
                self.rival.said(b"s%d %d %s" % (at, number, b"x" * 20)) for number in range(lines)
            )
            for at in range(speakers)
        }
        missing = [lines * (speakers - (at < speakers)) for at in range(len(self._members))]
        heard: list[list[bytes]] = [[] for _ in self._members]
        for descriptor in to_say:
            self._epoll.modify(descriptor, select.EPOLLIN | select.EPOLLOUT)
        unheard = len(missing)
        start = time.perf_counter()
        while unheard:
            for descriptor, events in self._ready():
                at = self._by_number[descriptor]
                if events & select.EPOLLOUT:
                    to_say[descriptor] = to_say[descriptor][self._members[at].send(to_say[descriptor][: 1 << 13]) :]
                    if not to_say[descriptor]:
                        self._epoll.modify(descriptor, select.EPOLLIN)
                if events & ~select.EPOLLOUT:
                    piece = self._members[at].recv(1 << 18)
                    assert piece, f"{self.rival.name} has hung up"
                    heard[at].append(piece)
                    missing[at] -= piece.count(b"\n")
                    unheard -= missing[at] <= 0 < missing[at] + piece.count(b"\n")
        taken = time.perf_counter() - start
        return taken, faults([b"".join(pieces) for pieces in heard], speakers, lines)

    def close(self) -> None:
        for member in self._members:
            member.close()
        self._epoll.close()

    def _ready(self) -> list[tuple[int, int]]:
        ready = self._epoll.poll(PATIENCE)
        assert ready, f"{self.rival.name} has nothing more to say"
        return ready

    def _drain(self) -> None:
        """Read the news of a newcomer, that none of the others is full of them."""
        for member in self._members:
            with suppress(BlockingIOError):
                while member.recv(1 << 16):
                    pass

    def _settle(self) -> None:
        """Wait until nothing is on its way any more."""
        while ready := self._epoll.poll(0.3):
            for descriptor, _ in ready:
                self._members[self._by_number[descriptor]].recv(1 << 16)


def faults(heard: Sequence[bytes], speakers: int, lines: int) -> list[str]:
    """Say what is not as it must be: a line torn, missing, in another order than its speaker's or than all others'."""
    found = set()
    listener = [match.groups() if (match := SAID.search(line)) else None for line in heard[-1].splitlines()]
    if None in listener or any(len(line) > 100 for line in heard[-1].splitlines()):
        return ["torn"]
    for at in range(speakers):
        numbers = [int(said[1]) for said in listener if said and said[0] == b"s%d" % at]
        if numbers != list(range(lines)):
            found.add("a speaker's lines are not in order")
    for at, stream in enumerate(heard):
        wanted = heard[-1]
        if at < speakers:
            mine = b"s%d " % at
            wanted = b"".join(line for line in wanted.splitlines(keepends=True) if mine not in line)
        if stream != wanted:
            found.add("not all hear one order")
    return sorted(found)


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    everyone = proc.snapshot()
    found = [pid]
    for parent in found:
        found += [child.pid for child in proc.children(parent, everyone)]
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return how long they have run (schedstat, in nanoseconds)."""
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids) / 1e9


def proportional_memory(pid: int) -> int:
    """Return a process's share of the memory that it uses, in KiB (proc_pid_smaps(5), Pss)."""
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found
    return int(found[1])


def logins_a_second(rival: Rival) -> float:
    start = time.perf_counter()
    members = [rival.log_in(f"n{next(NUMBERS)}") for _ in range(LOGINS)]
    taken = time.perf_counter() - start
    for member in members:
        member.close()
    return LOGINS / taken


def measure(rivals: Sequence[Rival], clients: int, turns: int, *, only_latency: bool) -> list[Result]:
    """Fill a room of each server with so many clients and let the servers take turns."""
    results = [Result(rival.name, clients) for rival in rivals]
    if not only_latency:
        for _, (rival, result) in itertools.product(range(turns), zip(rivals, results, strict=True)):
            if rival.knows_logins:
                result.logins.append(logins_a_second(rival))
    eventually(lambda: all(len(tree(rival.process.pid)) == 1 for rival in rivals))  # none left of those who logged in
    empty = [proportional_memory(rival.process.pid) for rival in rivals]
    audiences = [Audience(rival, clients) for rival in rivals]
    trees = [tree(rival.process.pid) for rival in rivals]
    speakers = min(SPEAKERS, clients // 2)
    lines = BURST_BYTES // 60 // speakers
    for turn in range(turns):
        for audience, result, pids in zip(audiences, results, trees, strict=True):
            rounds = range(turn * ROUNDS, (turn + 1) * ROUNDS)
            result.latencies.append([1e6 * audience.line(number) for number in rounds])
            if only_latency:
                continue
            before = cpu_seconds(pids)
            taken, wrong = audience.burst(speakers, lines)
            deliveries = lines * speakers * (clients - 1)
            result.cpu.append(1e9 * (cpu_seconds(pids) - before) / deliveries)
            result.fan_out.append(deliveries / taken)
            result.faults = sorted({*result.faults, *wrong})
    for audience, result, pids, before_all in zip(audiences, results, trees, empty, strict=True):
        shares = [proportional_memory(pid) for pid in pids]
        result.memory = (sum(shares) - before_all) / clients
        result.worker_memory = statistics.median(shares[1:]) if shares[1:] else None
        audience.close()
    return results


def spread(values: Sequence[float]) -> str:
    """Return the median and the quartiles."""
    low, middle, high = statistics.quantiles(values, n=4) if len(values) > 1 else 3 * list(values)
    return f"{middle:.2f} ({low:.2f}–{high:.2f})"


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> str:
    return spread([one / other for one, other in zip(ours, theirs, strict=True)]) if ours and theirs else "–"


def table(results: Sequence[Result], against: str) -> str:
    """Return the table as Markdown."""
    rows = [
        "| clients | server | fan-out, M/s | × | p50, µs | × | p99, µs | logins/s | ns CPU a delivery | KiB a client |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for one in results:
        [other] = [peer for peer in results if (peer.server, peer.clients) == (against, one.clients)]
        cells = (
            str(one.clients),
            one.server + ("*" if one.faults else ""),
            f"{statistics.median(one.fan_out) / 1e6:.2f}" if one.fan_out else "–",
            ratios(one.fan_out, other.fan_out),
            f"{statistics.median(one.p50):.0f}",
            ratios(one.p50, other.p50),
            f"{one.p99:.0f}",
            f"{statistics.median(one.logins):.0f}" if one.logins else "–",
            f"{statistics.median(one.cpu):.0f}" if one.cpu else "–",
            f"{one.memory:.0f}",
        )
        rows.append(f"| {' | '.join(cells)} |")
    rows += [f"\n* {one.server}, {one.clients} clients: {', '.join(one.faults)}" for one in results if one.faults]
    return "\n".join(rows)


def started(stack: ExitStack, names: Sequence[str]) -> list[Rival]:
    """Start each that this system has, and say which it has not."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    rivals = []
    for kind in RIVALS:
        if names and kind.name not in names:
            continue
        try:
            rivals.append(kind(folder))
        except MissingError as missing:
            print(f"no {kind.name} here: {missing}", file=sys.stderr)
        else:
            stack.callback(rivals[-1].close)
    return rivals


def as_json(results: Sequence[Result]) -> list[Mapping[str, object]]:
    return [{**asdict(one), "latencies": None, "p50": one.p50, "p99": one.p99} for one in results]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, nargs="+", default=[8, 64, 200])
    parser.add_argument("--latency-clients", type=int, nargs="*", default=[500], help="measured for p50 and p99 alone")
    parser.add_argument("--turns", type=int, default=12)
    parser.add_argument("--only", nargs="*", default=[], help="these servers")
    parser.add_argument("--against", default="uvloop")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    results: list[Result] = []
    for clients in (*options.clients, *options.latency_clients):
        with ExitStack() as stack:
            rivals = started(stack, options.only)
            only_latency = clients not in options.clients
            results += measure(rivals, clients, options.turns, only_latency=only_latency)
    names = [one.server for one in results]
    print(table(results, options.against if options.against in names else names[0]))
    if options.json:
        options.json.write_text(json.dumps(as_json(results), indent=1))
    if options.plot:
        options.plot.write_text(plot([(one.server, one.clients, one.fan_out, one.p50) for one in results]))


if __name__ == "__main__":
    main()
