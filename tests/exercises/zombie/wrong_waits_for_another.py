# fails: reaped never-reaped
import os
import time

if os.fork() == 0:
    os._exit({{code}})
time.sleep({{seconds}})
os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
os._exit(0)
