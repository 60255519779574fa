"""The base image: the one that is here, the registry's, or one made from the host's own Debian mirror."""

import shutil

from lab.host.bringup.packages import KEYRING, SUITE, debian_mirror, has_apt, install, refresh, why_not_install
from lab.host.command import GENERATED, CommandError, LabError, answer
from lab.host.step import Step
from lab.language import tr

IMAGE = f"debian:{SUITE}-slim"
LEFT_OUT = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*", "/usr/share/lintian/*")


def ensure(step: Step) -> None:
    """See to it that the base image is here. Raises LabError."""
    if answer("docker", "image", "inspect", IMAGE) is not None:
        return step.done(tr("{image} is here", image=IMAGE))
    step.doing(tr("pulling {image}", image=IMAGE))
    try:
        step.run("docker", "pull", IMAGE)
    except CommandError as error:
        _bootstrap(step, error)
        return step.done(tr("{image} made from this host's Debian mirror", image=IMAGE))
    return step.done(tr("{image} pulled", image=IMAGE))


def _bootstrap(step: Step, pull_error: CommandError) -> None:
    """Make the image from packages; whatever interrupts this, there is no half an image."""
    if not has_apt():
        told = tr(
            "{image} cannot be pulled, and only a Debian or Ubuntu host can make it: connect this machine to a "
            "registry, or bring the image here with `docker save` and `docker load`.",
            image=IMAGE,
        )
        raise LabError(f"{told}\n{pull_error}")
    step.doing(tr("making {image} from packages", image=IMAGE))
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
            tr("{image} cannot be pulled, there is no mmdebstrap to make it, and {reason}.", image=IMAGE, reason=reason)
        )
    refresh(step, "mmdebstrap")
    install(step, "mmdebstrap", "debian-archive-keyring")
