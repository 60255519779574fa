"""The name under which `ps`, `top` and `pstree -a` show a process."""

from contextlib import suppress
from pathlib import Path

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
        Path("/proc/self/comm").write_bytes(_cut(comm, COMM_BYTES))


def _overwrite_arguments(title: str) -> None:
    fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    start, end = (int(fields[number - 3]) for number in (ARG_START, ARG_END))
    with Path("/proc/self/mem").open("r+b", buffering=0) as memory:
        memory.seek(start)
        memory.write(_cut(title, end - start - 1).ljust(end - start, b"\0"))


def _cut(text: str, most: int) -> bytes:
    """Return the UTF-8 of the text as far as whole characters fit."""
    return text.encode()[:most].decode(errors="ignore").encode()
