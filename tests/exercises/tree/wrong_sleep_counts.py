# fails: shape count
import os


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
            os._exit(0)
    if not below:
        os.system("sleep 1")
    for _ in below:
        os.wait()


grow(read("{{shape}}"))
