# fails: shape count
import time

print("{{shape}}")
time.sleep(1)
