"""As in C: clone(2) with CLONE_VFORK and a copy of the memory; the child is D until the grandchild has ended."""

import ctypes
import os
import platform
import signal
import sys
import time

CLONE_VFORK = 0x4000
SYS_CLONE = {"x86_64": 56, "aarch64": 220}[platform.machine()]

child = os.fork()
if child == 0:
    if ctypes.PyDLL(None).syscall(SYS_CLONE, CLONE_VFORK | signal.SIGCHLD, 0, 0, 0, 0) == 0:
        time.sleep({{seconds}})
        os._exit(0)
    os.wait()
    os._exit(0)
os.waitpid(child, 0)
sys.exit({{code}})
