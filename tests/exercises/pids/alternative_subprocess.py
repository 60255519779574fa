import os
import subprocess
import sys

CHILD = """
import os, time
print("{{child}}", f"pid={os.getpid()}", f"parent={os.getppid()}")
time.sleep(0.3)
"""

with subprocess.Popen([sys.executable, "-c", CHILD]) as child:
    print("{{parent}}", f"pid={os.getpid()}", f"child={child.pid}")
