# fails: middle middle-zombie
import os
import time

if os.fork() == 0:
    if os.fork() == 0:
        time.sleep({{long}})
    os._exit(0)
os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
time.sleep({{short}})
os._exit({{code}})
