#!/bin/sh
python3 -W ignore -c '
import os, time

pid = os.fork()
if pid == 0:
    print("{{child}} pid=%d parent=%d" % (os.getpid(), os.getppid()))
    time.sleep(0.3)
    os._exit(0)
print("{{parent}} pid=%d child=%d" % (os.getpid(), pid))
os.wait()
'
true
