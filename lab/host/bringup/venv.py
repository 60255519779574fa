"""The host's Python packages: `.venv`, from the pinned and hashed requirements.lock. Standard library alone.

`make test` adds what requirements-test.lock names, so that nobody else waits for that.
"""

import ast
import importlib.util
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from lab.host.bringup import bundle
from lab.host.lock import locked
from lab.host.owner import give_back, of_another, take_over
from lab.host.python import ROOT, fail, refuse_old_python
from lab.language import tr

VENV = ROOT / ".venv"
COMPLETE = VENV / ".complete"  # what make looks at: a half-made .venv has none
LOCK = ROOT / "requirements.lock"
TESTED = VENV / ".tested"  # whether it has what only the tests need
TEST_LOCK = ROOT / "requirements-test.lock"
# Of pip's options (pip config list), those that say how to reach packages, and where it says so, the strongest last.
WAY = (
    *("index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "cert", "client-cert", "proxy"),
    *("timeout", "default-timeout", "retries", "cache-dir", "keyring-provider"),
)
STRENGTH = ("global", "install", ":env:")


def main() -> int:
    """Make `.venv`; return 0, or 2 after a sentence that says what is missing."""
    if status := refuse_old_python("make PYTHON=python3.11"):
        return status
    if not os.access(ROOT, os.W_OK):
        return fail(tr("you may not write in {root}, which is another user's: make a clone of your own", root=ROOT))
    with locked(ROOT, _say_that_we_wait):
        if _is_complete():
            return 0
        if (path := of_another(ROOT, VENV.name)) is not None:
            return fail(take_over(path.relative_to(ROOT)))
        try:
            bundle.take_in(os.environ.get("BUNDLE", ""))
            bundle.prepare()
            status = _make()
        except bundle.BundleError as error:
            status = fail(str(error))
        give_back(ROOT, VENV.name, bundle.NAME)
        return status


def add_for_tests() -> int:
    """Add to a complete `.venv` what only the tests need; return 0, or 2 after a sentence."""
    with locked(ROOT, _say_that_we_wait):
        if _is_newer(TESTED, TEST_LOCK):
            return 0
        _say(tr(".venv from requirements-test.lock …"))
        if _install_packages(TEST_LOCK):
            return fail(_not_installed())
        TESTED.touch()
        give_back(ROOT, VENV.name)
        return 0


def _make() -> int:
    bundle.serve_wheels()
    if importlib.util.find_spec("ensurepip") is None and (status := _install_ensurepip()):
        return status
    _say(tr(".venv from requirements.lock …"))
    COMPLETE.unlink(missing_ok=True)
    status = _run(sys.executable, "-I", "-m", "venv", "--clear", str(VENV)) or _install_packages(LOCK)
    if status:
        return fail(_not_installed())
    _make_importable()
    COMPLETE.touch()
    return 0


def _is_complete() -> bool:
    """Tell whether another make has made it while we waited."""
    python = VENV / "bin" / "python"
    is_usable = os.access(python, os.X_OK)  # not where it is a link into a folder of root's
    return is_usable and _is_newer(COMPLETE, LOCK)


def _is_newer(made: Path, lock: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= lock.stat().st_mtime


def _not_installed() -> str:
    return tr("the packages could not be installed; the lines above say why. `make` again goes on from here")


def _say_that_we_wait() -> None:
    _say(tr("another make is at work here: waiting for it …"))


def _install_ensurepip() -> int:
    """Debian splits venv off from Python; get it, or say how."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or os.environ.get("LAB_INSTALL") == "no":
        return fail(
            tr(
                "this Python cannot make a .venv; install its other half: sudo apt-get install {package}",
                package=package,
            )
        )
    _say(tr("installing {package} …", package=package))
    bundle.serve_packages(package)
    return _run("apt-get", "update", "-qq") or _run("apt-get", "install", "-y", "-qq", package)


def _install_packages(lock: Path) -> int:
    """Let pip install what a lock names, each file held against its hash, and count along.

    What it complains of is shown if it fails; else it would warn of every mirror that has no page for some package.
    """
    total = sum(line[0].isalpha() for line in lock.read_text().splitlines() if line)
    pip = [str(VENV / "bin" / "python"), "-I", "-m", "pip", "install", "--disable-pip-version-check"]
    options = ["--require-hashes", "--no-compile", "-r", str(lock)]  # Python compiles what is used, when it is
    with tempfile.TemporaryFile("w+") as complaints:
        with subprocess.Popen(
            [*pip, *options], stdout=subprocess.PIPE, stderr=complaints, text=True, env=_pips_environment()
        ) as process:
            assert process.stdout
            begun = 0
            for line in process.stdout:
                begun += line.startswith("Collecting")
                if sys.stdout.isatty():
                    print(f"\r\x1b[Kpython   {begun} of {total}: {line.strip()[:60]}", end="", flush=True)
            if sys.stdout.isatty():
                print("\r\x1b[K", end="")
        if process.returncode:
            complaints.seek(0)
            print(complaints.read(), file=sys.stderr)
    return process.returncode


def _pips_environment() -> dict[str, str]:
    """Return the environment with what pip is told of the way to the packages, and nothing of where to put them.

    A person's `user = true`, PIP_TARGET or PIP_PREFIX is not meant for this .venv; their mirror and proxy are.
    """
    shown = subprocess.run(
        [str(VENV / "bin" / "python"), "-I", "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    told = [line.partition("=") for line in shown.stdout.splitlines()]
    named = [(*name.rpartition(".")[::2], value) for name, _, value in told]
    kept = {
        f"PIP_{option.upper().replace('-', '_')}": str(ast.literal_eval(value))
        for where in STRENGTH
        for section, option, value in named
        if section == where and option in WAY
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    return {**others, **kept, "PIP_CONFIG_FILE": os.devnull}


def _make_importable() -> None:
    """Let programs of the .venv import `lab`, wherever they are started."""
    purelib = sysconfig.get_path("purelib", "venv", {"base": str(VENV)})
    Path(purelib, "forklab.pth").write_text(f"{ROOT}\n")


def _run(*command: str) -> int:
    """Run a command; what it prints is shown if it fails, and not if Ctrl-C ends it."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
    return done.returncode


def _say(text: str) -> None:
    print(f"python   {text}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        told = tr("stopped; `make` again goes on from here")
        print(f"\nforklab: {told}", file=sys.stderr)
        sys.exit(130)
