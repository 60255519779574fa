import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

k = {{k}}
children = [subprocess.Popen(["sleep", "1.3"]) for _ in range(k)]
with ThreadPoolExecutor(k - 1) as pool:
    list(pool.map(time.sleep, [1] * (k - 1)))
for child in children:
    child.wait()
