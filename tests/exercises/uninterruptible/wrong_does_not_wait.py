# fails: clean not-waited
import os
import sys
import tempfile
import time

fifo = tempfile.mkdtemp() + "/fifo"
os.mkfifo(fifo)
if os.fork() == 0:
    program = os.posix_spawn("/bin/true", ["true"], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, fifo, os.O_RDONLY, 0)])
    os.waitpid(program, 0)
    os._exit(0)
if os.fork() == 0:
    time.sleep({{seconds}})
    open(fifo, "w").close()
    os._exit(0)
time.sleep(0.3)
sys.exit({{code}})
