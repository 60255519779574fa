"""Make an empty folder a subvolume of btrfs that holds so many bytes: that is what its quota groups can bound.

Root runs it in a seat's image, with the folders of some volumes and nothing else, as `python3 -I -c`.
"""

import fcntl
import os
import shutil
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SUBVOL_CREATE, QGROUP_LIMIT = 0x5000940E, 0x8030942B  # BTRFS_IOC_…, linux/btrfs.h
MAX_REFERENCED = 1  # of the five numbers of struct btrfs_qgroup_limit the first says which of the others count
SUBVOLUMES_INODE = 256  # of the root of each


def main(words: list[str]) -> None:
    """Take the folder of a volume and its bytes, and so on. Raises OSError where there are no quota groups."""
    for volume, size in zip(words[::2], words[1::2], strict=True):
        home = Path(volume, "_data")
        make_subvolume(home)
        with opened(home) as folder:  # 0: the subvolume's own group
            fcntl.ioctl(folder, QGROUP_LIMIT, struct.pack("=6Q", 0, MAX_REFERENCED, int(size), 0, 0, 0))


def make_subvolume(home: Path) -> None:
    """Put one in the place of the folder, whole and at once, if that is empty; what is a home already is left alone."""
    there = home.stat()
    if there.st_ino == SUBVOLUMES_INODE or any(home.iterdir()):
        return
    new = home.with_name("_new")
    if not new.exists():  # a make that was killed has left it
        with opened(home.parent) as folder:
            fcntl.ioctl(folder, SUBVOL_CREATE, bytearray(struct.pack("=q4088s", 0, new.name.encode())))
    shutil.copystat(home, new)
    os.chown(new, there.st_uid, there.st_gid)
    new.rename(home)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """Open a folder."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    main(sys.argv[1:])
