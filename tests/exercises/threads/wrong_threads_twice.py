# fails: kinds no-processes
import threading
import time

threads = [threading.Thread(target=time.sleep, args=(1,)) for _ in range(2 * {{k}})]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
