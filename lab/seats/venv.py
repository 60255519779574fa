"""The host's Python packages: `.venv`, from the pinned and hashed requirements.lock. Standard library alone."""

import importlib.util
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from lab.language import tr
from lab.seats.lock import locked

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
COMPLETE = VENV / ".complete"  # what make looks at: a half-made .venv has none
LOCK = ROOT / "requirements.lock"
OLDEST = (3, 11)


def main() -> int:
    """Make `.venv`; return 0, or 2 after a sentence that says what is missing."""
    if status := refuse_old_python("make PYTHON=python3.11"):
        return status
    with locked(ROOT, _say_that_we_wait):
        return 0 if _is_complete() else _make()


def refuse_old_python(advice: str) -> int:
    """Return 0, or 2 after a sentence if this Python is too old."""
    if sys.version_info >= OLDEST:
        return 0
    version = sys.version.split()[0]
    return fail(
        tr(
            f"forklab needs Python 3.11 or later, and this is {version}: {advice}",
            f"forklab 需要 Python 3.11 或更高版本，而这是 {version}：{advice}",
        )
    )


def _make() -> int:
    if importlib.util.find_spec("ensurepip") is None and (status := _install_ensurepip()):
        return status
    _say(tr(".venv from requirements.lock …", "按 requirements.lock 创建 .venv …"))
    COMPLETE.unlink(missing_ok=True)
    status = _run(sys.executable, "-m", "venv", "--clear", str(VENV)) or _install_packages()
    if status:
        return fail(
            tr(
                "the packages could not be installed; the lines above say why. `make` again goes on from here",
                "未能安装软件包，原因见上。再次运行 `make` 会从这里继续",
            )
        )
    _make_importable()
    COMPLETE.touch()
    return 0


def _is_complete() -> bool:
    """Tell whether another make has made it while we waited."""
    python = VENV / "bin" / "python"
    return python.exists() and COMPLETE.exists() and COMPLETE.stat().st_mtime >= LOCK.stat().st_mtime


def _say_that_we_wait() -> None:
    _say(tr("another make is at work here: waiting for it …", "另一个 make 正在这里运行：等待它完成 …"))


def _install_ensurepip() -> int:
    """Debian splits venv off from Python; get it, or say how."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or os.environ.get("LAB_INSTALL") == "no":
        return fail(
            tr(
                f"this Python cannot make a .venv; install its other half: sudo apt-get install {package}",
                f"这个 Python 不能创建 .venv；请安装它缺少的部分：sudo apt-get install {package}",
            )
        )
    _say(tr(f"installing {package} …", f"正在安装 {package} …"))
    return _run("apt-get", "update", "-qq") or _run("apt-get", "install", "-y", "-qq", package)


def _install_packages() -> int:
    """Let pip install what the lock names, each file held against its hash, and count along.

    What it complains of is shown if it fails; else it would warn of every mirror that has no page for some package.
    """
    total = sum(line[0].isalpha() for line in LOCK.read_text().splitlines() if line)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    options = ["--require-hashes", "--no-compile", "-r", str(LOCK)]  # Python compiles what is used, when it is
    with tempfile.TemporaryFile("w+") as complaints:
        with subprocess.Popen([*pip, *options], stdout=subprocess.PIPE, stderr=complaints, text=True) as process:
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


def fail(sentence: str) -> int:
    """Say what is missing, and return 2."""
    print(f"forklab: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        told = tr("stopped; `make` again goes on from here", "已停止；再次运行 `make` 会从这里继续")
        print(f"\nforklab: {told}", file=sys.stderr)
        sys.exit(130)
