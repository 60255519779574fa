"""A bundle: all that a machine without a network lacks, beside the project itself. Standard library alone.

    bundle/manifest.json      for which machines it is, and the SHA-256 of every file, the project's own included
    bundle/packages/          Debian's packages of the engine, of make and of Python, and apt's index of them
    bundle/wheels/            what requirements.lock names
    bundle/images.tar.gz      the base image and the lab's own, as `docker save` writes them

`make bundle` (bundling.py) writes it into one archive together with the project. Unpacked, or taken out of the archive
by `make lab BUNDLE=FILE` in a clone, it is where packages, wheels and images come from; all of it is held against the
manifest before the first thing is made of it.
"""

import functools
import hashlib
import json
import os
import platform
import re
import shutil
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from lab.host.python import ROOT
from lab.host.whole import digest
from lab.language import tr

FORMAT = "forklab bundle 1"
TOP = "forklab"  # the archive's one folder
NAME = "bundle"
FOLDER = ROOT / NAME
MANIFEST = "manifest.json"
PACKAGES, WHEELS, IMAGES = "packages", "wheels", "images.tar.gz"
PART = re.compile(rf"({PACKAGES}|{WHEELS})/[A-Za-z0-9][A-Za-z0-9.+~_-]*|{re.escape(IMAGES)}|start")
DEBIANS_NAMES = {"x86_64": "amd64", "aarch64": "arm64"}
APT = ROOT / ".lab" / "apt"
BROKEN = (tarfile.TarError, EOFError, ValueError, KeyError)
CHUNK = 2**20


class BundleError(Exception):
    """Why a bundle is not taken, and what to do, in a sentence for the instructor; the exit code is 2."""


@dataclass(frozen=True)
class Manifest:
    """For which machines a bundle is, and what is in it."""

    architecture: str  # Debian's name of it: amd64
    system: str  # whose packages they are: "debian 12"
    python: str  # whose wheels they are: "3.11"
    version: str  # of the images
    images: list[str]  # by the names they were saved by
    seats_packages: str  # what the seats have besides: LAB_PACKAGES
    parts: dict[str, str]  # a SHA-256 each, by their names in the folder
    project: dict[str, str]  # the same for the project's own files
    format: str = FORMAT

    @classmethod
    def read(cls, text: bytes, where: object) -> "Manifest":
        """Return what the text says. Raises BundleError for one that is not ours, or for another kind of machine."""
        try:
            found = cls(**json.loads(text))
            if found.format != FORMAT or not all(map(PART.fullmatch, found.parts)):
                raise ValueError(found.format)
        except (ValueError, TypeError) as error:
            raise foreign(where) from error
        if found.architecture != architecture():
            raise BundleError(
                tr(
                    "The bundle is for {theirs}, and this machine is {ours}: make bundle on a machine of that kind.",
                    theirs=found.architecture,
                    ours=architecture(),
                )
            )
        return found

    def written(self) -> bytes:
        """Return the text of it."""
        return json.dumps(asdict(self), indent=1).encode() + b"\n"


def architecture() -> str:
    """Return this machine's architecture by Debian's name."""
    return DEBIANS_NAMES.get(platform.machine(), platform.machine())


def system() -> str:
    """Return which release this system is, os-release(5): "debian 12"."""
    try:
        told = platform.freedesktop_os_release()
    except OSError:
        return "?"
    return f"{told['ID']} {told.get('VERSION_ID', '')}".strip()


