#!/bin/sh
python3 -c '
import os, time

a = {{before}}
if os.fork() == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}")
    time.sleep(0.3)
    raise SystemExit
os.wait()
print(f"pid={os.getpid()} a={a}")
'
true
