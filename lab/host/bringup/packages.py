"""The packages of a Debian or Ubuntu host: what there is to install, from which mirror, and who may do it."""

import os
import platform
import shutil
from pathlib import Path

from lab.host.bringup import bundle
from lab.host.command import LabError, answer
from lab.host.step import Step
from lab.language import tr

SUITE = "trixie"  # of Debian: what the images are made of, and the first whose compose is v2
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def distribution() -> str:
    """Return the ID of this system (os-release(5)): "debian", "ubuntu", "fedora", …; empty where there is none."""
    try:
        return platform.freedesktop_os_release()["ID"]
    except OSError:
        return ""


def has_apt() -> bool:
    """Tell whether this is a Debian, an Ubuntu or one of their kin."""
    return shutil.which("apt-get") is not None


def why_not_install() -> str | None:
    """Say why nothing may be installed here; None if it may."""
    if os.environ.get("LAB_INSTALL") == "no":
        return tr("LAB_INSTALL=no forbids to install it")
    if not has_apt():
        return tr("forklab installs it on Debian and Ubuntu only")
    if os.geteuid() != 0:
        return tr("only root may install it")
    return None


def refresh(step: Step, *names: str) -> None:
    """Let apt know of what there is: in the bundle that is here, if these are in it, else at its mirrors."""
    bundle.serve_packages(*names)
    step.run("apt-get", "update")


def install(step: Step, *names: str) -> None:
    """Install packages, after repairing what an interrupted run has left. Raises CommandError."""
    step.run("dpkg", "--configure", "-a")
    lock = "DPkg::Lock::Timeout=300"  # seconds; a machine that has just booted updates itself
    step.run("apt-get", "install", "-y", "--no-install-recommends", "-o", lock, *names)


def get_ssh(step: Step) -> None:
    """See to it that there is an SSH client, which the lab's tests come in with. Raises LabError."""
    if shutil.which("ssh") and shutil.which("sftp"):
        return step.done(tr("an SSH client is here"))
    if reason := why_not_install():
        raise LabError(tr("There is no SSH client here, and {reason}: install openssh-client.", reason=reason))
    return _get(step, tr("openssh-client installed"), "openssh-client")


def get_compiler(step: Step) -> None:
    """See to it that there is a C compiler that can link statically, for the right programs in C. Raises LabError."""
    if shutil.which("gcc") and "/" in (answer("gcc", "-print-file-name=libc.a") or ""):
        return step.done(tr("a C compiler is here"))
    if reason := why_not_install():
        raise LabError(
            tr(
                "There is no C compiler with a static C library here, and {reason}: install gcc and libc6-dev.",
                reason=reason,
            )
        )
    return _get(step, tr("gcc and libc6-dev installed"), "gcc", "libc6-dev")


def get_browser(step: Step) -> None:
    """See to it that there is a Chromium, which the tests of what is shown in a browser drive. Raises LabError."""
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return step.done(tr("a Chromium is here"))
    if reason := why_not_install():
        raise LabError(tr("There is no Chromium here, and {reason}: install chromium.", reason=reason))
    return _get(step, tr("chromium installed"), "chromium")


def _get(step: Step, done: str, *names: str) -> None:
    refresh(step, *names)
    install(step, *names)
    step.done(done)


def candidates(*names: str) -> dict[str, str]:
    """Return the versions that apt would install, of those of these packages that it knows."""
    found, package = {}, ""
    for line in (answer("apt-cache", "policy", *names) or "").splitlines():
        field, _, version = line.strip().partition(": ")
        if field.endswith(":") and not line.startswith(" "):
            package = field[:-1]
        elif field == "Candidate" and version != "(none)":
            found[package] = version
    return found


def debian_mirror() -> str:
    """Return the address of the Debian mirror that this host's apt uses, or LAB_MIRROR. Raises LabError."""
    if mirror := os.environ.get("LAB_MIRROR"):
        return mirror
    fields = "$(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)"
    for line in (answer("apt-get", "indextargets", "--format", fields, "Created-By: Packages") or "").splitlines():
        if line.startswith("Debian Debian main "):
            return line.split()[3]
    raise LabError(tr("This host's apt knows no Debian mirror; name one: make lab LAB_MIRROR=http://…/debian"))
