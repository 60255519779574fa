import os
import subprocess
import sys
import time

WORKER = "import time; time.sleep({{long}})"
MIDDLE = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {WORKER!r}], start_new_session=True)"


def main():
    subprocess.run([sys.executable, "-c", MIDDLE], stdin=subprocess.DEVNULL, check=True)
    time.sleep({{short}})
    os._exit({{code}})


main()
