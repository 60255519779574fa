# fails: at-once one-by-one
import subprocess
import sys

for seconds in ("{{long}}", "{{short}}"):
    subprocess.run(["sleep", seconds], check=True)
sys.exit({{code}})
