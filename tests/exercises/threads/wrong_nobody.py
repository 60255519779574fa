# fails: kinds nobody
import time

for _ in range({{k}}):
    pid = 0  # it is to fork
    if pid == 0:
        time.sleep(1)
