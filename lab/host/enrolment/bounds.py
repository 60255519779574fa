"""How much a home holds at most, where the engine's volumes are on a btrfs that has quota groups.

There a subvolume has a limit, so the folder of a new home is made one. The groups are not switched on here: that is for
whoever keeps the machine. A home keeps the limit that it was made with, which a label of its volume says. The engine's
own option `size`, for XFS and ext4 with project quotas, is not used: it leaves a volume unbounded, and does not say so,
whose name it has known before, and the homes of the next class have the names of this one's.
"""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import docker
from docker.errors import APIError
from docker.models.volumes import Volume

from lab.host import settings
from lab.host.bringup import images
from lab.host.command import LabError
from lab.host.compose import LIMIT
from lab.host.project import IN_PROJECT, PROJECT, homes
from lab.host.step import size as in_words
from lab.language import tr

DEFAULT = "1G"
TRIAL = "trial"  # a volume
UNITS = {"M": 2**20, "G": 2**30}
SUBVOLUME = Path(__file__).with_name("subvolume.py")
CAPABILITIES = ("SYS_ADMIN", "CHOWN", "DAC_OVERRIDE", "FOWNER")  # the first is for the limit


def wanted() -> int:
    """Return the bytes that a new home may hold, as the settings say; 0: whatever fits on the disk."""
    told = settings.environment().get("LAB_HOME_SIZE") or DEFAULT
    return 0 if told == "no" else int(told[:-1]) * UNITS[told[-1]]


def of_new(engine: docker.DockerClient) -> dict[str, str]:
    """Return the label of the volume of a new home, if this engine can bound it, which is tried."""
    limit = str(wanted())
    if limit == "0" or not _may_be_btrfs(engine):
        return {}
    labels = {"com.docker.compose.project": PROJECT, "com.docker.compose.volume": TRIAL, LIMIT: limit}
    trial = engine.volumes.create(f"{PROJECT}_{TRIAL}", labels=labels)
    try:
        return {} if _fault(engine, [trial]) else {LIMIT: limit}
    finally:
        trial.remove()


def keep(engine: docker.DockerClient, names: Iterable[str]) -> None:
    """See to it that these volumes are bounded as they are meant to be; nobody is at work in them. Raises LabError."""
    meant = set(names)
    found = [volume for volume in _limited(engine) if volume.name in meant]
    if found and (why := _fault(engine, found)):
        raise LabError(
            tr(
                "The homes were made with a limit, which their file system does not take any more ({why}). On the "
                "engine's machine: sudo btrfs quota enable {folder}",
                why=why,
                folder=engine.info()["DockerRootDir"],
            )
        )


def said(engine: docker.DockerClient) -> str:
    """Return what bounds the homes, in a sentence."""
    limits = {int(volume.attrs["Labels"][LIMIT]) for volume in _limited(engine)}
    without = len(homes(engine)) > len(_limited(engine))
    if not limits:
        return tr("nothing bounds the homes but the disk: make status shows how large each is")
    if without or len(limits) > 1:
        return tr("a home keeps the limit that it was made with: make status shows it")
    return tr("each home holds {size} at most; LAB_HOME_SIZE=2G is for homes made later", size=in_words(limits.pop()))


def _limited(engine: docker.DockerClient) -> list[Volume]:
    return list(engine.volumes.list(filters={"label": [IN_PROJECT, LIMIT]}))


def _may_be_btrfs(engine: docker.DockerClient) -> bool:
    """Tell whether it is worth trying: not every engine says on which file system it is."""
    status = dict(engine.info().get("DriverStatus") or [])
    return bool(status.get("Backing Filesystem", "btrfs") == "btrfs")


def _fault(engine: docker.DockerClient, volumes: Iterable[Volume]) -> str:
    """Make what is empty of these a subvolume, and set the limit of each; return why not, "" where it is done."""
    folders = {f"/volumes/{volume.name}": volume for volume in volumes}
    words = [word for path, volume in folders.items() for word in (path, volume.attrs["Labels"][LIMIT])]
    container = engine.containers.create(
        images.SEAT_IMAGE,
        ["python3", "-I", "-c", SUBVOLUME.read_text(encoding="utf-8"), *words],
        user="0",
        userns_mode="host",  # only that one's root sets limits
        network_mode="none",
        cap_drop=["ALL"],
        cap_add=list(CAPABILITIES),
        security_opt=["label=disable"],  # what is the engine's own, SELinux shows to no container
        read_only=True,
        volumes={
            str(PurePosixPath(volume.attrs["Mountpoint"]).parent): {"bind": path, "mode": "rw"}
            for path, volume in folders.items()
        },
    )
    try:
        container.start()
        failed = container.wait()["StatusCode"] != 0
        said = container.logs().decode(errors="replace").strip() if failed else ""
        return (said.splitlines() or ["?"])[-1] if failed else ""
    except APIError as error:
        return str(error)
    finally:
        container.remove(force=True)
