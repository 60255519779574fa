# fails: clean not-waited
import os
import signal
import sys
import tempfile
import time

fifo = tempfile.mkdtemp() + "/fifo"
os.mkfifo(fifo)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
pid = os.fork()
if pid == 0:
    reading = (os.POSIX_SPAWN_OPEN, 0, fifo, os.O_RDONLY, 0)
    program = os.posix_spawn("/bin/true", ["true"], {}, file_actions=[reading])
    os._exit(0)
time.sleep({{seconds}})
with open(fifo, "w"):
    time.sleep(0.3)
sys.exit({{code}})
