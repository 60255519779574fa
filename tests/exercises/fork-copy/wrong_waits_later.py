# fails: stayed not-waited
import multiprocessing
import os
import time


class Copy(multiprocessing.get_context("fork").Process):
    a = {{before}}

    def run(self):
        self.a = {{after}}
        self.tell()
        time.sleep(0.3)

    def tell(self):
        print(f"pid={os.getpid()} a={self.a}", flush=True)


if __name__ == "__main__":
    copy = Copy()
    copy.start()
    time.sleep(0.7)
    copy.tell()
    time.sleep(0.3)
