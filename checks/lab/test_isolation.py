"""What compose.yaml promises of a seat, tried there and not only read."""

from typing import Any

from checks.judging.verdict import Wrong
from checks.lab.place import Place

PIDS, FILES, MEMORY, DISK = 128, 1024, 256 << 20, 16 << 20  # compose.yaml
EXHAUSTING = ("processes", "memory", "disk")  # what would make another check in the same seat fail
SYS_NICE = "800000"  # 1 << CAP_SYS_NICE, capabilities(7)


def test_network(seat: Place) -> None:
    """A seat has no interface but the loopback, and no way to any address."""
    expect(seat, "network", [["lo"], "ENETUNREACH"], "the seat has a network", "network_mode: none")


def test_root(seat: Place) -> None:
    """A seat's root file system is read-only."""
    wanted = dict.fromkeys(("/usr", "/etc", "/"), "EROFS")
    expect(seat, "root", wanted, "the seat's system is not read-only", "read_only: true")


def test_room_folder(seat: Place) -> None:
    """A seat can neither leave a file beside the room's socket nor remove it."""
    expect(seat, "room", ["EROFS", "EROFS"], "the room's folder is not read-only in the seat", "chat:/run/chat:ro")


def test_identity(seat: Place) -> None:
    """A seat cannot become root, the chat server, or another seat."""
    expect(seat, "identity", ["EPERM"] * 3, "the seat can take another UID", "cap_drop: [ALL]")


def test_capabilities(seat: Place) -> None:
    """A seat's shell has no capability, and its programs can gain SYS_NICE alone."""
    wanted = {"CapInh": "0", "CapPrm": "0", "CapEff": "0", "CapBnd": SYS_NICE, "CapAmb": "0"}
    expect(seat, "capabilities", wanted, "the seat has other capabilities", "cap_drop: [ALL], cap_add: [SYS_NICE]")


def test_mount(seat: Place) -> None:
    """A seat cannot mount anything."""
    expect(seat, "mount", "EPERM", "the seat can mount", "cap_drop: [ALL]")


def test_processes(seat: Place) -> None:
    """A fork bomb meets the pids limit."""
    most(seat, "processes", PIDS, "a fork bomb gets further than promised", "pids_limit: 128")


def test_files(seat: Place) -> None:
    """A process meets the limit on open files."""
    most(seat, "files", FILES, "a process opens more files than promised", "ulimits: nofile: 1024")


def test_core(seat: Place) -> None:
    """A crash leaves no core file."""
    expect(seat, "core", [0, 0], "a crash would leave a core file", "ulimits: core: 0")


def test_disk(seat: Place) -> None:
    """A seat's /tmp is bounded."""
    most(seat, "disk", DISK, "/tmp takes more than promised", "tmpfs: /tmp:size=16m")


def test_memory(seat: Place) -> None:
    """A process that wants more memory than the seat has is killed, and nobody else."""
    expect(seat, "memory", "SIGKILL", "the seat gets more memory than promised", "mem_limit: 256m", MEMORY + (64 << 20))


def test_others(seat: Place) -> None:
    """A seat sees processes of no UID but its own."""
    expect(seat, "others", [], "the seat sees somebody else's processes", "a container of its own")


def expect(seat: Place, trial: str, wanted: Any, rationale: str, promise: str, *arguments: object) -> None:
    """Try it in the seat; raise Wrong unless the kernel answers as wanted."""
    seen = seat.probe("isolation", trial, *arguments, alone=trial in EXHAUSTING)
    if seen != wanted:
        raise Wrong(rationale, advice=f"compose.yaml promises `{promise}`", expected=wanted, actual=seen)


def most(seat: Place, trial: str, limit: int, rationale: str, promise: str) -> None:
    """Try it in the seat; raise Wrong if it gets beyond the limit, or if the kernel says no long before that.

    What the student has there already counts towards the second.
    """
    got, there = seat.probe("isolation", trial, alone=trial in EXHAUSTING)
    advice = f"compose.yaml promises `{promise}`"
    if got > limit:
        raise Wrong(rationale, advice=advice, expected=f"at most {limit}", actual=got)
    if got + there < limit * 0.5:
        raise Wrong(
            "the seat gets much less than promised", advice=advice, expected=f"about {limit}", actual=got + there
        )
