"""The same in all seats at once, over SSH through the gate: an answer for each, so that one dead seat hides nobody.

The connections are fabric's, and come from lab/fabfile/, its only importer; here is what is done with them.
"""

import re
import stat
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

import docker
from paramiko import Channel, HostKeys, SFTPClient, SSHException, Transport

from lab.chat.protocol import CONTROL
from lab.door.join import NOT_JOINED
from lab.host import execution, files, project, room
from lab.host.command import GENERATED, LabError
from lab.host.enrolment import keys, roster
from lab.host.step import size
from lab.host.together import each
from lab.language import chosen as chosen_language
from lab.language import tr, tr_count

SECONDS = 60.0  # for one seat
MOST_OUTPUT = 2**16  # bytes of a seat's output that are kept; one that has more to say is ended
MOST_FILE = 100 * 2**20  # bytes of a file that is fetched
CHUNK = 2**15
HOST_KEY = "/var/lib/gate/host_key.pub"  # in the gate
KNOWN = GENERATED / "known_hosts"


class Connection(Protocol):
    """What is used of fabric's."""

    @property
    def transport(self) -> Transport | None:
        """The SSH connection, once it is open."""

    def open(self) -> Any:
        """Connect and authenticate."""

    def close(self) -> Any:
        """End it."""

    def sftp(self) -> SFTPClient:
        """Begin to copy files."""


@dataclass(frozen=True)
class Gate:
    """Where the seats are entered, with whose key, and the file that says which host key is the gate's."""

    host: str
    port: int
    key: Path
    known: Path


@dataclass(frozen=True)
class Answer:
    """What a seat answered."""

    code: int | None = None  # the command's exit status; None: none was reached, and `error` says why
    output: str = ""
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)


Work = Callable[[Connection, str], Answer]


def local_gate(engine: docker.DockerClient, key: str = "") -> Gate:
    """Return the lab's own gate; its host key is read in the gate itself, through the engine. Raises LabError."""
    port = project.port(engine)
    host_key = files.read(project.gate(engine), HOST_KEY)
    if not host_key:
        raise LabError(tr("The gate has no host key yet: try again."))
    host = room.ADDRESS or "127.0.0.1"
    roster.write_private(KNOWN, f"{_known_as(host, port)} {host_key.decode()}")
    return Gate(host, port, Path(key).expanduser() if key else keys.INSTRUCTOR, KNOWN)


def remote_gate(address: str, key: str) -> Gate:
    """Return the gate of another machine, HOST or HOST:PORT, which ssh must know already. Raises LabError."""
    host, _, port = address.rpartition(":") if re.search(r"[^:]:\d+$", address) else (address, "", "2222")
    known = Path.home() / ".ssh" / "known_hosts"
    gate = Gate(host.strip("[]"), int(port), Path(key or keys.INSTRUCTOR).expanduser(), known)
    if not gate.key.is_file():
        raise LabError(tr("{key} is not here: bring the lab's .lab/instructor, and name it: KEY=…", key=gate.key))
    name = _known_as(gate.host, gate.port)
    if not known.is_file() or HostKeys(str(known)).lookup(name) is None:
        shown = f"docker compose exec gate ssh-keygen -lf {HOST_KEY}"
        raise LabError(
            tr(
                "{known} does not know the gate {name}. Log in once with ssh, and compare the fingerprint that it "
                "shows with the gate's own, on its machine: {shown}",
                known=known,
                name=name,
                shown=shown,
            )
        )
    return gate


def _known_as(host: str, port: int) -> str:
    """Return a host as known_hosts names it, ssh(1)."""
    return host if port == 22 else f"[{host}]:{port}"


def in_each(seats: Iterable[str], connect: Callable[[str], Connection], work: Work) -> dict[str, Answer]:
    """Do something in each seat, a few at a time; return an answer for each."""
    begun: list[Connection] = []

    def visit(seat: str) -> Answer:
        connection = connect(seat)
        begun.append(connection)
        try:
            connection.open()
            return work(connection, seat)
        except (SSHException, OSError, EOFError) as error:
            raise LabError(_reason(error)) from error
        finally:
            connection.close()

    def hang_up() -> None:
        for connection in begun:
            connection.close()

    answers = each(seats, visit, hang_up)
    return {
        seat: Answer(error=str(answer)) if isinstance(answer, Exception) else answer for seat, answer in answers.items()
    }


def _reason(error: Exception) -> str:
    """Return why a seat's answer is none; sftp's own words are too few, and a local file's error has its name."""
    if isinstance(error, OSError) and error.filename is None:
        if isinstance(error, FileNotFoundError):
            return tr("there is no such file or folder")
        if isinstance(error, PermissionError) or str(error) == "Failure":
            return tr("the student cannot read or write there, or the disk is full")
    return str(error) or tr("the seat did not answer")


def chosen(seats: str, known: Iterable[str]) -> list[str]:
    """Return the seats that are meant, `a,b` or all that are known. Raises LabError."""
    there = list(known)
    wanted = [seat for seat in re.split(r"[,\s]+", seats) if seat]
    if not (wanted or there):
        raise LabError(tr("Which seats? SEATS=client1,client2 or ROSTER=class.csv"))
    if strangers := [seat for seat in wanted if there and seat not in there]:
        raise project.no_such_seat(strangers, there)
    return wanted or there


