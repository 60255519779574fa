"""The engines of the hosts as sockets of this machine, each forwarded by ssh for as long as a make is at work.

docker's own ssh:// is slower and gives up under many calls at once; what was tried is in docs/hosts.md.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
from docker.constants import DEFAULT_TIMEOUT_SECONDS
from docker.errors import DockerException
from requests import RequestException

from lab.host.command import LabError, answer
from lab.host.hosts.inventory import FOLDER, Host
from lab.language import tr

PATIENCE = 5.0  # seconds, after which a host is said to be dead
OPTIONS = (
    *("BatchMode=yes", "ExitOnForwardFailure=yes", "StreamLocalBindUnlink=yes", "StreamLocalBindMask=0177"),
    *("ConnectTimeout=5", "ServerAliveInterval=5", "ServerAliveCountMax=2"),
    *("ControlMaster=no", "ControlPath=none"),  # a connection that is shared would go on after us
)
ENGINE = "/var/run/docker.sock"  # on the host
LONGEST = 107  # bytes of a socket's path, unix(7)
WITH_US = ("setpriv", "--pdeathsig", "TERM")  # a make that is killed leaves no ssh behind


@contextmanager
def opened(hosts: Iterable[Host]) -> Iterator[dict[str, Future[Path]]]:
    """Reach the engines, all at the same time; yield each host's socket-to-be, so that nobody waits for another's.

    Its `result` raises LabError where the engine does not answer within PATIENCE.
    """
    hosts = list(hosts)
    FOLDER.mkdir(parents=True, exist_ok=True)
    _remove_left()
    sockets = {host.name: FOLDER / f"{host.name}.{os.getpid()}.sock" for host in hosts}
    if too_long := [path for path in sockets.values() if len(os.fsencode(path)) > LONGEST]:
        raise LabError(
            tr(
                "The path of a socket, {path}, is too long: put this folder elsewhere, or name the host shorter.",
                path=too_long[0],
            )
        )
    # By this thread: they end when the one that has started them does.
    begun = {host.name: _begin(host, sockets[host.name]) for host in hosts}
    try:
        with ThreadPoolExecutor(max(1, len(hosts))) as pool:
            yield {host.name: pool.submit(_reached, host, begun[host.name], sockets[host.name]) for host in hosts}
    finally:
        for process in begun.values():
            process.terminate()
        for process, socket in zip(begun.values(), sockets.values(), strict=True):
            process.wait()
            socket.unlink(missing_ok=True)


def client(socket: Path, timeout: int = DEFAULT_TIMEOUT_SECONDS) -> docker.DockerClient:
    """Return a client to the engine behind a socket."""
    return docker.DockerClient(f"unix://{socket}", timeout=timeout)


def command(host: Host, socket: Path) -> list[str]:
    """Return the words that forward the host's engine to a socket here."""
    return ["ssh", "-N", "-L", f"{socket}:{ENGINE}", *_to(host)]


def forwarding(host: Host, ports: str) -> list[str]:
    """Return the words that forward a port of this machine to one of the host's, as ssh's -L has it."""
    return [*ends_with_us(), "ssh", "-N", "-L", ports, *_to(host)]


@contextmanager
def lent(host: Host, port: int) -> Iterator[int]:
    """Have a port of this machine's loopback at one of the host's; yield that. Raises LabError."""
    words = [*ends_with_us(), "ssh", "-N", "-R", f"127.0.0.1:0:127.0.0.1:{port}", "-o", "LogLevel=INFO", *_to(host)]
    with subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            assert process.stderr
            said = ""
            for line in process.stderr:  # it ends by itself if it is refused (ConnectTimeout, ExitOnForwardFailure)
                said += line
                if allocated := re.match(r"Allocated port (\d+) for remote forward", line):
                    yield int(allocated[1])
                    return
            raise LabError(_refusal(host, said))
        finally:
            process.terminate()


def ask(host: Host, command: str) -> str | None:
    """Return what a shell command prints there; None if it fails."""
    return answer("ssh", *_to(host), command)


def _to(host: Host) -> list[str]:
    options = [word for option in OPTIONS for word in ("-o", option)]
    return [
        *options,
        *(["-l", host.user] if host.user else []),
        *(["-p", str(host.port)] if host.port else []),
        host.address,
    ]


def ends_with_us() -> tuple[str, ...]:
    """Return the words before a command that is to end with the thread that begins it."""
    return WITH_US if shutil.which(WITH_US[0]) else ()


def _begin(host: Host, socket: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*ends_with_us(), *command(host, socket)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,  # Ctrl-C is ours: what is at work is ended first
    )


def _reached(host: Host, process: subprocess.Popen[str], socket: Path) -> Path:
    """Return the socket once the engine answers. Raises LabError, at the latest after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not _answers(socket, deadline):
        if process.poll() is not None:
            assert process.stderr
            raise LabError(_refusal(host, process.stderr.read()))
        if time.monotonic() > deadline:
            raise LabError(_silence(host, socket))
        time.sleep(0.02)
    return socket


def _answers(socket: Path, deadline: float) -> bool:
    """Tell whether the engine answers; one that lets us wait for longer than there is time does not."""
    if not socket.exists():
        return False
    try:
        client(socket, timeout=max(1, round(deadline - time.monotonic()))).ping()
    except (DockerException, RequestException):
        return False
    return True


def _silence(host: Host, socket: Path) -> str:
    if not socket.exists():
        return tr("{address} does not answer: see that it is up and can be reached.", address=host.address)
    return tr(
        "{address} answers by ssh, and its engine does not. There: see that it runs (systemctl status docker), and "
        "that {user} may use it (sudo usermod -aG docker {user}).",
        address=host.address,
        user=host.user or "$USER",
    )


def _refusal(host: Host, said: str) -> str:
    """Return a sentence for what ssh has said as it ended."""
    known_as = f"[{host.address}]:{host.port}" if host.port not in (0, 22) else host.address
    if "IDENTIFICATION HAS CHANGED" in said:
        return tr(
            "{address} has another host key than it had. If it was installed anew: ssh-keygen -R '{known_as}', then "
            "ssh {where}, and compare the fingerprint. Else another machine has its address: do not go on.",
            address=host.address,
            known_as=known_as,
            where=host.where,
        )
    if "Host key verification failed" in said:
        return tr(
            "ssh does not know the host key of {address}: log in once with ssh {where}, and compare the fingerprint.",
            address=host.address,
            where=host.where,
        )
    if "Permission denied" in said:
        where = host.where
        return tr("{address} lets your key not in: ssh-copy-id {where}", address=host.address, where=where)
    last = said.strip().splitlines()[-1:] or [tr("ssh ended without a word")]
    return tr("{address} cannot be reached: {why}", address=host.address, why=last[0])


def _remove_left() -> None:
    """Remove the sockets of makes that were killed."""
    for socket in FOLDER.glob("*.sock"):
        pid = socket.name.split(".")[-2]
        if not Path(f"/proc/{pid}").exists():
            with suppress(FileNotFoundError):
                socket.unlink()
