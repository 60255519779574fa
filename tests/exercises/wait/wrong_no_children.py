# fails: children no-child
import time

for seconds in [{{seconds}}]:
    print(f"reaped after {seconds}")
time.sleep(0.5)
