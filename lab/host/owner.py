"""Whose the generated files are: those of whoever has the folder, also when root was the one who made them.

root's `make engine` or `sudo make lab` must not leave a folder behind in which its owner can neither write a log nor
remove the .venv. Standard library alone.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from lab.language import tr


def give_back(root: Path, *names: str) -> None:
    """Give what root has made below these folders to the owner of the folder that they are in."""
    owner = root.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return
    for path in below(root, names):
        if path.lstat().st_uid == 0:
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def of_another(root: Path, *names: str) -> Path | None:
    """Return what is not ours below these folders, and may so be in our way; None if all is, or we are root."""
    us = os.geteuid()
    return next((path for path in below(root, names) if us not in (0, path.lstat().st_uid)), None)


def below(root: Path, names: Iterable[str]) -> Iterator[Path]:
    """Yield these folders and all that is in them, as far as they are there."""
    for top in (root / name for name in names):
        if top.is_symlink() or top.exists():
            yield top
        for folder, folders, files in os.walk(top):
            yield from (Path(folder, name) for name in (*folders, *files))


def take_over(path: Path | str) -> str:
    """Return what to type where a generated file is somebody else's."""
    return tr(
        "{path} is another user's, root's perhaps, and you may not change it: sudo chown -R $(id -u):$(id -g) .lab "
        ".venv reports",
        path=path,
    )
