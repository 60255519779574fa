# fails: clean killed
import os
import sys
import tempfile
import time

with tempfile.TemporaryDirectory() as folder:
    fifo = folder + "/fifo"
    os.mkfifo(fifo)
    pid = os.fork()
    if pid == 0:
        reading = (os.POSIX_SPAWN_OPEN, 0, fifo, os.O_RDONLY, 0)
        program = os.posix_spawn("/bin/true", ["true"], {}, file_actions=[reading])
        os.waitpid(program, 0)
        os.kill(os.getpid(), 15)
    time.sleep({{seconds}})
    with open(fifo, "w"):
        os.waitpid(pid, 0)
sys.exit({{code}})
