"""What differs from seat to seat: a tree, written and drawn. P is the program, each x a process."""

import random
from typing import TypeAlias

Tree: TypeAlias = tuple["Tree", ...]  # the processes below one: for each, those below it

SHAPES: list[Tree] = [  # of five processes each, so that a count alone tells nothing
    (((), ()), ((),)),
    ((((),),), ((),)),
    (((), (), ()), ()),
    ((((),), ()), ()),
    ((((), ()),), ()),
    (((),), ((),), ()),
    ((((),), ((),)),),
    (((), ()), (), ()),
    ((((), ()), ()),),
]


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw a shape."""
    shape = random.choice(SHAPES)
    return {"shape": written(shape), "drawing": "\n".join(["  P", *("  " + line for line in drawn(shape))])}


def written(tree: Tree, name: str = "P") -> str:
    """Return a tree on one line, the same for each order of the same shape: `P(x(x x) x)`."""
    below = sorted((written(child, "x") for child in tree), reverse=True)
    return f"{name}({' '.join(below)})" if below else name


def drawn(tree: Tree) -> list[str]:
    """Return the lines below a process, as pstree indents them."""
    lines = []
    for number, child in enumerate(tree, 1):
        branch, beside = ("├─ ", "│  ") if number < len(tree) else ("└─ ", "   ")
        lines += [f"{branch}x", *(beside + line for line in drawn(child))]
    return lines
