"""A student's home as a compressed tar: read from its volume, and put back.

GNU tar does it, in a container that has this one volume and nothing else: no network, no other home, a read-only root.
So a home full of traps (links that lead out, names like options, a file that grows while it is read) leads nowhere.
Files, folders, links of both kinds and FIFOs keep their modes, times, holes and user.* attributes; not kept are
sockets, whose process is gone, and paths of more than 4000 bytes, which no system call takes.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import docker
from docker.errors import APIError, NotFound

from lab.host import project
from lab.host.bringup import images
from lab.host.command import LabError, pipe
from lab.host.enrolment import homes
from lab.language import chosen, tr

KEEPER = "forklab.keeper"  # the label of such a container: the project that it works for
STAGING = ".forklab-restoring"  # in the home, while it is put back
WALK = Path(__file__).with_name("walk.py")
UNTOUCHED = 9  # the exit code that says: the old home is as it was
CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID")  # a root that can own files, and nothing else

# $0 is the walk. What the student removes between the walk and tar is a warning, not an error.
READ = f"""
export LC_ALL=C.UTF-8
python3 -I -c "$0" {STAGING} |
    tar --create --sparse --xattrs --numeric-owner --one-file-system --no-recursion --ignore-failed-read \\
        --warning=no-file-changed --null --verbatim-files-from --files-from=- --use-compress-program='gzip -1' --file=-
"""

# $0 is the UID. The old home stays whole until all of the new one is beside it; then it is a matter of renames. All in
# it becomes the student's, whatever UIDs the archive names: a UID of another time or machine may be a neighbour here.
PUT = f"""
rm -rf {STAGING} &&
mkdir -m 700 {STAGING} &&
tar --extract --gzip --xattrs --numeric-owner --same-owner --same-permissions --delay-directory-restore \\
    --directory={STAGING} --file=- &&
find {STAGING} '(' ! -uid "$0" -o ! -gid "$0" ')' -exec chown -h "$0:$0" {{}} + ||
    {{ rm -rf {STAGING}; exit {UNTOUCHED}; }}
find . -mindepth 1 -maxdepth 1 ! -name {STAGING} -exec rm -rf {{}} +
find {STAGING} -mindepth 1 -maxdepth 1 -exec mv -f -t . {{}} +
chown "$0:$0" .
chmod --reference={STAGING} .
rmdir {STAGING}
sync --file-system .
"""

# $0 is the UID. What a new login finds.
FURNISH = """
find . -mindepth 1 -maxdepth 1 -exec rm -rf {} +
cp -r /etc/skel/. .
chown -R "$0:$0" .
chmod 700 .
"""


class NotPutError(LabError):
    """A home could not be put back, and has not been touched."""


@dataclass(frozen=True)
class Home:
    """The volume of a seat, and the UID that owns all in it."""

    seat: str
    volume: str
    uid: int


def kept(engine: docker.DockerClient) -> dict[str, Home]:
    """Return the homes that there are, also of seats that have left the roster."""
    found = homes.uids(engine)
    return {seat: Home(seat, homes.volume_of(seat), found[seat]) for seat in sorted(found)}


def home(engine: docker.DockerClient, seat: str) -> Home:
    """Return the home of a seat. Raises LabError if there is none."""
    found = kept(engine)
    if seat not in found:
        raise LabError(tr("There is no home of {seat}: make lab", seat=seat))
    return found[seat]


def read(engine: docker.DockerClient, home: Home, file: IO[bytes]) -> str:
    """Write a home to a file; return what could not be kept, in words. Raises LabError if it is not whole."""
    check = zlib.decompressobj(wbits=31)

    def take(piece: bytes) -> None:
        file.write(piece)
        while piece and not check.eof:
            check.decompress(piece, 2**20)
            piece = check.unconsumed_tail

    with _alone(engine, home.seat):
        code, errors = pipe(_command(home, READ, WALK.read_text(encoding="utf-8")), take=take)
    left_out = [line for line in errors.splitlines() if "No such file or directory" not in line]
    if code or not check.eof:
        raise LabError(
            tr(
                "The home of {seat} could not be read to its end ({code}). {last}",
                seat=home.seat,
                code=code,
                last=_last(left_out),
            )
        )
    return _last(left_out)


def put(engine: docker.DockerClient, home: Home, file: IO[bytes]) -> None:
    """Make a home what a file has, all of it the student's.

    Raises NotPutError if the old home is still whole, LabError if there is half of one.
    """
    with _alone(engine, home.seat):
        code, errors = pipe(_command(home, PUT, str(home.uid)), source=file)
    why = _last(errors.splitlines())
    if code == UNTOUCHED:
        raise NotPutError(
            tr(
                "The home of {seat} is as it was: what was to come into it did not fit beside what is there. {why}\n"
                "make factory SEAT={seat} keeps that and makes room; then make undo SEAT={seat} SNAPSHOT=…",
                seat=home.seat,
                why=why,
            )
        )
    if code:
        raise LabError(
            tr("The home of {seat} was put back in part only ({code}). {why}", seat=home.seat, code=code, why=why)
        )


def furnish(engine: docker.DockerClient, home: Home) -> None:
    """Make a home what a new login finds. Raises LabError; then there may be less in it than before."""
    with _alone(engine, home.seat):
        code, errors = pipe(_command(home, FURNISH, str(home.uid)))
    if code:
        why = _last(errors.splitlines())
        raise LabError(
            tr("The home of {seat} could not be made anew ({code}). {why}", seat=home.seat, code=code, why=why)
        )


def stop_all(engine: docker.DockerClient) -> None:
    """End what is being read or put back."""
    for container in project.containers(engine, f"{KEEPER}={project.PROJECT}"):
        _remove(engine, container.name or "")


def _command(home: Home, script: str, argument: str) -> list[str]:
    return [
        *("docker", "run", "--rm", "--interactive", "--pull=never", f"--name={_name(home.seat)}"),
        *(f"--label={KEEPER}={project.PROJECT}", "--log-driver=none", "--network=none", "--read-only", "--init"),
        f"--env=LANGUAGE={chosen()}",  # of what the walk says
        *("--memory=256m", "--pids-limit=64", "--user=0:0", "--security-opt=no-new-privileges", "--cap-drop=ALL"),
        *(f"--cap-add={capability}" for capability in CAPABILITIES),
        *(f"--mount=type=volume,source={home.volume},target=/kept,volume-nocopy", "--workdir=/kept"),
        *(f"{images.PREFIX}/seat", "bash", "-euo", "pipefail", "-c", script, argument),
    ]


def _name(seat: str) -> str:
    return f"{project.PROJECT}-keeper-{seat}"


@contextmanager
def _alone(engine: docker.DockerClient, seat: str) -> Iterator[None]:
    """Leave nothing at work on a home: not what a killed make has left, nor, if this one is stopped, its own."""
    _remove(engine, _name(seat))
    try:
        yield
    except BaseException:
        _remove(engine, _name(seat))
        raise


def _remove(engine: docker.DockerClient, name: str) -> None:
    with suppress(NotFound):  # it has ended
        container = engine.containers.get(name)
        try:
            container.remove(force=True)
        except APIError:  # it is just being removed, and its name is taken until that is done
            container.wait(condition="removed")


def _last(lines: list[str]) -> str:
    return "; ".join(line[:200] for line in lines[-3:])
