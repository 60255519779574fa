import multiprocessing
import threading
import time


class Worker(threading.Thread):
    def run(self):
        time.sleep(1.2)


def crew(size):
    workers = [Worker() for _ in range(size - 1)]
    for worker in workers:
        worker.start()
    time.sleep(1.2)
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=time.sleep, args=(1.2,)) for _ in range({{k}})]
    children.append(fork.Process(target=crew, args=({{k}},)))
    for child in children:
        child.start()
    for child in children:
        child.join()
