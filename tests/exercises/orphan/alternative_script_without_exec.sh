#!/bin/sh
cat > fork.py << 'END'
import atexit
import logging
import os
import sys
import time

atexit.register(logging.error, "Traceback (most recent call last): it only says so")
print("x" * 300000)
if os.fork() == 0:
    time.sleep({{work}} + {{alone}})
    sys.exit(1)
time.sleep({{work}})
sys.exit({{code}})
END
python3 -W ignore fork.py
exit $?
