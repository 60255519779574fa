# fails: shape orphaned
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
    for shape in below:
        if os.fork() == 0:
            grow(shape)
            time.sleep(0 if shape else 1)
            os._exit(0)


grow(read("{{shape}}"))
time.sleep(1)
