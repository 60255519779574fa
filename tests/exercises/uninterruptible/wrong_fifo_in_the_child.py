# fails: uninterruptible asleep
import os
import sys
import tempfile
import time

fifo = tempfile.mkdtemp() + "/fifo"
os.mkfifo(fifo)
pid = os.fork()
if pid == 0:
    open(fifo).close()
    os._exit(0)
time.sleep({{seconds}})
with open(fifo, "w"):
    os.waitpid(pid, 0)
sys.exit({{code}})
