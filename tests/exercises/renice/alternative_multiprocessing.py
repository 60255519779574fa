import multiprocessing
import os
import time


class Loop(multiprocessing.Process):
    def __init__(self, niceness):
        super().__init__()
        self.niceness = niceness

    def run(self):
        os.nice(self.niceness)
        while True:
            pass


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    loop = Loop({{first}})
    loop.start()
    time.sleep(0.7)
    os.setpriority(os.PRIO_PROCESS, loop.pid, {{second}})
    time.sleep(0.7)
    loop.terminate()
    loop.join()
