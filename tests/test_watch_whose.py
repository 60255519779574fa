"""Which seat a process is in, from what /proc says on engines of several kinds, as files of a test."""

from pathlib import Path

import pytest

from lab.watch import whose
from lab.watch.whose import Containers, NoVolumeError

DOCKER = "/var/lib/docker/volumes/forklab_{}/_data"
OWN_FILE_SYSTEM = "/docker/volumes/forklab_{}/_data"  # /var/lib is a mount of its own
PODMAN = "/home/t each/.local/share/containers/storage/volumes/forklab_{}/_data".replace(" ", r"\040")
WATCHED = "/srv/watch/docker/volumes/watch-lab_{}/_data"  # names that hold what is looked for
V1 = "9:name=systemd:/docker/{0}\n8:pids:/docker/{0}\n0::/docker/{0}\n"
NESTED = f"9:name=systemd:/docker/{'f' * 64}/docker/{{0}}\n0::/docker/{'f' * 64}\n"  # an engine in a container
V2 = "0::/../docker-{0}.scope\n"
ROOTLESS = "0::/user.slice/user-1000.slice/user@1000.service/user.slice/docker.service\n"  # of all of them
PODMAN_V2 = "0::/../libpod-{0}.scope/container\n"
UID = 20001


class Machine:
    """A folder that stands for /proc."""

    def __init__(self, folder: Path, volumes: str, cgroup: str) -> None:
        self.folder = folder
        self.volumes = volumes
        self.cgroup = cgroup
        self.process("self", "c", ("watch", "/run/watch"))

    def process(self, pid: int | str, container: str, *mounts: tuple[str, str], device: str = "8:1") -> None:
        """Make a process in a container that has these volumes of the lab, or paths that begin with `/`, mounted."""
        here = self.folder / str(pid)
        here.mkdir()
        lines = ["87 62 0:39 / / ro,relatime master:2 - overlay overlay rw,lowerdir=/a:/b"]
        for root, target in mounts:
            path = root if root.startswith("/") else self.volumes.format(root)
            lines.append(f"99 87 {device} {path} {target} rw,relatime master:1 - ext4 /dev/vda rw")
        (here / "mountinfo").write_text("\n".join(lines) + "\n")
        (here / "cgroup").write_text(self.cgroup.format(container * 64))


@pytest.fixture(
    name="machine",
    params=[
        *[(DOCKER, V1), (OWN_FILE_SYSTEM, V2), (PODMAN, PODMAN_V2), (WATCHED, V2), (PODMAN, ROOTLESS)],
        (DOCKER, NESTED),
    ],
)
def a_machine(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(whose, "PROC", tmp_path)
    return Machine(tmp_path, *request.param)


@pytest.mark.parametrize("login", ["client1", "zhang-san", "w_1", "watch2", "home-home"])
def test_a_seat_is_known_by_its_home(machine: Machine, login: str) -> None:
    machine.process(12, "a", ("chat", "/run/chat"), (f"home-{login}", f"/home/{login}"))
    assert Containers().seat_of(12, UID, None) == login


@pytest.mark.parametrize(
    ("mount", "device"),
    [
        (("home-li", "/kept"), "8:1"),
        (("home-li", "/home/zhang"), "8:1"),
        (("home-li", "/home/li"), "8:2"),
        (("/var/lib/docker/volumes/other_home-li/_data", "/home/li"), "8:1"),
        (("doors", "/run/doors"), "8:1"),
        (("home-li/work", "/home/li"), "8:1"),
    ],
)
def test_whoever_has_it_not_there_is_in_no_seat(machine: Machine, mount: tuple[str, str], device: str) -> None:
    machine.process(12, "a", mount, device=device)
    assert Containers().seat_of(12, UID, None) is None


def test_a_process_of_root_or_the_system_is_nobody_s_even_there(machine: Machine) -> None:
    machine.process(12, "a", ("home-li", "/home/li"))
    found = Containers()
    assert [found.seat_of(12, uid, parent) for uid in (0, 1000, 19998, 20000) for parent in (None, "li")] == [None] * 8
    assert found.seat_of(12, UID, None) == "li"


def test_a_container_is_asked_once_and_a_new_one_anew(machine: Machine) -> None:
    machine.process(12, "a", ("home-li", "/home/li"))
    machine.process(13, "a", ("home-li", "/home/li"))
    machine.process(14, "b")
    machine.process(15, "d", ("home-zhang", "/home/zhang"))
    found = Containers()
    assert found.seat_of(12, UID, None) == "li"
    if "{0}" in machine.cgroup:
        (machine.folder / "13/mountinfo").unlink()
    assert [found.seat_of(pid, UID, None) for pid in (12, 13, 14, 15)] == ["li", "li", None, "zhang"]


def test_who_is_about_to_be_dead_says_nothing_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whose, "PROC", tmp_path)
    machine = Machine(tmp_path, DOCKER, V1)
    for pid, login in ((12, "li"), (13, "zhang")):
        machine.process(pid, "a", (f"home-{login}", f"/home/{login}"))
        (tmp_path / f"{pid}/cgroup").write_text("9:name=systemd:/\n8:pids:/\n0::/system.slice/containerd.service\n")
    found = Containers()
    assert [found.seat_of(pid, UID, None) for pid in (12, 13, 12)] == ["li", "zhang", "li"]


def test_of_the_dead_nothing_is_known_and_nothing_is_kept(machine: Machine) -> None:
    machine.process(12, "a", ("home-li", "/home/li"))
    machine.process(13, "a", ("home-li", "/home/li"))
    (machine.folder / "13/mountinfo").unlink()
    found = Containers()
    with pytest.raises(OSError, match="mountinfo"):
        found.seat_of(13, UID, None)
    assert found.seat_of(13, UID, "li") == "li", "but where its parent is"
    assert found.seat_of(12, UID, None) == "li"


@pytest.mark.parametrize("mount", [None, ("/tmp", "/run/watch"), ("watch", "/run/other")])
def test_without_the_lab_s_volume_no_lab_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mount: tuple[str, str] | None
) -> None:
    monkeypatch.setattr(whose, "PROC", tmp_path)
    machine = Machine(tmp_path, DOCKER, V2)
    for file in (tmp_path / "self").iterdir():
        file.unlink()
    (tmp_path / "self").rmdir()
    machine.process("self", "c", *([mount] if mount else []))
    with pytest.raises(NoVolumeError):
        Containers()
