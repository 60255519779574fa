"""A class's work as one file: every home, and a manifest that says whose each is. For another machine, or to look into.

Neither keys nor the server's socket are in it: who may enter a seat is for the roster of the machine it is brought to.
"""

import gzip
import json
import lzma
import shutil
import tarfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Any

import docker

from lab.host import whole
from lab.host.command import GENERATED, LabError, reported
from lab.host.enrolment import roster
from lab.host.enrolment.roster import LOGIN
from lab.host.keeping import keeper, resets, snapshots
from lab.host.keeping.keeper import Home
from lab.host.keeping.snapshots import SUFFIX, TIME
from lab.host.step import Step, size
from lab.host.together import each
from lab.language import tr, tr_count

FORMAT = "forklab class 1"
MANIFEST = "manifest.json"
SPOOL = "spool-"
KINDS = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE)
BROKEN = (tarfile.TarError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError, ValueError, KeyError, TypeError)


def export(step: Step, engine: docker.DockerClient, file: str) -> None:
    """Write all homes to a file that is not there yet; a home that cannot be read is named. Raises LabError."""
    path = Path(file or f"class-{datetime.now(UTC).strftime(TIME)}{SUFFIX}").absolute()
    if path.exists():
        raise LabError(tr("{path} is there already: make export FILE=…", path=path))
    there = keeper.kept(engine)
    if not there:
        raise LabError(tr("There are no homes yet: make lab"))
    names = {seat.login: seat.name for seat in roster.current()}
    step.doing(tr_count(len(there), "reading {n} home", "reading {n} homes"))
    with _spool() as folder:
        done = each(
            there,
            lambda seat: _read(engine, there[seat], names.get(seat, ""), folder),
            partial(keeper.stop_all, engine),
        )
        entries = [entry for entry in done.values() if not isinstance(entry, Exception)]
        missing = {seat: str(entry) for seat, entry in done.items() if isinstance(entry, Exception)}
        _write(path, folder, {"format": FORMAT, "homes": entries, "missing": missing})
    bulk = size(path.stat().st_size)
    step.done(tr_count(len(entries), "{n} home in {path}, {bulk}", "{n} homes in {path}, {bulk}", path=path, bulk=bulk))
    if missing:
        raise LabError("\n".join(tr("{seat} is not in it: {why}", seat=seat, why=why) for seat, why in missing.items()))


def seats_of(file: str) -> list[str]:
    """Return whose homes are in an export, by its manifest. Raises LabError."""
    with _refused(file), tarfile.open(file, "r:*") as archive:
        return [str(entry["seat"]) for entry in _manifest(archive)["homes"]]


def bring(step: Step, engine: docker.DockerClient, file: str, elsewhere: Collection[str] = ()) -> None:
    """Put an export's homes into the seats of the same login, after a snapshot of what is there. Raises LabError.

    Those of other rooms, `elsewhere`, are for the makes of those.
    """
    if not file:
        raise LabError(tr("Which archive? make import FILE=…"))
    kept = keeper.kept(engine)
    there = [seat.login for seat in roster.current() if seat.login in kept]
    if not there:
        raise LabError(tr("There are no seats yet to import into: make lab ROSTER=…, then make import"))
    step.doing(tr("checking the archive"))
    with _spool() as folder:
        with _refused(file):
            found = _unpack(Path(file), folder)
        if strangers := sorted(set(found) - set(there) - set(elsewhere)):
            names = ", ".join(strangers)
            step.note(tr("left out, since there is no such seat: {names}", names=names))
        wanted = {seat: folder / f"{seat}{SUFFIX}" for seat in found if seat in there}
        if not wanted:
            raise strangers_only(file, there)
        resets.bring(step, engine, wanted)


def strangers_only(file: str, seats: Iterable[str]) -> LabError:
    """Return the error of an export in which there is none of these seats."""
    names = ", ".join(seats)
    return LabError(tr("Nothing was imported: no seat of {file} is one of {names}.", file=file, names=names))


