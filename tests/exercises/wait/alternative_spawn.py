"""Beside its children, multiprocessing starts a helper."""

import multiprocessing
import multiprocessing.connection
import time

if __name__ == "__main__":
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=time.sleep, args=(seconds,)) for seconds in [{{seconds}}]]
    for worker in workers:
        worker.start()
    running = {worker.sentinel: worker for worker in workers}
    while running:
        for sentinel in multiprocessing.connection.wait(list(running)):
            running.pop(sentinel).join()
