"""Hosts of a class: containers with an engine and an sshd of their own, on a network that the test makes."""

import csv
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import docker

from lab.host.hosts import tunnel
from lab.host.hosts.capacity import ROOM_MEMORY, SEAT_MEMORY
from lab.host.hosts.inventory import Host
from tests.class_in_browser import BrowserClass
from tests.class_lab import ClassLab, project_name
from tests.clone import ROOT, run
from tests.eventually import eventually


class Machine:
    """One host. It can be killed, cut off, and come back."""

    def __init__(self, name: str, image: str, network: str, key: str) -> None:
        self.name = name
        self.network = network
        self.container = f"{network}-{name}"
        options = ["--detach", "--privileged", f"--hostname={name}", f"--network={network}", f"--name={self.container}"]
        self._docker("run", *options, "--volume=/var/lib/docker", "--tmpfs=/run", image)
        self.let_in(key)
        self.address = self._address()

    def _address(self) -> str:
        form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        return self._docker("inspect", f"--format={form}", self.container)

    def _docker(self, *words: str) -> str:
        done = run("docker", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def execute(self, command: str) -> str:
        return self._docker("exec", self.container, "sh", "-c", command)

    def let_in(self, key: str) -> None:
        """Let this key in, and no other."""
        self.execute(f"echo '{key}' > /root/.ssh/authorized_keys")

    def known(self) -> str:
        """Return its line of known_hosts."""
        path = "/etc/ssh/ssh_host_ed25519_key.pub"
        return f"{self.address} " + self.execute(f"until cat {path}; do sleep 0.05; done 2>/dev/null")

    def is_ready(self) -> bool:
        """Tell whether its engine has said, since it was started, that it listens; sshd has been there before."""
        since = self._docker("inspect", "--format={{.State.StartedAt}}", self.container)
        said = run("docker", "logs", f"--since={since}", self.container)
        return "API listen on" in said.stderr

    def forbids_ports_of_ours(self) -> None:
        """Have its sshd forward no port of this machine's to it."""
        self.execute(
            "echo AllowTcpForwarding local > /etc/ssh/sshd_config.d/ports.conf; kill -HUP $(cat /run/sshd.pid)"
        )
        eventually(lambda: run("ssh-keyscan", "-t", "ed25519", self.address).stdout)

    def received(self) -> int:
        """Return how many bytes its network has brought it."""
        return int(self.execute("cat /sys/class/net/eth0/statistics/rx_bytes"))

    def kill(self) -> None:
        self._docker("kill", self.container)

    def start(self) -> None:
        self._docker("start", self.container)
        eventually(self.is_ready, every=0.1)

    def cut_off(self) -> None:
        self._docker("network", "disconnect", self.network, self.container)

    def connect(self) -> None:
        self._docker("network", "connect", self.network, self.container)
        assert self._address() == self.address  # the lowest that is free

    def has_memory(self, seats: int) -> None:
        """Have its engine see as much memory as so many seats take, until it is started anew."""
        kib = (ROOM_MEMORY + seats * SEAT_MEMORY) // 1024
        seen = f"sed 's/^MemTotal:.*/MemTotal: {kib} kB/' /proc/meminfo > /run/meminfo"
        self.execute(f"{seen} && mount --bind /run/meminfo /proc/meminfo")

    def toml(self, seats: int) -> str:
        """Return its lines of hosts.toml; with 0 seats it does not say how many it holds."""
        at_most = f"seats = {seats}\n" if seats else ""
        return f'[[host]]\nname = "{self.name}"\naddress = "{self.address}"\nuser = "root"\n{at_most}\n'


class School(ClassLab):
    """A clone whose ssh knows the machines, and has a key of its own."""

    def __init__(self, folder: Path, network: str) -> None:
        super().__init__(folder, project_name("hosts"))
        self.network = network
        self.public = self.key("instructor")
        self.machines: dict[str, Machine] = {}
        program = folder / "bin" / "ssh"  # ssh looks for no settings but in its user's own folder
        program.parent.mkdir()
        options = (
            f"-F /dev/null -i {folder}/instructor.key -o IdentitiesOnly=yes -o UserKnownHostsFile={self.known_hosts}"
        )
        program.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} {options} "$@"\n')
        program.chmod(0o755)
        # The images of a class are quicker here without a registry: nothing is there yet, and all of them have to go.
        self.environment |= {"PATH": f"{program.parent}:{os.environ['PATH']}", "LAB_INSTALL": "no"}

    def add(self, image: str, **seats: int) -> None:
        """Start machines that hold so many seats, and name them in hosts.toml."""
        for name in seats:
            self.machines[name] = Machine(name, image, self.network, self.public)
        for machine in self.machines.values():
            eventually(machine.is_ready, every=0.1)
        self.known_hosts.write_text("".join(f"{machine.known()}\n" for machine in self.machines.values()))
        self.write_hosts(**seats)

    def write_hosts(self, **seats: int) -> None:
        (self.folder / "hosts.toml").write_text(
            "".join(self.machines[name].toml(count) for name, count in seats.items())
        )

    def roster(self, *logins: str) -> None:
        (self.folder / "class.csv").write_text(
            "seat,name,key\n" + "".join(f"{login},学生 {login},\n" for login in logins)
        )

    @contextmanager
    def engine(self, name: str) -> Iterator[docker.DockerClient]:
        """Yield a client to a machine's engine, by the words with which make reaches it."""
        machine, socket = self.machines[name], self.folder / f"{name}.sock"
        words = tunnel.command(Host(name, 1, machine.address, "root"), socket)
        socket.unlink(missing_ok=True)
        with subprocess.Popen([str(self.folder / "bin" / "ssh"), *words[1:]]) as process:
            try:
                eventually(socket.exists)
                yield docker.DockerClient(f"unix://{socket}")
            finally:
                process.terminate()

    def join_front(self) -> None:
        """Let the way in reach the machines, as it would real ones: no bridge of an engine leads to another."""
        done = run("docker", "network", "connect", self.network, self.container("gate"))
        assert done.returncode == 0, done.stderr

    def pages(self, seat: str) -> BrowserClass:
        """Return the pages of the seat's room, as its link says where they are."""
        rows = csv.DictReader((self.folder / ".lab/links.csv").read_text(encoding="utf-8").splitlines())
        address, _, port = next(row["link"] for row in rows if row["seat"] == seat).rpartition("/s/")[0].rpartition(":")
        assert address == "http://127.0.0.1"
        return BrowserClass(self, int(port))

    def remove(self) -> None:
        super().remove()  # the way in
        (self.folder / ".lab/hosts/pages/forwards.json").unlink(missing_ok=True)  # that to the pages ends with it
        run("docker", "rm", "--force", "--volumes", *(machine.container for machine in self.machines.values()))
        run("docker", "network", "rm", self.network)


@contextmanager
def school(folder: Path, **seats: int) -> Iterator[School]:
    """Yield a clone and its machines; all of it is removed at the end."""
    words = ["docker", "build", "--quiet", "--network=host", "--tag=forklab-test/host"]
    built = run(*words, str(ROOT / "tests" / "hosts"))
    assert built.returncode == 0, built.stderr
    network = project_name("hosts")
    with ExitStack() as stack:
        found = School(folder, network)
        stack.callback(found.remove)
        _forget(network)
        assert run("docker", "network", "create", network).returncode == 0
        found.add(built.stdout.strip(), **seats)
        yield found


def _forget(network: str) -> None:
    """Remove what a run of these tests that was killed has left: its names are those of the next."""
    left = run("docker", "ps", "--all", "--quiet", "--filter", f"name=^{network}-").stdout.split()
    if left:
        run("docker", "rm", "--force", "--volumes", *left)
    run("docker", "network", "rm", network)  # says so where there is none
