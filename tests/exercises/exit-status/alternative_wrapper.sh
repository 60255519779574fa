#!/bin/sh
python3 -X dev -c '
import logging, os, sys, time

for number in range(3000):
    print("x" * 100)
pid = os.fork()
if pid == 0:
    sys.exit({{code}})
time.sleep(0.5)
print(f"It ended with status {os.wait()[1] >> 8}.\r")
logging.error("that is all: 0")
'
exit 0
