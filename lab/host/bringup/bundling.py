"""How a bundle is made: packages by apt, wheels by pip, images by the engine, and the files that git knows.

Apt asks this machine's own mirrors, but knows of no package that is installed: so it names all that a machine needs
which has none. Its lists and settings are copies under `.lab/`; this machine's own are left alone.
"""

import gzip
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.host import whole
from lab.host.bringup import base_image, bundle, engine, images
from lab.host.bringup.bundle import IMAGES, MANIFEST, NAME, PACKAGES, TOP, WHEELS, Manifest
from lab.host.bringup.packages import candidates, has_apt
from lab.host.command import GENERATED, LabError, answer, pipe
from lab.host.python import ROOT
from lab.host.step import Step, size
from lab.language import tr

TIME = "%Y%m%dT%H%M%SZ"
ETC = Path("/etc/apt")
START = Path(__file__).with_name("start.sh")


def target(file: str) -> Path:
    """Return where the bundle is to be, and is not yet. Raises LabError."""
    default = f"bundle-{datetime.now(UTC).strftime(TIME)}-{bundle.architecture()}.tar"
    path = Path(file or default).expanduser().absolute()
    if path.exists():
        raise LabError(tr("{path} is there already: make bundle FILE=…", path=path))
    return path


def write(step: Step, path: Path) -> None:
    """Write a bundle. Raises LabError."""
    project = _project()
    GENERATED.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=GENERATED, prefix="bundle-") as name:
        folder = Path(name)
        _get_packages(step, folder)
        _get_wheels(step, folder / WHEELS)
        _save_images(step, folder / IMAGES)
        shutil.copy(START, folder / "start")
        step.doing(tr("writing {path}", path=path))
        parts = _parts(folder)
        found = _manifest(folder, parts, project)
        (folder / MANIFEST).write_bytes(found.written())
        _write(path, folder, [MANIFEST, *parts], project)
    step.done(
        tr(
            "{path}, {bulk}: for {system} on {architecture}; there: tar xf, cd forklab, make lab",
            path=path,
            bulk=size(path.stat().st_size),
            system=found.system,
            architecture=found.architecture,
        )
    )


def _manifest(folder: Path, parts: Sequence[str], project: Sequence[str]) -> Manifest:
    return Manifest(
        architecture=bundle.architecture(),
        system=bundle.system(),
        python=bundle.python(),
        version=images.version(),
        images=[*images.NAMES],
        seats_packages=images.packages(),
        parts={name: whole.digest(folder / name) for name in parts},
        project={name: whole.digest(ROOT / name) for name in project},
    )


def _project() -> list[str]:
    """Name the project's own files; a roster that lies beside them is none. Raises LabError."""
    listed = answer("git", "-C", str(ROOT), "ls-files", "-z")
    if not listed:
        raise LabError(tr("Only git can say which files are the project's: make bundle in a clone of its repository."))
    return sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()})


def _get_packages(step: Step, folder: Path) -> None:
    """Fetch the engine's packages, make's and Python's with all that they need, and write apt's index of them."""
    if not has_apt():
        raise LabError(tr("The packages of a bundle come from apt: make it on a Debian or Ubuntu."))
    target = folder / PACKAGES
    target.mkdir()
    with _own_apt(folder / "apt"):
        step.doing(tr("asking apt for the engine's packages"))
        step.run("apt-get", "update")
        if engine.is_too_old():
            etc = folder / "apt" / "etc"
            engine.name_newer_suite(etc / "sources.list.d" / "forklab.sources", etc / "preferences.d" / "forklab")
            step.run("apt-get", "update")
        names = [*engine.called_here(engine.PACKAGES), "make", "python3", f"python{bundle.python()}-venv"]
        if unknown := sorted({*names} - candidates(*names).keys()):
            raise LabError(
                tr("This system's apt has no {names}, without which there can be no bundle.", names=", ".join(unknown))
            )
        step.run("apt-get", "install", "-y", "--download-only", "--no-install-recommends", *names)
    for package in sorted((folder / "apt" / "archives").glob("*.deb")):
        package.rename(target / re.sub(r"%3a", "-", package.name, flags=re.IGNORECASE))  # an epoch's colon
    shutil.rmtree(folder / "apt")
    (target / "Packages").write_text("\n".join(map(_described, sorted(target.glob("*.deb")))), encoding="utf-8")


@contextmanager
def _own_apt(folder: Path) -> Iterator[None]:
    """Let apt have this machine's mirrors and nothing of its state: no package is installed for it."""
    for name in ("lists/partial", "archives/partial", "etc"):
        (folder / name).mkdir(parents=True)
    for name in ("sources.list.d", "preferences.d"):
        shutil.copytree(ETC / name, folder / "etc" / name) if (ETC / name).is_dir() else (folder / "etc" / name).mkdir()
    (folder / "status").touch()
    (folder / "apt.conf").write_text(
        f'Dir::State "{folder}";\nDir::State::status "{folder}/status";\nDir::Cache "{folder}";\n'
        f'Dir::Etc::sourceparts "{folder}/etc/sources.list.d";\n'
        f'Dir::Etc::preferencesparts "{folder}/etc/preferences.d";\n'
        'APT::Sandbox::User "root";\nAcquire::Languages "none";\nDebug::NoLocking "true";\n'
    )
    before = os.environ.get("APT_CONFIG")
    os.environ["APT_CONFIG"] = str(folder / "apt.conf")
    try:
        yield
    finally:
        os.environ.pop("APT_CONFIG")
        if before is not None:
            os.environ["APT_CONFIG"] = before


def _described(package: Path) -> str:
    """Return a package's entry of apt's index, deb(5) and its fields for the file."""
    told = subprocess.run(["dpkg-deb", "--field", package], capture_output=True, text=True, check=True).stdout
    return f"{told}Filename: ./{package.name}\nSize: {package.stat().st_size}\nSHA256: {whole.digest(package)}\n"


def _get_wheels(step: Step, folder: Path) -> None:
    step.doing(tr("fetching the wheels of requirements.lock"))
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--disable-pip-version-check",
        "--only-binary",
        ":all:",
        "--no-deps",
    ]
    step.run(*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock"), "--dest", str(folder))


def _save_images(step: Step, path: Path) -> None:
    step.doing(tr("saving the images"))
    with gzip.open(path, "wb", compresslevel=1) as file:

        def keep(piece: bytes) -> None:
            file.write(piece)

        code, errors = pipe(["docker", "save", base_image.IMAGE, *images.NAMES], take=keep)
    if code:
        raise LabError(errors)


def _parts(folder: Path) -> list[str]:
    """Name the files in a folder, the largest last: what is cut off then lacks it."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    found.sort(key=lambda path: (path.stat().st_size, path.name))
    return [path.relative_to(folder).as_posix() for path in found]


def _write(path: Path, folder: Path, parts: Sequence[str], project: Sequence[str]) -> None:
    """Write the archive, whole or not at all."""
    with (
        whole.written(path) as file,
        tarfile.open(fileobj=file, mode="w") as archive,
    ):
        archive.add(folder / parts[0], f"{TOP}/{NAME}/{parts[0]}", filter=_of_nobody)
        for name in project:
            archive.add(ROOT / name, f"{TOP}/{name}", filter=_of_nobody)
        for name in parts[1:]:
            archive.add(folder / name, f"{TOP}/{NAME}/{name}", filter=_of_nobody)


def _of_nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Let a file be whose it is to be unpacked by."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mode = 0o755 if member.mode & 0o100 else 0o644
    return member
