"""Lines that are printed twice, not at all, not as lines, or by somebody else."""

import ast
from collections.abc import Iterator

from tests.mutation.site import Change, calls, expression, is_done, mentions

ANSWERS = ("send", "sendall", "write")


def drop(node: ast.AST) -> Iterator[Change]:
    """Say nothing."""
    if is_done(node, "print", *ANSWERS):
        yield []


def twice(node: ast.AST) -> Iterator[Change]:
    """Say it twice."""
    if is_done(node, "print", *ANSWERS) and isinstance(node, ast.stmt):
        yield [node, node]


def without_end(node: ast.AST) -> Iterator[Change]:
    """Do not end the line."""
    if calls(node, "print") and isinstance(node, ast.Call) and not mentions(node, "end="):
        yield ast.Call(node.func, node.args, [*node.keywords, ast.keyword("end", ast.Constant(""))])
    if isinstance(node, ast.Constant) and node.value in ("\n", b"\n"):
        yield ast.Constant(type(node.value)())
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and len(node.value) > 1:
        end = "\n" if isinstance(node.value, str) else b"\n"
        if node.value[-1:] == end:
            yield ast.Constant(node.value[:-1])


def without_flush(node: ast.AST) -> Iterator[Change]:
    """Leave the line in the buffer."""
    if calls(node, "print") and isinstance(node, ast.Call) and mentions(node, "flush"):
        yield ast.Call(node.func, node.args, [word for word in node.keywords if word.arg != "flush"])


def by_the_other(node: ast.AST) -> Iterator[Change]:
    """Let who comes after the branch say what is to be said in it."""
    if not isinstance(node, ast.If) or not mentions(node.test, "fork", "pid"):
        return
    for line in [line for line in node.body if is_done(line, "print")]:
        rest = [other for other in node.body if other is not line] or [ast.Pass()]
        yield [ast.If(node.test, rest, node.orelse), line]
        yield ast.If(node.test, rest, [line, *node.orelse])


def of_the_other(node: ast.AST) -> Iterator[Change]:
    """Take another's pid, or one that was never asked for."""
    if calls(node, "getpid"):
        yield expression("os.getppid()")
        yield expression("4711")
    if calls(node, "getppid"):
        yield expression("os.getpid()")
        yield expression("1")


def loudly(node: ast.AST) -> Iterator[Change]:
    """Say it in capitals."""
    if calls(node, "print") and isinstance(node, ast.Call) and node.args:
        first = ast.Call(ast.Attribute(ast.Call(ast.Name("str"), [node.args[0]], []), "upper"), [], [])
        yield ast.Call(node.func, [first, *node.args[1:]], node.keywords)
