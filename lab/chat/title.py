"""The name under which `ps` and `pstree` show a process."""

from pathlib import Path

try:
    from setproctitle import setproctitle
except ModuleNotFoundError:  # plain Python: the 15 bytes of the comm are all there is

    def setproctitle(title: str) -> None:  # noqa: D103
        pass


COMM_BYTES = 15  # TASK_COMM_LEN less its NUL, prctl(2)


def set_title(title: str) -> None:
    """Show this process as `title`: its command line whole, and its comm as far as whole characters fit."""
    setproctitle(title)
    comm = title.encode()[:COMM_BYTES].decode(errors="ignore")
    Path("/proc/self/comm").write_text(comm, encoding="utf-8")
