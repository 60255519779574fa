"""What a class in a browser costs: from a key to its echo, with every seat typing, beside the same key by ssh.

    python -m tests.bench.web [--seats 60] [--seconds 20] [--json FILE]

Brings a class up, opens a page's connections for each seat (the terminal, the seat's events) and the board's, types in
all of them as people do, and prints the time until the echo is back, and what `web` and `watch` cost, idle and so. The
peer is one student more who types through ssh and the gate, in the same run, alone and meanwhile.
"""

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from tests.class_in_browser import BrowserClass, Wire
from tests.class_lab import class_lab, project_name

KEYS_A_SECOND = 4.0  # somebody who types fast, without a pause
SETTLE = 3.0  # seconds


def percentiles(times: Sequence[float]) -> dict[str, float]:
    """Return the median, 95 of 100 and the worst, in milliseconds."""
    cuts = statistics.quantiles(times, n=100)
    return {"p50": round(1e3 * cuts[49], 1), "p95": round(1e3 * cuts[94], 1), "worst": round(1e3 * max(times), 1)}


def usage(lab: BrowserClass, service: str) -> tuple[float, int]:
    """Return the CPU seconds that a container has had, and its memory in bytes."""
    url = f"http://x/containers/{lab.lab.container(service)}/stats?stream=false&one-shot=true"
    asked = ["curl", "-s", "--unix-socket", "/var/run/docker.sock", url]
    stats: dict[str, Any] = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)
    return stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9, stats["memory_stats"]["usage"]


async def type_in(wire: Wire, until: float, times: list[float]) -> None:
    """Type letters, and note for each how long its echo took."""
    await wire.type("cat > /dev/null\r")
    await asyncio.sleep(SETTLE * random.random())
    while time.monotonic() < until:
        letter = random.choice("abcdefghijklmnopqrstuvwxyz")
        before = len(wire.printed)
        began = time.monotonic()
        await wire.type(letter)
        await wire.hear(lambda before=before: len(wire.printed) > before)  # type: ignore[misc]
        times.append(time.monotonic() - began)
        await asyncio.sleep(random.expovariate(KEYS_A_SECOND))


async def type_by_ssh(lab: BrowserClass, seat: str, until: float, times: list[float]) -> None:
    """Type letters through ssh, with a terminal, and note for each how long its echo took."""
    words = lab.lab.ssh(seat, "cat > /dev/null", key=".lab/instructor", options=["-tt"])
    ssh = await asyncio.create_subprocess_exec(
        *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert ssh.stdin
    assert ssh.stdout
    await asyncio.sleep(SETTLE)
    while time.monotonic() < until:
        began = time.monotonic()
        ssh.stdin.write(random.choice("abcdefghijklmnopqrstuvwxyz").encode())
        await ssh.stdout.read(1)
        times.append(time.monotonic() - began)
        await asyncio.sleep(random.expovariate(KEYS_A_SECOND))
    ssh.kill()
    await ssh.wait()


async def listen(lab: BrowserClass, path: str, seat: str, counted: list[int]) -> None:
    """Have a page's events come, and count their bytes."""
    request = HTTPRequest(
        f"{lab.address}{path}",
        headers={"Cookie": lab.cookie(seat)},
        streaming_callback=lambda data: counted.append(len(data)),
        request_timeout=1e6,
    )
    await AsyncHTTPClient().fetch(request, raise_error=False)


async def measure(lab: BrowserClass, seats: Sequence[str], seconds: float) -> dict[str, Any]:
    """Return the times of echoes with one page open, and with everybody's and the board's."""
    AsyncHTTPClient.configure(None, max_clients=2 * len(seats) + 10)
    alone: list[float] = []
    by_ssh: list[float] = []
    by_ssh_meanwhile: list[float] = []
    await type_by_ssh(lab, seats[-1], time.monotonic() + SETTLE + seconds, by_ssh)
    async with lab.terminal(seats[0]) as wire:
        await type_in(wire, time.monotonic() + seconds, alone)
        await wire.say(end=True)
    everybody: list[float] = []
    counted: list[int] = []
    async with AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(lab.terminal(seat)) for seat in seats]
        pages = [("/api/seat/events", seat) for seat in seats] + [("/api/class/events", "*")]
        events = [asyncio.create_task(listen(lab, path, seat, counted)) for path, seat in pages]
        await asyncio.sleep(SETTLE)
        before = {name: usage(lab, name) for name in ("web", "watch")}
        began = time.monotonic()
        until = began + SETTLE + seconds
        await asyncio.gather(
            *(type_in(wire, until, everybody) for wire in wires),
            type_by_ssh(lab, seats[-1], until, by_ssh_meanwhile),
        )
        took = time.monotonic() - began
        after = {name: usage(lab, name) for name in before}
        for task in events:
            task.cancel()
        await asyncio.gather(*events, return_exceptions=True)
        for wire in wires:
            await wire.say(end=True)
    return {
        "alone": percentiles(alone),
        "alone, by ssh": percentiles(by_ssh),
        "everybody": percentiles(everybody),
        "meanwhile, by ssh": percentiles(by_ssh_meanwhile),
        "keys": len(everybody),
        "events, bytes a second": round(sum(counted) / took),
        **{
            name: {"cores": round((after[name][0] - before[name][0]) / took, 3), "MiB": round(after[name][1] / 2**20)}
            for name in before
        },
    }


def idle(lab: BrowserClass, seconds: float) -> dict[str, Any]:
    """Return what the two services cost with no page open."""
    before = {name: usage(lab, name) for name in ("web", "watch")}
    time.sleep(seconds)
    after = {name: usage(lab, name) for name in before}
    return {
        name: {"cores": round((after[name][0] - before[name][0]) / seconds, 3), "MiB": round(after[name][1] / 2**20)}
        for name in before
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seats", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    names = [f"seat{number:02}" for number in range(1, given.seats + 1)]
    with (
        tempfile.TemporaryDirectory() as folder,
        class_lab(Path(folder), project_name("bench"), in_browser=True) as lab,
    ):
        lab.up(*((name, name.upper(), "") for name in names))
        browser = BrowserClass(lab)
        time.sleep(SETTLE)
        found = {"seats": given.seats, "idle": idle(browser, 10), **asyncio.run(measure(browser, names, given.seconds))}
    for name, value in found.items():
        print(f"{name:24} {value}")
    if given.json:
        given.json.write_text(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
