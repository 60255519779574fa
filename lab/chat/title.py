"""The name under which `ps`, `top` and `pstree -a` show a process."""

import os
from contextlib import suppress
from functools import cache

COMM_BYTES = 15  # TASK_COMM_LEN less its NUL, prctl(2)
ARG_START, ARG_END = 48, 49  # their numbers in proc_pid_stat(5)


def set_title(program: str, detail: str = "") -> None:
    """Show this process as `program`, with `detail` as its one argument.

    The kernel serves /proc/PID/cmdline from the memory where the arguments came in; what does not fit there is
    cut between characters. Where that memory is out of reach, the 15 bytes of the comm are all there is.
    """
    comm = program
    try:
        _overwrite_arguments(f"{program}\0{detail}" if detail else program)
    except OSError:
        comm = f"{program} {detail}"
    with suppress(OSError):
        _write("/proc/self/comm", _cut(comm, COMM_BYTES))


def _overwrite_arguments(title: str) -> None:
    start, end = _argument_memory()
    _write("/proc/self/mem", _cut(title, end - start - 1).ljust(end - start, b"\0"), start)


@cache
def _argument_memory() -> tuple[int, int]:
    """Return the addresses of its first byte and of what follows its last; they survive a fork."""
    descriptor = os.open("/proc/self/stat", os.O_RDONLY)
    try:
        fields = os.read(descriptor, 4096).rpartition(b")")[2].split()
    finally:
        os.close(descriptor)
    return int(fields[ARG_START - 3]), int(fields[ARG_END - 3])


def _write(path: str, data: bytes, offset: int = 0) -> None:
    """Write at once and without a buffer: what a worker allocates, each of 200 workers has."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.lseek(descriptor, offset, os.SEEK_SET)  # comm takes no pwrite
        os.write(descriptor, data)
    finally:
        os.close(descriptor)


def _cut(text: str, most: int) -> bytes:
    """Return the UTF-8 of the text as far as whole characters fit."""
    return text.encode()[:most].decode(errors="ignore").encode()
