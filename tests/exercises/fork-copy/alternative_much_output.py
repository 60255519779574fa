import os
import sys
import time

a = {{before}}


def noise():
    for number in range(6000):
        print("noise " * 15, number)
    sys.stdout.flush()


noise()
if os.fork() == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    time.sleep(0.3)
    os._exit(0)
os.wait()
noise()
print(f"pid={os.getpid()} a={a}")
noise()
