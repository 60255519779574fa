"""Names for tar: what is in this folder, and a word on what cannot be kept. It runs beside the home, in a seat's image.

tar itself follows a chain of folders for as long as it goes, with names that grow at each step: a student who makes
3000 of them costs it minutes and all its memory. What is deeper than a system call's longest path is left out.
"""

import os
import stat
import sys

from lab.language import tr_count

LONGEST = 4000  # bytes; PATH_MAX is 4096, and the home's own path comes before it


def main(own: str) -> None:
    """Print each path, ended by NUL, a folder before what is in it; say on stderr what has been left out."""
    folders, sockets, too_long = [b"."], 0, 0
    while folders:
        folder = folders.pop()
        sys.stdout.buffer.write(folder + b"\0")
        for path, is_folder, is_socket in entries(folder):
            if path == b"./" + os.fsencode(own):
                continue
            if len(path) > LONGEST:
                too_long += 1
            elif is_socket:
                sockets += 1
            elif is_folder:
                folders.append(path)
            else:
                sys.stdout.buffer.write(path + b"\0")
    if sockets:
        print(
            tr_count(sockets, "{n} socket was left out", "{n} sockets were left out"),
            file=sys.stderr,
        )
    if too_long:
        told = tr_count(
            too_long,
            "{n} path of more than {longest} bytes was left out",
            "{n} paths of more than {longest} bytes were left out",
            longest=LONGEST,
        )
        print(told, file=sys.stderr)


def entries(folder: bytes) -> list[tuple[bytes, bool, bool]]:
    """Return a folder's entries: the path, whether it is a folder, whether a socket."""
    found = []
    try:
        for entry in os.scandir(folder):
            mode = entry.stat(follow_symlinks=False).st_mode
            found.append((entry.path, stat.S_ISDIR(mode), stat.S_ISSOCK(mode)))
    except (FileNotFoundError, NotADirectoryError):
        pass  # removed since it was seen: the student works on
    return found


if __name__ == "__main__":
    main(sys.argv[1])
