"""What is at the place of a student's program, ~/work/SLUG.py or an executable ~/work/SLUG, and why it cannot be run.

`lab start`, `lab check`, `lab watch` and `make grade` say the same of it.
"""

import contextlib
import errno
import os
import re
import stat
import sys
from pathlib import Path

from lab.language import tr

ELF = b"\x7fELF"
UTF8_BOM = b"\xef\xbb\xbf"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
LOOKED_AT = 65536  # bytes of a program
SHELL = re.compile(rb"#!\s*(\S*/env\s+(-S\s*)?)?(\S*/)?(ba|da|k|z)?sh\b")
ENDINGS = r"(\.py|\.sh|\.bash|\.pl|\.c)?(\.txt)?"  # of a program that is misnamed; an editor adds the second
MOST = 1000  # names that are looked at for it
KINDS = {stat.S_IFDIR: "folder", stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket", stat.S_IFLNK: "link"}


class UnfitError(Exception):
    """No program can be run; `why` is a key of `sentences`, `detail` what they say more."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(why, detail)
        self.why = why
        self.detail = detail


def program(work: Path, slug: str, uid: int) -> list[str]:
    """Return how the program of the user `uid` is started, from the work folder. Raises UnfitError."""
    enter(work, uid)
    script, executable = work / f"{slug}.py", work / slug
    there = [path for path in (script, executable) if path.is_file()]
    if not there:
        raise none_there(work, slug)
    if len(there) > 1:
        raise UnfitError("two-programs")
    head = beginning(there[0])
    if head.startswith(UTF16):
        raise UnfitError("utf-16", there[0].name)
    if there == [script]:
        if not may(script, uid, os.R_OK):
            raise UnfitError("unreadable", script.name)
        return ["python3", script.name]
    if not executable.stat().st_mode & 0o111:
        raise UnfitError("not-executable")
    if is_foreign(head):
        raise UnfitError("not-startable", os.strerror(errno.ENOEXEC))
    return [f"./{slug}"]


def enter(work: Path, uid: int) -> None:
    """See that the work folder, if it is there, is one that its owner can enter. Raises UnfitError."""
    for folder, name in ((work.parent, "~"), (work, "~/work")):
        try:
            mode = folder.stat().st_mode
        except FileNotFoundError:
            if folder.is_symlink():
                raise UnfitError("no-folder", name) from None
            return
        except OSError:
            raise UnfitError("closed", name) from None
        if not stat.S_ISDIR(mode):
            raise UnfitError("no-folder", name)
        if not may(folder, uid, os.X_OK):
            raise UnfitError("closed", name)


def may(path: Path, uid: int, right: int) -> bool:
    """Tell whether a user may do something with a path: we ourselves, or as its owner, or as anybody."""
    if uid == os.getuid():
        return os.access(path, right)
    found = path.stat()
    return bool(found.st_mode >> (6 if found.st_uid == uid else 0) & right)


def is_there(work: Path, slug: str) -> bool:
    """Tell whether there is anything at the program's place."""
    with contextlib.suppress(OSError):  # such as a folder that cannot be entered
        return any(path.is_file() or path.is_symlink() for path in (work / slug, work / f"{slug}.py"))
    return False


def none_there(work: Path, slug: str) -> UnfitError:
    """Return why there is no program: something else is in its place, or it is elsewhere, or nowhere."""
    for path in (work / f"{slug}.py", work / slug):
        with contextlib.suppress(OSError):
            kind = KINDS.get(stat.S_IFMT(path.lstat().st_mode), "device")
            return UnfitError("no-file", f"{kind} {path.name}")
    return UnfitError("no-program", misnamed(work, slug))


def misnamed(work: Path, slug: str) -> str:
    """Return where a program is that is not in its place, or not of its name; "" if there is none."""
    pattern = re.compile(slug.replace("-", "[-_]?") + ENDINGS, re.IGNORECASE)
    for folder, name in ((work, "~/work"), (work.parent, "~")):
        with contextlib.suppress(OSError):
            for path in sorted(folder.iterdir())[:MOST]:
                is_its = pattern.fullmatch(path.name) and (folder == work or path.suffix in (".py", ".sh"))
                if is_its and path.is_file():
                    return f"{name}/{path.name}"
    return ""


def beginning(path: Path) -> bytes:
    """Return the beginning of a file; nothing of one that we may not read."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(file, LOOKED_AT)
    finally:
        os.close(file)


def is_foreign(head: bytes) -> bool:
    """Tell whether a file is neither text nor a program of this machine: no shell takes it for a script (execve(2))."""
    if not head.startswith(ELF):
        return b"\0" in head.partition(b"\n")[0]
    ours = beginning(Path(sys.executable))
    return (head[4:6], head[18:20]) != (ours[4:6], ours[18:20])  # class and byte order, machine: elf(5)


def spoilt(path: Path, uid: int, complaints: str, *, is_failed: bool) -> str:
    """Return why an executable failed, if it was saved so that it had to: "crlf", "bom", "unreadable"; else "".

    `complaints` are its errors. A shell runs what it can of lines that end in CRLF, and complains of the others.
    """
    if not path.is_file() or not may(path, uid, os.R_OK):
        return "unreadable" if is_failed and path.is_file() else ""
    head = beginning(path)
    text = head.removeprefix(UTF8_BOM)
    first = text.partition(b"\n")[0]
    is_shell = not first.startswith(b"#!") or bool(SHELL.match(first))
    if is_failed and text != head and not is_shell:
        return "bom"
    if is_failed and text == head and first.startswith(b"#!") and first.endswith(b"\r"):
        return "crlf"
    is_complaint = re.search(rf"^(\./)?{re.escape(path.name)}: ", complaints, re.MULTILINE)
    return "crlf" if is_shell and b"\r\n" in text and is_complaint and not head.startswith(ELF) else ""


def sentences(slug: str, detail: str) -> dict[str, tuple[str, str]]:
    """Return, by its key, what may keep a program from being run: a sentence, and what to do."""
    script, executable = f"~/work/{slug}.py", f"~/work/{slug}"
    kind, _, name = detail.partition(" ")
    return {
        "closed": (
            tr("{detail} is a folder that you cannot enter", detail=detail),
            f"chmod u+rwx {detail}",
        ),
        "no-folder": (
            tr("{detail} is no folder", detail=detail),
            tr("move it away: mv {detail} {detail}.old; mkdir {detail}", detail=detail),
        ),
        "no-file": (
            tr("~/work/{name} is {kind}, not a program", name=name, kind=called(kind)),
            tr("move it away: mv ~/work/{name} ~/work/{name}.old", name=name),
        ),
        "no-program": (
            tr("there is no {script}, and no {executable}", script=script, executable=executable),
            is_it(slug, detail) if detail else tr("begin with: lab start {slug}", slug=slug),
        ),
        "two-programs": (
            tr("{script} and {executable} are both there", script=script, executable=executable),
            tr("remove or rename the one that does not count"),
        ),
        "unreadable": (
            tr("~/work/{detail} is there, but may not be read", detail=detail),
            f"chmod u+r ~/work/{detail}",
        ),
        "utf-16": (
            tr("~/work/{detail} is saved as UTF-16, which nothing here runs", detail=detail),
            tr("save the file in the encoding UTF-8"),
        ),
        "not-executable": (
            tr("{executable} is there, but is not executable", executable=executable),
            f"chmod +x {executable}",
        ),
        "not-startable": (
            tr("{executable} cannot be executed: {detail}", executable=executable, detail=detail),
            tr(
                "a script begins with #! and its interpreter's path (head -1 {executable} shows it: is it there?); "
                "anything else must be made for this machine",
                executable=executable,
            ),
        ),
        "crlf": (
            tr(
                "the lines of {executable} end as those of Windows do (CRLF): the CR is taken for a part of the words",
                executable=executable,
            ),
            tr("save it with Unix line ends: sed -i 's/\\r$//' {executable}", executable=executable),
        ),
        "bom": (
            tr(
                "{executable} begins with a byte order mark (BOM), not with #!: a shell runs it, not its interpreter",
                executable=executable,
            ),
            tr("save it without BOM: sed -i '1s/^\\xef\\xbb\\xbf//' {executable}", executable=executable),
        ),
    }


def called(kind: str) -> str:
    """Return the words for what is no program."""
    return {
        "folder": tr("a folder"),
        "pipe": tr("a named pipe (FIFO)"),
        "socket": tr("a socket"),
        "link": tr("a link that leads to no file"),
    }.get(kind, tr("a device"))


def is_it(slug: str, there: str) -> str:
    """Return how a program that is misnamed gets its name: a script of Python, any other, a source to be compiled."""
    target = f"~/work/{slug}"
    if there.endswith(".c"):
        command = f"cc -o {target} {there}"
    elif ".py" in there.lower() or there.endswith((".txt", slug.replace("-", "_"))):
        command = f"mv {there} {target}.py"
    else:
        command = f"mv {there} {target}; chmod +x {target}"
    return tr("is it {there}? Then: {command}", there=there, command=command)


def told(slug: str, why: str, detail: str) -> str:
    """Return the sentence and the advice as one line."""
    return tr(": ").join(sentences(slug, detail)[why])
