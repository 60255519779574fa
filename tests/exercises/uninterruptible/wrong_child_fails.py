# fails: clean ended-badly
import os
import sys
import tempfile
import time

fifo = tempfile.mkdtemp() + "/fifo"
os.mkfifo(fifo)
pid = os.fork()
if pid == 0:
    reading = (os.POSIX_SPAWN_OPEN, 0, fifo, os.O_RDONLY, 0)
    program = os.posix_spawn("/bin/true", ["true"], {}, file_actions=[reading])
    os.waitpid(program, 0)
    os.exit(0)
time.sleep({{seconds}})
with open(fifo, "w"):
    os.waitpid(pid, 0)
sys.exit({{code}})
