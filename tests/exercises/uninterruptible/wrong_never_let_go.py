# fails: ran hangs
import os
import tempfile

fifo = tempfile.mkdtemp() + "/fifo"
os.mkfifo(fifo)
pid = os.fork()
if pid == 0:
    os.posix_spawn("/bin/true", ["true"], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, fifo, os.O_RDONLY, 0)])
    os._exit(0)
os.waitpid(pid, 0)
