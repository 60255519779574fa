# fails: listens crashed
import time

open("echo.sock", "w").close()
time.sleep(1)
