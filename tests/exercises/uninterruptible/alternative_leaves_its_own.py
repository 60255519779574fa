"""The child does not wait for what it has spawned: nobody asks for that."""

import os
import sys
import tempfile
import time

with tempfile.TemporaryDirectory() as folder:
    fifo = folder + "/fifo"
    os.mkfifo(fifo)
    pid = os.fork()
    if pid == 0:
        os.posix_spawn("/bin/sleep", ["sleep", "0.1"], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, fifo, os.O_RDONLY, 0)])
        os._exit(0)
    time.sleep({{seconds}})
    with open(fifo, "w"):
        os.waitpid(pid, 0)
sys.exit({{code}})
