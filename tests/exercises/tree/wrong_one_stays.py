# fails: shape stays
import os
import time


def read(text):
    """Return the tree written as P(x(x x) x): for each process a list of those below it."""
    levels = [[]]
    for letter in text:
        if letter in "Px":
            levels[-1].append([])
        elif letter == "(":
            levels.append(levels[-1][-1])
        elif letter == ")":
            levels.pop()
    return levels[0][0]


def grow(below):
    pids = []
    for shape in below:
        pid = os.fork()
        if pid == 0:
            grow(shape)
            time.sleep(0 if shape else 3 if shape is last else 1)
            os._exit(0)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)


tree = last = read("{{shape}}")
while last:
    last = last[-1]
grow(tree)