def run(command: str, seconds: float = SECONDS) -> Work:
    """Return what runs a command in a seat, both its streams together, with nothing for it to read."""

    def work(connection: Connection, seat: str) -> Answer:
        assert connection.transport
        with connection.transport.open_session(timeout=seconds) as channel:
            channel.set_combine_stderr(True)
            channel.exec_command(command)
            channel.shutdown_write()
            output, why = _read(channel, seconds)
            if why:
                return Answer(None, output, why)
            code = channel.recv_exit_status()
            if code == NOT_JOINED and output.startswith(f"forklab: {seat}: "):  # else it is the command's own 255
                said = output.splitlines()  # in both languages
                return Answer(None, "", said[-1 if chosen_language().startswith("zh") else 0].strip())
            lost = tr("the connection was lost while it ran")
            return Answer(code, output) if code >= 0 else Answer(None, output, lost)

    return work


def put(file: Path, to: str) -> Work:
    """Return what copies a file into a home: under its own name, another, or into a folder that is there."""

    def work(connection: Connection, _: str) -> Answer:
        sftp = _sftp(connection)
        target = PurePosixPath(to or file.name)
        if to and _is_folder(sftp, to):
            target /= file.name
        folder = str(target.parent)
        if not _is_folder(sftp, folder):
            raise LabError(tr("there is no folder {folder} in the home: TO=…", folder=folder))
        sftp.put(str(file), str(target))
        sftp.chmod(str(target), stat.S_IMODE(file.stat().st_mode))
        return Answer(0, f"{target}, {size(file.stat().st_size)}")

    return work


def get(file: str, to: Path) -> Work:
    """Return what copies a file from a home into a folder of the seat's name."""

    def work(connection: Connection, seat: str) -> Answer:
        sftp = _sftp(connection)
        found = sftp.stat(file)
        if not stat.S_ISREG(found.st_mode or 0):
            raise LabError(tr("{file} is no file", file=file))
        if (found.st_size or 0) > MOST_FILE:
            has, most = size(found.st_size or 0), size(MOST_FILE)
            raise LabError(tr("{file} has {has}, over the {most} that are fetched", file=file, has=has, most=most))
        target = to / seat / PurePosixPath(file).name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # the student's work is not every user's to read
        part = target.with_name(f"{target.name}.part")
        with sftp.open(file) as there, part.open("wb") as here:
            left = MOST_FILE
            while left > 0 and (piece := there.read(min(CHUNK, left))):
                left -= here.write(piece)
        part.replace(target)
        return Answer(0, f"{target}, {size(MOST_FILE - left)}")

    return work


def lines(answers: dict[str, Answer], students: dict[str, str]) -> list[str]:
    """Lay the answers out: each line of output behind its seat, then a word on those that failed.

    What a student's program prints shall not drive the instructor's terminal: control characters are shown as dots.
    """
    width = max(map(len, answers), default=0)
    shown = [
        f"{seat:<{width}} │ {CONTROL.sub('·', line)}"
        for seat, answer in answers.items()
        for line in answer.output.splitlines()
    ]
    failed = [
        " ".join(filter(None, [f"{seat:<{width}} ✗", students.get(seat), CONTROL.sub("·", _failure(answer))]))
        for seat, answer in answers.items()
        if answer.code != 0
    ]
    good, all_of_them = len(answers) - len(failed), len(answers)
    done = tr_count(all_of_them, "{good} of {n} seat did it", "{good} of {n} seats did it", good=good)
    return [*shown, *failed, done]


def _failure(answer: Answer) -> str:
    return " ".join(answer.error.split()) or tr("exit status {code}", code=answer.code)


def exit_code(answers: dict[str, Answer]) -> int:
    """Return 0 if all did it, 1 if a command failed somewhere, 2 if a seat could not be reached."""
    if any(answer.code is None for answer in answers.values()):
        return 2
    return int(any(answer.code for answer in answers.values()))


def _read(channel: Channel, seconds: float) -> tuple[str, str]:
    """Return what a command prints, and why that is not all of it ("" if it is)."""
    deadline = time.monotonic() + seconds
    kept = bytearray()
    why = ""
    while not why:
        channel.settimeout(max(0.0, deadline - time.monotonic()))
        try:
            piece = channel.recv(CHUNK)
        except TimeoutError:
            why = tr("not done after {seconds:.0f} s, and ended", seconds=seconds)
            break
        if not piece:
            break
        kept += piece
        if len(kept) > MOST_OUTPUT:
            most = size(MOST_OUTPUT)
            why = tr("it printed more than {most}, and was ended", most=most)
    return kept[:MOST_OUTPUT].decode(errors="replace"), why


def _sftp(connection: Connection) -> SFTPClient:
    try:
        sftp = connection.sftp()
    except SSHException as error:
        raise LabError(tr("the seat is not running, or has no room for another process")) from error
    channel = sftp.get_channel()
    assert channel
    channel.settimeout(SECONDS)
    return sftp


def _is_folder(sftp: SFTPClient, path: str) -> bool:
    try:
        return stat.S_ISDIR(sftp.stat(path).st_mode or 0)
    except FileNotFoundError:
        return False


def say(engine: docker.DockerClient, text: str) -> str:
    """Send the administrator's message to all who are in the chat; return the server's answer. Raises LabError."""
    if not text:
        raise LabError(tr("Say what? TEXT=…"))
    done = execution.run(project.server(engine), ["chat-admin", "say", "--", text])
    answer = (done.output + done.errors).decode(errors="replace").strip()
    if done.code:
        raise LabError(answer)
    return answer
