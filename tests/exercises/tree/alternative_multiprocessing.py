import multiprocessing
import re
import time


class Node:
    def __init__(self, below):
        self.below = below

    def live(self):
        children = [multiprocessing.get_context("fork").Process(target=node.live) for node in self.below]
        for child in children:
            child.start()
        time.sleep(1.2)
        for child in children:
            child.join()


if __name__ == "__main__":
    text = re.sub(r"x(?!\()", "Node([])", "{{shape}}").replace("x(", "Node([").replace("P(", "Node([")
    text = re.sub(r"(?<!\[\])\)", "])", text).replace(" ", ", ")
    eval(text).live()
