"""`make local`: the lab in one shell, as an ordinary user with Python and make alone."""

import getpass
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.student.seed import values_of
from lab.student.texts import fill
from tests.clone import ROOT, clone_into
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


def solution(slug: str) -> str:
    """Return a right program for the seat of the user as whom `make local` runs here."""
    who = "nobody" if os.geteuid() == 0 else getpass.getuser()
    return fill((ROOT / "tests/exercises" / slug / "reference.py").read_text(), values_of(slug, who))


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


@pytest.fixture
def deep(folder: Path) -> Path:
    """The clone, in a folder so deep that no socket's path would fit."""
    path = folder / ("d" * 100)
    path.mkdir()
    for found in list(folder.iterdir()):
        if found != path:
            shutil.move(found, path / found.name)
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)
    return path


def test_in_a_deep_folder_sockets_have_short_paths(deep: Path) -> None:
    """Those of the lab, and a student's in ~/work, by whichever name it is bound."""
    (deep / "solution.py").write_text(solution("local-socket"))
    script = r"""
        echo hello | chat 张三
        chat-admin who
        echo $HOME > home; readlink -f ~ > real
        cp solution.py ~/work/local-socket.py
        lab check local-socket > relative; echo $?
        sed -i 's|Path("echo.sock")|Path.home() / "work/echo.sock"|' ~/work/local-socket.py
        grep -c home ~/work/local-socket.py
        lab check local-socket > absolute; echo $?
        (sleep 1000 | chat 李四 > /dev/null) & sitting=$!
        until chat-admin who | grep -q 李四; do :; done
        echo 'chat-admin who | cut -c 1-20; exit 0' | make --no-print-directory local
        chat-admin who | cut -c 1-20
        pkill -P $sitting; exit 7
    """
    done = make_local(deep, script)
    assert "Error 7" in done.stderr, done.stderr
    joins = "forklab: this shell joins the other `make local`; the chat server ends with that one"
    online = "* online: 李四"
    lines = ["* welcome 张三, 1 online", "* nobody is online", "0", "1", "0", joins, online, online]
    assert done.stdout.splitlines() == lines, (deep / "relative").read_text() + (deep / "absolute").read_text()
    short = Path((deep / "home").read_text().strip())
    assert (deep / "real").read_text().strip() == str(deep / ".lab/local/home")
    assert len(str(short)) < 40
    assert not os.path.lexists(short.parent), "the last shell removed it"


def test_a_short_path_that_is_somebody_elses_is_not_used(deep: Path) -> None:
    done = make_local(deep, 'dirname "$HOME"')
    short = Path(done.stdout.strip())
    short.mkdir()
    try:
        done = make_local(deep, "echo never")
        assert (done.returncode, done.stdout) == (2, "")
        assert f"{short} is not ours: remove it" in done.stderr
    finally:
        short.rmdir()


HOSTILE = r"""
    cd ~/work
    for module in socket random json typing signal sitecustomize usercustomize; do
        echo 'raise SystemExit("not the lab'"'"'s")' > $module.py
    done
    mkdir lab checks; cp socket.py lab/__init__.py; cp socket.py checks/__init__.py
    site=$HOME/lib/$(cd ~/../python/lib && echo python3*)/site-packages  # of PYTHONUSERBASE
    mkdir -p $site; cp socket.py $site/usercustomize.py
    export PYTHONPATH=$HOME/work PYTHONHOME=/nowhere PYTHONSTARTUP=$HOME/work/socket.py PYTHONOPTIMIZE=2
    export PYTHONWARNINGS=error PYTHONDONTWRITEBYTECODE=1 PYTHONIOENCODING=ascii PYTHONINSPECT=1
    export PYTHONMALLOC=nonsense PYTHONUTF8=0 PYTHONUSERBASE=$HOME PYTHONSAFEPATH=1 PYTHONPLATLIBDIR=nowhere
"""


def test_a_students_settings_for_python_are_the_students_alone(folder: Path) -> None:
    script = r"""
        lab | tail -1; lab list | head -1; lab show 8 | head -1; lab hint 8 | head -1; lab start 9 | head -1
        lab demo | head -1; lab demo fork | grep -c pid=; lab demo nonblocking_io > /dev/null; echo $?
        echo hi | chat 张三; chat-admin who
        printf '#!/bin/sh\nenv | grep ^PYTHON | sort > seen-by-$1\n' > given; chmod +x given
        ./given shell; wc -l < seen-by-shell
        sed 's/$1/check/' given > zombie; chmod +x zombie
        lab check zombie > /dev/null; echo $?; cmp seen-by-check seen-by-shell && echo the same; rm seen-by-check
        lab trace ./given trace > /dev/null; cmp seen-by-trace seen-by-shell && echo the same
        lab watch zombie > watched & watch=$!
        until grep -q Ctrl-C watched; do sleep 0.01; done; kill $watch
        cmp seen-by-check seen-by-shell && echo the same
    """
    done = make_local(folder, HOSTILE + script, LC_ALL="C.UTF-8")
    assert done.stdout.splitlines() == [
        "For example: lab show 8   lab demo zombie   lab trace lab demo wait",
        " 1 · file-types       Five of the seven file types",
        "# A zombie, and its end",
        "hint 1/3",
        "~/work/wait.py is there: a beginning that is not right yet.",
        "file_types          File types: the seven that `ls -l` tells by its first letter",
        *("3", "0", "* welcome 张三, 1 online", "* nobody is online", "13", "1", *["the same"] * 3),
    ], done.stdout + done.stderr
    assert "not the lab's" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_those_settings_break_what_is_not_apart_from_them(folder: Path) -> None:
    """Else the test above would prove nothing."""
    usual = "unset PYTHONHOME PYTHONPLATLIBDIR PYTHONMALLOC"
    for module in ("lab.student.cli", "lab.chat.client", "checks.exercises"):
        script = f"{HOSTILE}\n{usual}; python3 -m {module} list < /dev/null; echo status=$?"
        done = make_local(folder, script, LC_ALL="C.UTF-8")
        assert "status=1" in done.stdout, done.stdout
        assert "not the lab's" in done.stderr


@pytest.mark.skipif(not SYSTEM_PYTHON.exists(), reason="no system Python to be refused")
def test_an_old_python_gets_a_sentence(folder: Path) -> None:
    old = folder / "old-python"
    old.write_text(
        "#!/bin/sh\nshift 2\n"
        f"exec {SYSTEM_PYTHON} -c \"import sys; sys.version_info = (3, 10); sys.path.insert(0, '.'); "
        'from lab.host import local; sys.exit(local.main())"\n'
    )
    old.chmod(0o755)
    done = make_local(folder, "", f"PYTHON={old}")
    assert done.returncode == 2
    assert "forklab needs Python 3.11 or later" in done.stderr
