# fails: uninterruptible ended-badly
import os
import sys
import tempfile
import time

with tempfile.TemporaryDirectory() as folder:
    fifo = folder + "/fifo"
    os.mkfifo(fifo)
    pid = os.fork()
    if pid == 0:
        reading = (os.POSIX_SPAWN_OPEN, 0, fifo, os.O_READ, 0)
        program = os.posix_spawn("/bin/true", ["true"], {}, file_actions=[reading])
        os.waitpid(program, 0)
        os._exit(0)
    os.waitpid(pid, 0)
sys.exit({{code}})
