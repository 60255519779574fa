"""File types: the seven that `ls -l` tells by its first letter.

Finds a block and a character device in /dev, and makes the other five in a
folder that it removes again.
Look, in another shell: `ls -l FOLDER`, and `stat -c '%A %F' FILE`. The letter
is the first of each line: b c d - l s p. A container usually has no block
device, and then this prints `b` and no file.
Source: inode(7), "The file type and mode"; course: file types.

文件类型：`ls -l` 用首字母区分的七种文件。

在 /dev 里找一个块设备和一个字符设备，其余五种在临时目录里各造一个，结束时连目
录一起删除。
在另一个终端查看：`ls -l 目录`，以及 `stat -c '%A %F' 文件`。每行的第一个字母就
是类型：b c d - l s p。容器里通常没有块设备，这时 `b` 后面没有文件。
出处：inode(7) 的“The file type and mode”一节；课程：文件类型。
"""

import os
import signal
import socket
import stat
import tempfile
from pathlib import Path

from lab.language import speak_utf8, tr

END = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}


def show(path: Path) -> None:
    """Print a file's mode and name as `ls -l` does; its type is the first letter."""
    print(stat.filemode(path.lstat().st_mode), path)


def show_devices() -> None:
    """Show the first block and the first character device of /dev."""
    files = sorted(Path("/dev").iterdir())
    for letter, is_type in ("b", stat.S_ISBLK), ("c", stat.S_ISCHR):
        if found := [path for path in files if is_type(path.lstat().st_mode)]:
            show(found[0])
        else:
            print(letter, tr("(none in /dev here)"))


def main() -> None:
    """Make one of each type that needs no privilege, and show them until a signal comes."""
    speak_utf8()
    signal.pthread_sigmask(signal.SIG_BLOCK, END)  # so that sigwait gets it, however early it comes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "directory").mkdir()
        (folder / "file").touch()
        (folder / "link").symlink_to("file")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "socket"))
        os.mkfifo(folder / "pipe")
        print(f"ready pid={os.getpid()}", flush=True)
        show_devices()
        for path in [folder, *sorted(folder.iterdir())]:
            show(path)
        print(end="", flush=True)
        signal.sigwait(END)


if __name__ == "__main__":
    main()
