"""A lab of a class in a clone, for the tests that need one: `make` in it, and a look into its seats."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.clone import ROOT, clone_into, run


class Lab:
    """A clone of the working tree that shares its `.venv`, with a compose project and a port of its own."""

    def __init__(self, folder: Path, project: str) -> None:
        self.folder = folder
        self.project = project
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.environment = {
            "COMPOSE_PROJECT_NAME": project,
            "LAB_IMAGES": project,
            "LAB_PORT": str(self.port),
            "PYTHONPATH": str(folder),
        }
        clone_into(folder)
        (folder / ".venv").symlink_to(ROOT / ".venv")

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        return run("make", *words, cwd=self.folder, **self.environment)

    def done(self, *words: str) -> str:
        """Return what make says; it must succeed."""
        found = self.make(*words)
        assert found.returncode == 0, found.stdout + found.stderr
        return found.stdout

    def refused(self, *words: str) -> str:
        """Return the sentence of a make that must fail with 2."""
        found = self.make(*words)
        assert found.returncode == 2, found.stdout + found.stderr
        assert "Traceback" not in found.stderr, found.stderr
        return found.stderr

    @contextmanager
    def begun(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start a make in a process group of its own; all of that is killed at the end, if it is still there."""
        process = subprocess.Popen(
            ["env", "--default-signal=INT", "make", *words],  # whoever runs the tests may have it ignored
            cwd=self.folder,
            env={**os.environ, **self.environment},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def container(self, seat: str) -> str:
        labels = [f"label=com.docker.compose.project={self.project}", f"label=forklab.seat={seat}"]
        return run("docker", "ps", "--all", "--quiet", *(f"--filter={label}" for label in labels)).stdout.strip()

    def execute(self, seat: str, command: str) -> str:
        """Return what a shell command prints in a seat; it must succeed."""
        found = run("docker", "exec", self.container(seat), "sh", "-c", command)
        assert found.returncode == 0, found.stderr
        return found.stdout

    def python(self, seat: str, program: str) -> str:
        """Return what a Python program prints in a seat's home."""
        found = run("docker", "exec", self.container(seat), "python3", "-c", program)
        assert found.returncode == 0, found.stderr
        return found.stdout

    def snapshots(self, seat: str) -> Path:
        return self.folder / ".lab" / "snapshots" / seat

    def names(self, seat: str) -> list[str]:
        return [row["name"] for row in json.loads(self.done("snapshots", f"SEAT={seat}", "JSON=1"))]

    def remove(self) -> None:
        """Leave nothing of it behind."""
        label = f"--filter=label=com.docker.compose.project={self.project}"
        for kind, *options in (("container", "--all"), ("network",), ("volume",)):
            if found := run("docker", kind, "ls", *options, "--quiet", label).stdout.split():
                run("docker", kind, "rm", "--force", *(["--volumes"] if kind == "container" else []), *found)
        if images := run("docker", "image", "ls", "--quiet", f"{self.project}/*").stdout.split():
            run("docker", "image", "rm", *images)


@contextmanager
def brought_up(folder: Path, project: str, *words: str) -> Iterator[Lab]:
    """Bring a lab up, and remove all of it at the end."""
    lab = Lab(folder, project)
    try:
        lab.done("lab", *words)
        yield lab
    finally:
        lab.remove()
