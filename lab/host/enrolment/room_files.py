"""What a room's containers mount of their own machine, and which a make here has to put there first.

The class's passwd and group files are in a volume of the room, and the engine says where that is on its machine; so any
compose and engine will do (`subpath` would take compose 2.26 and engine 26).

And a folder under /run, which is empty again after a start of the machine: then the engine cannot start the room by
itself, but waits for a `make lab`, which knows whether the room is still there (lab/host/hosts/fence.py).
"""

from typing import Any

import docker

from lab.host import files, project
from lab.host.bringup import images
from lab.host.command import LabError
from lab.host.enrolment import accounts, homes

VOLUME = "accounts"
UP = f"/run/forklab/{project.PROJECT}"  # on the machine
IN_CONTAINER = "/run/forklab"
# Rewritten in place and never empty meanwhile: a file that is mounted is its inode.
TAKE_OVER = (
    "cd /accounts && for name in *.new; do dd conv=notrunc status=none if=$name of=${name%.new} && "
    "truncate -s $(stat -c %s $name) ${name%.new} && chmod 644 ${name%.new} && rm $name || exit; done"
)


def bring(engine: docker.DockerClient) -> str:
    """Bring this machine's files to the engine's; return their folder there. Raises LabError."""
    volume = homes.create(engine, VOLUME)
    wanted = {name: (accounts.FOLDER / name).read_bytes() for name in accounts.FILES}
    gate = project.service(engine, "gate")
    if gate is None or gate.status != "running":
        _let_start(engine)
    if gate is None or any(files.read(gate, f"/etc/{name}") != content for name, content in wanted.items()):
        _rewrite(engine, volume.name, wanted)
    return str(volume.attrs["Mountpoint"])


def mount() -> dict[str, Any]:
    """Return the mount, as compose has it, by which a service starts only where a make has let it."""
    bind = {"create_host_path": False}
    return {"type": "bind", "source": UP, "target": IN_CONTAINER, "read_only": True, "bind": bind}


def _let_start(engine: docker.DockerClient) -> None:
    """Make the folder: an engine does so for whoever mounts one that is not there by the old way, `--volume`."""
    engine.containers.run(
        images.SEAT_IMAGE,
        ["true"],
        remove=True,
        network_mode="none",
        cap_drop=["ALL"],
        volumes={UP: {"bind": IN_CONTAINER, "mode": "ro"}},
    )


def _rewrite(engine: docker.DockerClient, volume: str, wanted: dict[str, bytes]) -> None:
    container = engine.containers.create(
        images.SEAT_IMAGE,
        ["sh", "-c", TAKE_OVER],
        user="0",
        network_mode="none",
        cap_drop=["ALL"],
        volumes={volume: {"bind": "/accounts", "mode": "rw"}},
    )
    try:
        files.put(container, "/accounts", *(files.file(f"{name}.new", content) for name, content in wanted.items()))
        container.start()
        if container.wait()["StatusCode"]:
            raise LabError(container.logs().decode(errors="replace").strip())
    finally:
        container.remove(force=True)
