"""Beside its children, multiprocessing starts two helpers; the children are those of one of them."""

import multiprocessing
import threading
import time

if __name__ == "__main__":
    forkserver = multiprocessing.get_context("forkserver")
    children = [forkserver.Process(target=time.sleep, args=(1.5,)) for _ in range({{k}})]
    threads = [threading.Thread(target=time.sleep, args=(1.5,)) for _ in range({{k}} - 1)]
    for worker in [*children, *threads]:
        worker.start()
    for worker in [*children, *threads]:
        worker.join()
