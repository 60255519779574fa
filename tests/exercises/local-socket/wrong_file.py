# fails: listens not-listening
import time

open("echo.sock", "w").close()
time.sleep(1)