def python() -> str:
    """Return which Python this is, as far as wheels mind."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def foreign(where: object) -> BundleError:
    """Return the error of an archive that is something else."""
    return BundleError(tr("{file} is no bundle of this lab, or a damaged one: nothing was changed.", file=where))


def is_here() -> bool:
    """Tell whether a bundle is unpacked here."""
    return FOLDER.is_dir()


def manifest() -> Manifest:
    """Return what is said of the bundle that is here. Raises BundleError."""
    try:
        return Manifest.read((FOLDER / MANIFEST).read_bytes(), FOLDER)
    except OSError as error:
        raise foreign(FOLDER) from error


@functools.cache
def checked(*, with_project: bool = False) -> Manifest:
    """Return the same, once every file is what was said: the bundle's, and the project's too. Raises BundleError."""
    found = manifest()
    files = {FOLDER / name: wanted for name, wanted in found.parts.items()}
    if with_project:
        files |= {ROOT / name: wanted for name, wanted in found.project.items()}
    for path, wanted in files.items():
        try:
            is_right = digest(path) == wanted
        except FileNotFoundError:
            is_right = False
        if not is_right:
            raise _damaged(path.relative_to(ROOT))
    return found


def _damaged(name: object) -> BundleError:
    return BundleError(
        tr("{name} is not what the bundle's manifest says: unpack the bundle again, or bring it again.", name=name)
    )


def prepare() -> None:
    """See, before the first thing is made, that the bundle is whole and fits this machine. Raises BundleError.

    The project's own files too, where they came out of the archive; in a clone they are git's affair.
    """
    if is_here():
        found = checked(with_project=not (ROOT / ".git").exists())
        if found.system != system() and not shutil.which("docker"):
            raise _of_another_system(found)


def _of_another_system(found: Manifest) -> BundleError:
    return BundleError(
        tr(
            "The bundle's packages are for {theirs}, and this machine is {ours}: install the engine yourself, or make "
            "the bundle on such a machine.",
            theirs=found.system,
            ours=system(),
        )
    )


def serve_wheels() -> None:
    """Let pip install from the bundle that is here, and from nowhere else. Raises BundleError."""
    if not is_here():
        return
    if (theirs := checked().python) != python():
        raise BundleError(
            tr(
                "The bundle's wheels are for Python {theirs}, and this is {ours}: make PYTHON=python{theirs}",
                theirs=theirs,
                ours=python(),
            )
        )
    os.environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": (FOLDER / WHEELS).as_uri()}


def serve_packages(*names: str) -> None:
    """Let apt install these from the bundle that is here, if it has them, and from nowhere else. Raises BundleError."""
    there = {Path(part).name.partition("_")[0] for part in manifest().parts} if is_here() else set()
    if not there.issuperset(names):
        return
    if (found := checked()).system != system():
        raise _of_another_system(found)
    (APT / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (APT / "sources.list").write_text(f"deb [trusted=yes] file:{quote(str(FOLDER / PACKAGES))} ./\n")
    (APT / "apt.conf").write_text(
        f'Dir::Etc::sourcelist "{APT}/sources.list";\nDir::Etc::sourceparts "/dev/null";\n'
        'Dir::Etc::preferences "/dev/null";\nDir::Etc::preferencesparts "/dev/null";\n'
        f'Dir::State::lists "{APT}/lists";\nDir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n'
        'APT::Sandbox::User "root";\n'  # another user may not be able to read where we are
    )
    os.environ["APT_CONFIG"] = str(APT / "apt.conf")


def take_in(file: str) -> None:
    """Take the bundle out of an archive, `make lab BUNDLE=FILE`, once all of it is right. Raises BundleError."""
    if not file:
        return
    path = Path(file).expanduser()
    if not path.is_file():
        raise BundleError(tr("There is no file {file!r} here: BUNDLE=…", file=file))
    with _refused(path), tarfile.open(path, "r:") as archive:
        text = _member(archive, MANIFEST).read()
        found = Manifest.read(text, path)
        if not _is_whole(text):
            _unpack(archive, found, text)


def _is_whole(text: bytes) -> bool:
    """Tell whether the bundle that is here is the one of this manifest, and not damaged."""
    try:
        return is_here() and (FOLDER / MANIFEST).read_bytes() == text and bool(checked())
    except (BundleError, OSError):
        return False


def _unpack(archive: tarfile.TarFile, found: Manifest, text: bytes) -> None:
    """Put the parts where they belong, all or none."""
    folder = FOLDER.with_name(f"{NAME}.part")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        for name, wanted in found.parts.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                if _copied(_member(archive, name), file) != wanted:
                    raise _damaged(name)
        (folder / MANIFEST).write_bytes(text)
        shutil.rmtree(FOLDER, ignore_errors=True)
        folder.rename(FOLDER)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    file = archive.extractfile(f"{TOP}/{NAME}/{name}")
    if file is None:
        raise ValueError(name)
    return file


def _copied(source: IO[bytes], target: IO[bytes]) -> str:
    """Copy all that there is, and return the SHA-256 of it."""
    found = hashlib.sha256()
    while piece := source.read(CHUNK):
        found.update(piece)
        target.write(piece)
    return found.hexdigest()


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    """Turn all that a file can be instead of a bundle into its sentence."""
    try:
        yield
    except BROKEN as error:
        raise foreign(path) from error
    except OSError as error:
        raise BundleError(str(error)) from error
