#!/bin/sh
cat > work.py << 'END'
import os
import sys
import time


def tick():
    print("tick", flush=True)
    time.sleep(0.1)


pid = os.fork()
if pid == 0:
    time.sleep({{seconds}})
    os._exit({{code}})

while (answer := os.waitpid(pid, os.WNOHANG)) == (0, 0):
    tick()
for _ in range(3):
    tick()
sys.exit(os.waitstatus_to_exitcode(answer[1]))
END
python3 work.py
exit $?
