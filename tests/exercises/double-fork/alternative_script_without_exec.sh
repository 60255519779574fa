#!/bin/sh
cat > fork.py << 'END'
import os
import signal
import sys
import time

signal.signal(signal.SIGCHLD, lambda *_: os.waitpid(-1, os.WNOHANG))
print("x" * 300000, flush=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir("/")
        print("y" * 300000, file=sys.stderr)
        time.sleep({{long}})
        os._exit(4)
    os._exit(3)
time.sleep({{short}})
sys.exit({{code}})
END
python3 -X dev fork.py
exit $?
