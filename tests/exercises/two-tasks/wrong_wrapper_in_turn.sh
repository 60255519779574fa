#!/bin/sh
# fails: at-once one-by-one
python3 -c '
import os, sys, time

pid = os.fork()
if pid == 0:
    time.sleep({{short}})
    os._exit(0)
os.waitpid(pid, 0)
time.sleep({{long}})
sys.exit({{code}})
'
exit $?
