import multiprocessing
import os
import sys
import tempfile
import threading
from pathlib import Path


class Fifo:
    def __init__(self, folder):
        self.path = Path(folder, "gate")
        os.mkfifo(self.path)

    def open_later(self, seconds):
        timer = threading.Timer(seconds, lambda: self.path.write_text(""))
        timer.start()
        return timer


def be_uninterruptible(path):
    program = os.posix_spawn(
        "/bin/cat", ["cat"], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 0, path, os.O_RDONLY, 0)]
    )
    os.waitpid(program, 0)


def main():
    with tempfile.TemporaryDirectory() as folder:
        fifo = Fifo(folder)
        child = multiprocessing.get_context("fork").Process(target=be_uninterruptible, args=(fifo.path,))
        child.start()
        timer = fifo.open_later({{seconds}})
        child.join()
        timer.join()
    return {{code}}


if __name__ == "__main__":
    sys.exit(main())