def _read(engine: docker.DockerClient, home: Home, name: str, folder: Path) -> dict[str, Any]:
    """Read one home into the spool; return its entry in the manifest."""
    path = folder / f"{home.seat}{SUFFIX}"
    with snapshots.locked(home.seat), reported(), snapshots.private(path) as file:
        left_out = keeper.read(engine, home, file)
    return {
        "seat": home.seat,
        "name": name,
        "uid": home.uid,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "file": f"homes/{path.name}",
        "size": path.stat().st_size,
        "sha256": whole.digest(path),
        "left_out": left_out,
    }


def _write(path: Path, folder: Path, manifest: dict[str, Any]) -> None:
    """Write the archive, whole or not at all."""
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    with (
        whole.written(path, snapshots.private) as file,
        tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive,
    ):
        archive.add(folder / MANIFEST, MANIFEST)
        for entry in manifest["homes"]:
            archive.add(folder / PurePosixPath(entry["file"]).name, entry["file"])


def _manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    """Return what an export says of itself; it comes first, so that nothing else need be read for it."""
    first = archive.next()
    file = archive.extractfile(first) if first and first.name == MANIFEST and first.isreg() else None
    found: dict[str, Any] = json.load(file or _member(archive, MANIFEST))
    return found


def _unpack(path: Path, folder: Path) -> list[str]:
    """Take the homes out of an archive, once all of it has been checked; return their seats."""
    with tarfile.open(path, "r:*") as archive:
        manifest = _manifest(archive)
        if manifest["format"] != FORMAT:
            raise ValueError(f"its format is {manifest['format']!r}, not {FORMAT!r}")
        seats = [_unpack_home(archive, entry, folder) for entry in manifest["homes"]]
        while archive.fileobj and archive.fileobj.read(2**20):
            pass  # to the end, where its check is
    return seats


def _unpack_home(archive: tarfile.TarFile, entry: dict[str, Any], folder: Path) -> str:
    seat: str = entry["seat"]
    path = folder / f"{seat}{SUFFIX}"
    if not LOGIN.fullmatch(seat) or path.exists():
        raise ValueError(f"{seat!r} is no login, or is in it twice")
    with snapshots.private(path) as file:
        shutil.copyfileobj(_member(archive, entry["file"]), file)
    if whole.digest(path) != entry["sha256"]:
        raise ValueError(f"the home of {seat} is not what the manifest says (sha256)")
    with tarfile.open(path, "r|gz") as home:
        _check(home, seat)
    return seat


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    found = archive.getmember(name)
    file = archive.extractfile(found) if found.isreg() else None
    if file is None:
        raise ValueError(f"{name} is no file")
    return file


def _check(home: tarfile.TarFile, seat: str) -> None:
    """See to it that nothing of a home leads out of it when it is put back. Raises ValueError."""
    links: set[PurePosixPath] = set()
    for member in home:
        names = [member.name, *([member.linkname] if member.islnk() else [])]
        if member.type not in KINDS:
            raise ValueError(f"the home of {seat} has {member.name!r}, which is no file, folder, link or FIFO")
        for path in map(PurePosixPath, names):
            if path.is_absolute() or ".." in path.parts or any(parent in links for parent in path.parents):
                raise ValueError(f"the home of {seat} has {str(path)!r}, which leads out of it")
        if member.issym():
            links.add(PurePosixPath(member.name))


@contextmanager
def _refused(file: str) -> Iterator[None]:
    """Turn whatever is wrong with an archive into a sentence; nothing has been touched yet."""
    try:
        yield
    except BROKEN as error:
        why = str(error).splitlines()[0].rstrip(":")
        raise LabError(
            tr("{file} is no export of a class, or damaged ({why}). Nothing was imported.", file=file, why=why)
        ) from error


@contextmanager
def _spool() -> Iterator[Path]:
    """Make a folder for homes on their way. What there is of one is a killed make's: no other is at work now."""
    GENERATED.mkdir(exist_ok=True)
    for left in GENERATED.glob(f"{SPOOL}*"):
        shutil.rmtree(left)
    with TemporaryDirectory(prefix=SPOOL, dir=GENERATED) as name:
        yield Path(name)
