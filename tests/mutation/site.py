"""Where a program can be changed, and the program changed there."""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Change = ast.AST | list[ast.stmt]  # what a node becomes: another, or several statements, or none
Operator = Callable[[ast.AST], Iterator[Change]]


@dataclass(frozen=True)
class Mutant:
    """A program with one change: by which operator, at which of its sites, the how manieth, from 1."""

    operator: str
    number: int
    text: str

    def __str__(self) -> str:
        return f"{self.operator}-{self.number}"


def mutants(program: str, operators: dict[str, Operator]) -> Iterator[Mutant]:
    """Yield every program that differs from the given one by one change; none of them twice."""
    tree = ast.parse(program)
    seen = {ast.unparse(tree)}
    for name, operator in operators.items():
        changes = [(place, change) for place, node in enumerate(ast.walk(tree)) for change in operator(node)]
        for number, (place, change) in enumerate(changes, start=1):
            text = changed(tree, place, change)
            if text not in seen:
                seen.add(text)
                yield Mutant(name, number, text)


def changed(tree: ast.Module, place: int, change: Change) -> str:
    """Return the program with the node at a place of the walk changed; a block that loses all keeps a `pass`."""
    whole = copy.deepcopy(tree)
    node = list(ast.walk(whole))[place]
    Exchange(node, copy.deepcopy(change)).visit(whole)
    for block in ast.walk(whole):
        if isinstance(getattr(block, "body", None), list) and not block.body:  # type: ignore[attr-defined]
            block.body = [ast.Pass()]  # type: ignore[attr-defined]
    return ast.unparse(ast.fix_missing_locations(whole))


class Exchange(ast.NodeTransformer):
    """Puts something in the place of one node."""

    def __init__(self, node: ast.AST, change: Change) -> None:
        self.node = node
        self.change = change

    def visit(self, node: ast.AST) -> Change:
        return self.change if node is self.node else super().visit(node)


def with_field(node: ast.AST, name: str, value: object) -> ast.AST:
    """Return a node like this one, but for one field."""
    other = copy.copy(node)
    setattr(other, name, value)
    return other


def statements(program: str) -> list[ast.stmt]:
    """Return the statements of a piece of program."""
    return ast.parse(program).body


def expression(program: str) -> ast.expr:
    """Return an expression."""
    return ast.parse(program, mode="eval").body


def calls(node: ast.AST, *names: str) -> bool:
    """Tell whether this is a call of a function of one of these names, whatever it is an attribute of."""
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    return (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) in names


def is_done(node: ast.AST, *names: str) -> bool:
    """Tell whether this is a statement that only calls one of these."""
    return isinstance(node, ast.Expr) and calls(node.value, *names)


def mentions(node: ast.AST, *names: str) -> bool:
    """Tell whether any of these names stands in a piece of program."""
    text = ast.unparse(node)
    return any(name in text for name in names)
