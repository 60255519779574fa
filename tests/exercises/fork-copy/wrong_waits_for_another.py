# fails: stayed not-waited
import os
import time

a = {{before}}
if os.fork() == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    time.sleep(0.3)
    os._exit(0)
time.sleep(0.35)
os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
print(f"pid={os.getpid()} a={a}", flush=True)
os._exit(0)
