"""The base image: the one that is here, the registry's, or one made from the host's own Debian mirror."""

import shutil

from lab.host.bringup.packages import KEYRING, SUITE, debian_mirror, has_apt, install, why_not_install
from lab.host.command import GENERATED, CommandError, LabError, answer
from lab.host.step import Step
from lab.language import tr

IMAGE = f"debian:{SUITE}-slim"
LEFT_OUT = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*", "/usr/share/lintian/*")


def ensure(step: Step) -> None:
    """See to it that the base image is here. Raises LabError."""
    if answer("docker", "image", "inspect", IMAGE) is not None:
        return step.done(tr(f"{IMAGE} is here", f"已有 {IMAGE}"))
    step.doing(tr(f"pulling {IMAGE}", f"正在拉取 {IMAGE}"))
    try:
        step.run("docker", "pull", IMAGE)
    except CommandError as error:
        _bootstrap(step, error)
        return step.done(tr(f"{IMAGE} made from this host's Debian mirror", f"已用本机的 Debian 镜像制作 {IMAGE}"))
    return step.done(tr(f"{IMAGE} pulled", f"已拉取 {IMAGE}"))


def _bootstrap(step: Step, pull_error: CommandError) -> None:
    """Make the image from packages; whatever interrupts this, there is no half an image."""
    if not has_apt():
        told = tr(
            f"{IMAGE} cannot be pulled, and only a Debian or Ubuntu host can make it: connect this machine to a "
            f"registry, or bring the image here with `docker save` and `docker load`.",
            f"无法拉取 {IMAGE}，而只有 Debian 或 Ubuntu 主机能制作它：请让本机连上镜像仓库，"
            f"或用 `docker save` 和 `docker load` 把镜像带来。",
        )
        raise LabError(f"{told}\n{pull_error}")
    step.doing(tr(f"making {IMAGE} from packages", f"正在用软件包制作 {IMAGE}"))
    _get_mmdebstrap(step)
    archive = GENERATED / "base.tar"
    options = [f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT]
    keyring = [f"--keyring={KEYRING}"] if KEYRING.exists() else []
    try:
        step.run("mmdebstrap", "--variant=minbase", *options, *keyring, SUITE, str(archive), debian_mirror())
        step.run("docker", "import", "--change", 'CMD ["bash"]', str(archive), IMAGE)
    finally:
        archive.unlink(missing_ok=True)


def _get_mmdebstrap(step: Step) -> None:
    if shutil.which("mmdebstrap"):
        return
    if reason := why_not_install():
        raise LabError(
            tr(
                f"{IMAGE} cannot be pulled, there is no mmdebstrap to make it, and {reason}.",
                f"无法拉取 {IMAGE}，也没有可以制作它的 mmdebstrap，并且{reason}。",
            )
        )
    step.run("apt-get", "update")
    install(step, "mmdebstrap", "debian-archive-keyring")
