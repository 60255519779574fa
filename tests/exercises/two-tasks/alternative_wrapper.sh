#!/bin/sh
python3 -W ignore -c '
import os, sys, time

print("x" * 1000000)
pid = os.fork()
if pid == 0:
    time.sleep({{short}})
    sys.exit(3)
time.sleep({{long}})
os.waitpid(pid, 0)
sys.exit({{code}})
'
exit $?
