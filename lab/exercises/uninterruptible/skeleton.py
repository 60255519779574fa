import os
import sys
import tempfile
import time

fifo = tempfile.mkdtemp() + "/fifo"
os.mkfifo(fifo)
pid = os.fork()
if pid == 0:
    # The child: spawn a program. What does it have to open first?
    program = os.posix_spawn("/bin/true", ["true"], {}, file_actions=[])
    os.waitpid(program, 0)
    os._exit(0)
# The parent: who lets the child go, and when?
os.waitpid(pid, 0)
sys.exit(0)
