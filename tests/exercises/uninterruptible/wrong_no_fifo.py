# fails: uninterruptible never
import os
import sys

pid = os.fork()
if pid == 0:
    program = os.posix_spawn("/bin/true", ["true"], {}, file_actions=[])
    os.waitpid(program, 0)
    os._exit(0)
os.waitpid(pid, 0)
sys.exit({{code}})
