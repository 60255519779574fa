"""A class of sixty: how long until all are healthy, beside as many bare containers; logins at once; what a seat costs.

    python3 -m tests.bench.sixty_seats [--seats 60]

The bare containers are the same image's with nothing but `sleep infinity`, brought up by compose too, before the class
and again after it. Memory is read while nobody is logged in: a seat's cgroup, which the kernel charges with what its
processes use first, and the proportional share (PSS) of the engine's own processes for it, a shim and docker-init.
"""

import argparse
import asyncio
import json
import re
import statistics
import tempfile
import time
from pathlib import Path

from lab.host.bringup.images import PREFIX
from tests.class_lab import ClassLab
from tests.clone import run

PROJECT = "forklab-sixty"
PATIENCE = 300.0  # seconds, against hanging only


def bare(folder: Path, image: str, count: int) -> float:
    """Return the seconds that compose takes to bring up containers that only sleep; they are gone afterwards."""
    service = {"image": image, "command": ["sleep", "infinity"], "network_mode": "none", "pull_policy": "never"}
    model = {"name": f"{PROJECT}-bare", "services": {f"s{number}": service for number in range(count)}}
    path = folder / "bare.json"
    path.write_text(json.dumps(model))
    words = ("docker", "compose", "--file", str(path))
    began = time.monotonic()
    up = run(*words, "up", "--detach", "--wait")
    took = time.monotonic() - began
    assert up.returncode == 0, up.stderr
    run(*words, "down", "--timeout", "0")
    return took


async def log_in(lab: ClassLab, seat: str, *command: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *lab.ssh(seat, *command, key=".lab/instructor"), stdin=pipe, stdout=pipe, stderr=pipe
    )


async def all_at_once(lab: ClassLab, seats: list[str]) -> tuple[list[float], int]:
    """Log in to every seat at the same time; return when each was in, and how many failed."""

    async def once(seat: str) -> float | None:
        process = await log_in(lab, seat, "echo in; read line")
        assert process.stdout
        line = await process.stdout.readline()
        inside = time.monotonic() - began
        _, errors = await process.communicate(b"\n")
        if line != b"in\n" or process.returncode:
            print(f"{seat}: {process.returncode} {errors.decode().strip()}")
            return None
        return inside

    began = time.monotonic()
    times = await asyncio.gather(*map(once, seats))
    inside = [took for took in times if took is not None]
    return inside, len(times) - len(inside)


async def chat_of_all(lab: ClassLab, seats: list[str]) -> tuple[float, int]:
    """Let every seat say a line while one of them reads; return the seconds and how many lines the reader saw."""
    reader = await log_in(lab, seats[0], "chat reader")
    assert reader.stdout
    while b"* welcome" not in await reader.stdout.readline():
        pass
    began = time.monotonic()
    speakers = [await log_in(lab, seat, f"echo line of {seat} | chat {seat}") for seat in seats]
    seen: set[bytes] = set()
    while len(seen) < len(seats):
        line = await asyncio.wait_for(reader.stdout.readline(), PATIENCE)
        seen |= {line} if re.search(rb" : line of s\d+\n$", line) else set()
    took = time.monotonic() - began
    for speaker in speakers:
        await speaker.communicate()
        assert speaker.returncode == 0
    await reader.communicate(b"")
    return took, len(seen)


def memory(lab: ClassLab, seats: list[str]) -> dict[str, list[float]]:
    """Return each seat's MiB: of its cgroup, and of the engine's processes for it."""
    costs: dict[str, list[float]] = {"cgroup": [], "engine": [], "door (PSS)": []}
    shims = shim_pids()
    for seat in seats:
        found = lab.inspect(seat)
        init = found["State"]["Pid"]
        costs["cgroup"].append(charged(init) / 2**20)
        costs["engine"].append((pss(shims[found["Id"]]) + pss(init)) / 2**20)
        door = int(run("pgrep", "-P", str(init)).stdout.split()[0])
        costs["door (PSS)"].append(pss(door) / 2**20)
    return costs


def shim_pids() -> dict[str, int]:
    """Return the PID of the shim of each container's id."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if "containerd-shim" in words[0] and "-id" in words:
            found[words[words.index("-id") + 1]] = int(folder.name)
    return found


def charged(pid: int) -> int:
    """Return the bytes that the cgroup of a process is charged with, page cache included."""
    rows = [line.split(":", 2) for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()]
    folders = {controllers: path for _, controllers, path in rows}
    if "memory" in folders:  # cgroup v1
        folder, usage = Path("/sys/fs/cgroup/memory" + folders["memory"]), "memory.usage_in_bytes"
    else:
        folder, usage = Path("/sys/fs/cgroup" + folders[""]), "memory.current"
    return int((folder / usage).read_text())


def pss(pid: int) -> int:
    """Return a process's proportional set size in bytes, proc_pid_smaps(5)."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss: +(\d+) kB", rollup, re.MULTILINE)
    assert found
    return int(found[1]) * 1024


def idle_share(seconds: float) -> float:
    """Return the share of one CPU that the whole machine burns while nobody does anything in the lab."""
    before, began = busy(), time.monotonic()
    time.sleep(seconds)
    return (busy() - before) / (time.monotonic() - began)


def busy() -> float:
    """Return the seconds that all CPUs have worked since boot, proc_stat(5)."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / 100


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seats", type=int, default=60)
    parser.add_argument("--idle", type=float, default=60.0, metavar="SECONDS", help="how long to watch the idle class")
    options = parser.parse_args()
    seats = [f"s{number}" for number in range(1, options.seats + 1)]
    with tempfile.TemporaryDirectory() as folder:
        lab = ClassLab(Path(folder), PROJECT)
        try:
            measure(lab, seats, options.idle)
        finally:
            lab.remove()


def measure(lab: ClassLab, seats: list[str], idle: float) -> None:
    image = f"{PREFIX}/seat"
    alone = [bare(lab.folder, image, len(seats))]
    began = time.monotonic()
    lab.up(*((seat, f"学生 {seat}", "") for seat in seats))
    took = time.monotonic() - began
    costs = memory(lab, seats)
    print(f"idle: {idle_share(idle):.1%} of one CPU, the whole machine, over {idle:.0f} s")
    inside, failed = asyncio.run(all_at_once(lab, seats))
    print(
        f"{len(seats)} logins at once: {failed} failed; the median is in after {statistics.median(inside):.1f} s, "
        f"the last after {max(inside):.1f} s"
    )
    chatted, seen = asyncio.run(chat_of_all(lab, seats))
    print(f"chat: every seat logs in and says a line, one reader has seen {seen} of {len(seats)} after {chatted:.1f} s")
    lab.remove()
    alone.append(bare(lab.folder, image, len(seats)))
    print(
        f"healthy after {took:.1f} s; as many bare containers {alone[0]:.1f} and {alone[1]:.1f} s: "
        f"ratio {took / statistics.mean(alone):.2f}"
    )
    for what, values in costs.items():
        print(f"MiB a seat, {what}: median {statistics.median(values):.2f}, most {max(values):.2f}")
    both = [cgroup + engine for cgroup, engine in zip(costs["cgroup"], costs["engine"], strict=True)]
    print(f"MiB a seat, cgroup and engine: median {statistics.median(both):.2f}, most {max(both):.2f}")


if __name__ == "__main__":
    main()
