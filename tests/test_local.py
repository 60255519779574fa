"""`make local`: the lab in one shell, as an ordinary user with Python and make alone."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clone import clone_into
from tests.eventually import eventually

NOBODY = 65534
SYSTEM_PYTHON = Path("/usr/bin/python3")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A clone that an ordinary user owns, where it may be: a path short enough for a socket."""
    path = Path(tempfile.mkdtemp(prefix="forklab-local-", dir="/tmp"))
    path.chmod(0o755)
    clone_into(path)
    if os.geteuid() == 0:
        for found in (path, *path.rglob("*")):
            os.chown(found, NOBODY, NOBODY)
    yield path
    shutil.rmtree(path)


def make_local(folder: Path, script: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Type a script into the shell of `make local`, with a bare environment."""
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    return subprocess.run(
        [*as_nobody, "make", "local", *words],
        cwd=folder,
        env={"PATH": "/usr/local/sbin:/usr/bin:/bin", "SHELL": "/bin/sh", "HOME": str(folder), **environment},
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_lab_in_one_shell(folder: Path) -> None:
    script = r"""
        mkfifo typed
        chat < typed > heard &
        exec 3> typed
        echo 李四 >&3
        until grep -q 'welcome 李四' heard; do sleep 0.01; done
        printf '你好\n' | chat 张三 > /dev/null
        until grep -q logout heard; do sleep 0.01; done
        exec 3>&-
        wait; cat heard
        ps --ppid $PPID -o args= | grep '^chat-server$'
        lab demo pids > shown && grep -c pid= shown > /dev/null && echo demo
        lab trace true > /dev/null && echo trace
        exit 7
    """
    done = make_local(folder, script)
    assert "Error 7" in done.stderr, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:4] == ["* welcome 李四, 1 online", "张三 login", "张三 : 你好", "张三 logout"]
    assert lines[4:] == ["chat-server", "demo", "trace"]
    assert not (folder / ".lab/local/chat.sock").exists(), "the server ended with the shell"
    assert not (folder / ".venv").exists(), "no set-up"


def test_it_ends_with_its_shell_killed(folder: Path) -> None:
    done = make_local(folder, "pgrep -P $PPID -f '^chat-server$' > server.pid; kill -KILL $$")
    assert done.returncode == 2
    server = int((folder / "server.pid").read_text())
    eventually(lambda: not Path(f"/proc/{server}").exists())


def test_it_ends_with_make_killed(folder: Path) -> None:
    """As when its terminal is closed: nothing of it stays, or the next one would find its socket taken."""
    script = "pgrep -f '^chat-server$' -n > server.pid; kill -KILL $(ps -o ppid= -p $$)"
    make_local(folder, script)
    server = int((folder / "server.pid").read_text())
    eventually(lambda: not Path(f"/proc/{server}").exists())


def test_a_second_one_is_a_second_shell_of_the_same_lab(folder: Path) -> None:
    inner = "printf 'hello\\n' | chat 李四 > /dev/null"
    script = f"""
        (echo 张三; sleep 1000) | chat > heard & chat=$!
        until chat-admin who | grep -q 张三; do :; done
        printf '%s\n' "{inner}" | make --no-print-directory local
        until grep -q logout heard; do :; done; cat heard
        chat-admin who > /dev/null && echo the first one serves on
        kill $chat; pkill -P $$ sleep; exit 7
    """
    done = make_local(folder, script)
    assert "Error 7" in done.stderr, done.stderr
    assert done.stdout.splitlines() == [
        "forklab: this shell joins the other `make local`; the chat server ends with that one",
        *("* welcome 张三, 1 online", "李四 login", "李四 : hello", "李四 logout"),
        "the first one serves on",
    ]


def test_in_chinese(folder: Path) -> None:
    assert "名字" in make_local(folder, "chat < /dev/null", LANG="zh_CN.UTF-8").stderr


def test_a_path_too_long_for_a_socket_gets_a_sentence(folder: Path) -> None:
    deep = folder / ("d" * 100)
    deep.mkdir()
    for found in list(folder.iterdir()):
        if found != deep:
            shutil.move(found, deep / found.name)
    os.chown(deep, NOBODY, NOBODY) if os.geteuid() == 0 else None
    done = make_local(deep, "echo never")
    assert done.returncode == 2
    assert "a socket's path has at most 107 bytes" in done.stderr
    assert "never" not in done.stdout


@pytest.mark.skipif(not SYSTEM_PYTHON.exists(), reason="no system Python to be refused")
def test_an_old_python_gets_a_sentence(folder: Path) -> None:
    old = folder / "old-python"
    old.write_text(
        "#!/bin/sh\nshift 2\n"
        f"exec {SYSTEM_PYTHON} -c \"import sys; sys.version_info = (3, 10); sys.path.insert(0, '.'); "
        'from lab.seats import local; sys.exit(local.main())"\n'
    )
    old.chmod(0o755)
    done = make_local(folder, "", f"PYTHON={old}")
    assert done.returncode == 2
    assert "forklab needs Python 3.11 or later" in done.stderr
