"""A class: a clone of the working tree whose lab is made from a roster, and SSH clients of its gate."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.clone import clone_into, run

FAB = str(Path(sys.prefix, "bin", "fab"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ClassLab:
    """A lab of a project and a port of its own; the images are the working tree's."""

    def __init__(self, folder: Path, project: str) -> None:
        self.folder = folder
        self.project = project
        self.port = free_port()
        self.known_hosts = folder / "known_hosts"
        self.names = {"COMPOSE_PROJECT_NAME": project, "LAB_PORT": str(self.port), "PYTHONPATH": str(folder)}
        clone_into(folder)

    def fab(self, *words: str) -> subprocess.CompletedProcess[str]:
        return run(FAB, "-r", "lab", *words, cwd=self.folder, **self.names)

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
            *("-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=20"),
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

    def container(self, service: str) -> str:
        """Return the id of a service's container; empty if it has none."""
        label = f"label=com.docker.compose.service={service}"
        project = f"label=com.docker.compose.project={self.project}"
        return run(
            "docker", "ps", "--all", "--quiet", "--no-trunc", "--filter", project, "--filter", label
        ).stdout.strip()

    def inspect(self, service: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(run("docker", "inspect", self.container(service)).stdout)[0]
        return found

    def identity(self, service: str) -> tuple[str, str]:
        """Return what changes when a container is made anew or started again."""
        found = self.inspect(service)
        return found["Id"], found["State"]["StartedAt"]

    def remove(self) -> None:
        """Remove containers, network and volumes; the images stay."""
        files = ["-f", "compose.yaml"]
        run("docker", "compose", *files, "down", "--remove-orphans", "--volumes", cwd=self.folder, **self.names)
        project = f"label=com.docker.compose.project={self.project}"
        left = run("docker", "volume", "ls", "--quiet", "--filter", project).stdout.split()
        if left:
            run("docker", "volume", "rm", *left)


def terminal_environment() -> dict[str, str]:
    """Return an environment in which nothing of ours reaches ssh's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "SSH_"))}
    return {**kept, "TERM": "xterm-256color"}
