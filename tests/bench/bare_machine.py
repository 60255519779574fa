"""A bundle on a machine that has nothing: no network, no make, no Python, no engine; how long until its lab runs?

    make bundle FILE=lab.tar
    python3 -m tests.bench.bare_machine lab.tar

The machine is a container of the bundle's own Debian with a daemon of its own; only root may make one. It is gone
afterwards.
"""

import argparse
import json
import subprocess
import tarfile
import tempfile
import time
from pathlib import Path

from lab.host.bringup import base_image
from lab.host.bringup.bundle import MANIFEST, NAME, TOP
from lab.host.bringup.packages import debian_mirror
from tests.clone import run

MACHINE = "forklab-bare-machine"
RELEASES = {"debian 12": "bookworm", "debian 13": "trixie"}
SUITE = "trixie"  # of the base image
COMMAND = f"cd /root && tar xf /lab.tar && cd {TOP} && sh bundle/start && make status"


def image(system: str) -> str:
    """Return the name of an image of a bare Debian: the base image, or one that is made from the host's mirror."""
    release = RELEASES[system]
    if release == SUITE:
        return base_image.IMAGE
    with tempfile.TemporaryDirectory() as folder:
        archive = f"{folder}/{release}.tar"
        done(run("mmdebstrap", "--variant=minbase", release, archive, debian_mirror()))
        done(run("docker", "import", archive, MACHINE))
    return MACHINE


def done(found: subprocess.CompletedProcess[str]) -> str:
    """Return what a command said; it must have succeeded."""
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


def main() -> None:
    """Bring the lab up in a bare machine, and print what that said."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    path = parser.parse_args().bundle.absolute()
    with tarfile.open(path) as archive:
        manifest = archive.extractfile(f"{TOP}/{NAME}/{MANIFEST}")
        assert manifest
        system = json.load(manifest)["system"]
    options = ["--privileged", "--network=none", f"--volume={path}:/lab.tar:ro", "--volume=/var/lib/docker"]
    name = image(system)
    try:
        began = time.monotonic()
        said = done(run("docker", "run", "--rm", f"--name={MACHINE}", *options, name, "sh", "-c", COMMAND))
        print(said, f"{system}: {time.monotonic() - began:.0f} s", sep="\n")
    finally:
        run("docker", "rm", "--force", "--volumes", MACHINE)
        if name == MACHINE:
            run("docker", "image", "rm", MACHINE)


if __name__ == "__main__":
    main()
