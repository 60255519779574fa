# fails: clean killed
import os
import signal
import sys
import tempfile
import time

fifo = tempfile.mkdtemp() + "/fifo"
os.mkfifo(fifo)
pid = os.fork()
if pid == 0:
    os.posix_spawn("/bin/true", ["true"], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, fifo, os.O_RDONLY, 0)])
    os._exit(0)
time.sleep({{seconds}})
os.kill(pid, signal.SIGKILL)
os.waitpid(pid, 0)
time.sleep(0.1)
with open(fifo, "w"):
    sys.exit({{code}})
