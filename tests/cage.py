"""A cage for what a test sets off: a control group of its own, with a limit on processes, around a test's shell.

Only root may make one: where we are not, the engine does it, in a container that sees the host's processes and control
groups.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.host.bringup.base_image import IMAGE
from tests.clone import run
from tests.eventually import eventually

LIMIT = 24
# Where the limits on processes are: in the one tree of control groups of version 2, or in their own of version 1.
FIND = "cd /sys/fs/cgroup/pids 2>/dev/null || cd /sys/fs/cgroup; "
MAKE = FIND + "mkdir {name} && echo {limit} > {name}/pids.max && echo {pid} > {name}/cgroup.procs"
# With no process allowed nobody is born any more while the others are killed.
KILL = FIND + "echo 0 > {name}/pids.max; kill -KILL $(cat {name}/cgroup.procs) 2>/dev/null; rmdir {name}"


@contextmanager
def caged(pid: int) -> Iterator[None]:
    """Put a process into a cage, with all that comes of it; in the end kill all in there."""
    name = f"forklab-cage-{uuid.uuid4().hex[:8]}"
    made = as_root(MAKE.format(name=name, limit=LIMIT, pid=pid))
    try:
        assert made == "", made
        assert f"/{name}\n" in Path(f"/proc/{pid}/cgroup").read_text(), "it is not in the cage"
        yield
    finally:
        eventually(lambda: as_root(KILL.format(name=name)) == "", within=30)


def as_root(command: str) -> str:
    """Run a shell command as root beside the host's processes; return what it complains about."""
    if os.geteuid() == 0:  # with the pids as we see them: the engine sees others, if we have a name space of our own
        done = run("sh", "-c", command)
        return "" if done.returncode == 0 else done.stderr or f"exit {done.returncode}"
    options = ["--rm", "--privileged", "--pid=host", "--cgroupns=host", "--network=none"]
    volume = ["--volume", "/sys/fs/cgroup:/sys/fs/cgroup"]
    done = run("docker", "run", *options, *volume, IMAGE, "sh", "-c", command)
    return "" if done.returncode == 0 else done.stderr or f"exit {done.returncode}"
