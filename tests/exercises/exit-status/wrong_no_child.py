# fails: kept not-kept
import time

time.sleep(0.5)
print({{code}})
