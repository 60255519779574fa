"""A class: a clone of the working tree whose lab is brought up, `make` in it, and SSH clients of its gate."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.clone import ROOT, clone_into, run, share_venv
from tests.eventually import eventually

FAB = str(Path(sys.prefix, "bin", "fab"))
PORTS = range(20000, 32768)  # below those that the kernel gives to whoever connects (ip_local_port_range)


def project_name(name: str) -> str:
    """Return a compose project's name that no other worker's tests have, nor another working tree's on this engine."""
    return f"forklab-{name}-{zlib.crc32(bytes(ROOT)):08x}{os.environ.get('PYTEST_XDIST_WORKER', '')}"


def free_port() -> int:
    """Return a port that nobody has; between now and its use, only another that is drawn here could be the same."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("a hundred ports, and all are taken")


class ClassLab:
    """A clone that shares our `.venv`, with a compose project and a port of its own.

    The images are the working tree's, unless their prefix is given: then they are removed with the lab.
    """

    def __init__(self, folder: Path, project: str, images: str = "", *, in_browser: bool = False) -> None:
        self.folder = folder
        self.project = project
        self.images = images
        self.port = free_port()
        self.known_hosts = folder / "known_hosts"
        self.environment = {
            "COMPOSE_PROJECT_NAME": project,
            "LAB_PORT": str(self.port),
            **({"LAB_WEB_PORT": str(free_port())} if in_browser else {"LAB_WEB": "no"}),
            "PYTHONPATH": str(folder),
            **({"LAB_IMAGES": images} if images else {}),
        }
        clone_into(folder)
        share_venv(folder)

    def fab(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a task without make, which turns every exit code but 0 into 2."""
        return run(FAB, "-r", "lab", *words, cwd=self.folder, **{**self.environment, **environment})

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
            ["make", *words],
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

    def up(self, *students: tuple[str, str, str]) -> str:
        """Bring up the lab of these students (seat, name, key); return what that printed."""
        (self.folder / "class.csv").write_text(
            "seat,name,key\n" + "".join(f"{','.join(student)}\n" for student in students), encoding="utf-8"
        )
        done = self.fab("lab", "--roster", "class.csv")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def key(self, name: str) -> str:
        """Return the public key of a student; the pair is made once."""
        private = self.folder / f"{name}.key"
        if not private.exists():
            made = run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(private))
            assert made.returncode == 0, made.stderr
        return private.with_name(f"{private.name}.pub").read_text().strip()

    def options(self, key: str) -> list[str]:
        """Return the options of ssh, scp and sftp: only what the test says, and nothing of this user's."""
        identity = self.folder / (key if key.startswith(".lab") else f"{key}.key")
        return [
            *("-F", "/dev/null", "-i", str(identity)),
            *("-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=60"),
            *("-o", f"UserKnownHostsFile={self.known_hosts}", "-o", "StrictHostKeyChecking=accept-new"),
        ]

    def ssh(self, seat: str, *command: str, key: str = "", options: Sequence[str] = ()) -> list[str]:
        """Return the words that log in to a seat, with its own key unless another is named."""
        return ["ssh", *options, *self.options(key or seat), "-p", str(self.port), f"{seat}@127.0.0.1", *command]

    def run(self, seat: str, *command: str, key: str = "", given: bytes = b"") -> tuple[int, str, str]:
        """Run a command in a seat by SSH; return its exit status, stdout and stderr."""
        done = subprocess.run(
            self.ssh(seat, *command, key=key), input=given, capture_output=True, check=False, timeout=90
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def execute(self, seat: str, command: str) -> str:
        """Return what a shell command prints in a seat, by the engine; it must succeed."""
        return self._execute(seat, "sh", "-c", command)

    def python(self, seat: str, program: str) -> str:
        """Return what a Python program prints in a seat's home, by the engine."""
        return self._execute(seat, "python3", "-c", program)

    def _execute(self, seat: str, *words: str) -> str:
        found = run("docker", "exec", self.container(seat), *words)
        assert found.returncode == 0, found.stderr
        return found.stdout

    def container(self, service: str) -> str:
        """Return the id of a service's container, a seat's, the server's or the gate's; empty if it has none."""
        # Compose labels the images too, and so whatever else is made from one; `oneoff` is on its own containers alone.
        labels = {"project": self.project, "service": service, "oneoff": "False"}
        filters = [f"--filter=label=com.docker.compose.{name}={value}" for name, value in labels.items()]
        found = run("docker", "ps", "--all", "--quiet", "--no-trunc", *filters)
        assert found.returncode == 0, found.stderr
        return found.stdout.strip()

    def inspect(self, service: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(run("docker", "inspect", self.container(service)).stdout)[0]
        return found

    def identity(self, service: str) -> tuple[str, str]:
        """Return what changes when a container is made anew or started again."""
        found = self.inspect(service)
        return found["Id"], found["State"]["StartedAt"]

    def halt(self, service: str, how: str) -> None:
        """Stop or pause a container, and see that it is: a freezer gives up when a busy machine lets nothing freeze."""
        status = {"stop": "exited", "pause": "paused"}[how]

        def is_halted() -> bool:
            run("docker", how, self.container(service))
            return bool(self.inspect(service)["State"]["Status"] == status)

        eventually(is_halted)

    def remove(self) -> None:
        """Leave nothing of it behind."""
        label = f"--filter=label=com.docker.compose.project={self.project}"
        for kind, *options in (("container", "--all"), ("network",), ("volume",)):
            if found := run("docker", kind, "ls", *options, "--quiet", label).stdout.split():
                run("docker", kind, "rm", "--force", *(["--volumes"] if kind == "container" else []), *found)
        if self.images and (found := run("docker", "image", "ls", "--quiet", f"{self.images}/*").stdout.split()):
            run("docker", "image", "rm", *found)


@contextmanager
def class_lab(folder: Path, project: str, images: str = "", *, in_browser: bool = False) -> Iterator[ClassLab]:
    """Yield a clone whose lab is not up yet; all of it is removed at the end."""
    lab = ClassLab(folder, project, images, in_browser=in_browser)
    try:
        yield lab
    finally:
        lab.remove()


def terminal_environment() -> dict[str, str]:
    """Return an environment in which nothing of ours reaches ssh's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "SSH_"))}
    return {**kept, "TERM": "xterm-256color"}
