"""Branches, forks and ends of children that are not where they should be."""

import ast
from collections.abc import Iterator

from tests.mutation.site import Change, expression, is_done, mentions, statements, with_field

EXITS = ("_exit", "exit", "abort")


def fall_through(node: ast.AST) -> Iterator[Change]:
    """Drop an exit: the child goes on with what is the parent's."""
    if is_done(node, *EXITS):
        yield []


def swap_branches(node: ast.AST) -> Iterator[Change]:
    """Let the parent do what is the child's, and the child what is the parent's."""
    if isinstance(node, (ast.If, ast.IfExp)) and mentions(node.test, "fork", "pid"):
        yield with_field(node, "test", ast.UnaryOp(ast.Not(), node.test))


def fork_more(node: ast.AST) -> Iterator[Change]:
    """Fork once more: the new child as well, or a child that ends by itself after a while."""
    if isinstance(node, ast.Call) and ast.unparse(node) == "os.fork()":
        yield expression("(os.fork(), os.fork())[1]")
        yield expression("(os.fork() or (__import__('time').sleep(0.3), os._exit(0)), os.fork())[1]")


def fork_less(node: ast.AST) -> Iterator[Change]:
    """Do not fork: be the child only, or the parent only."""
    if isinstance(node, ast.Call) and ast.unparse(node) == "os.fork()":
        yield expression("0")
        yield expression("os.getpid()")


def count_otherwise(node: ast.AST) -> Iterator[Change]:
    """Loop once more, or once less."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "range" and len(node.args) == 1:
        count = ast.unparse(node.args[0])
        yield expression(f"range({count} + 1)")
        yield expression(f"range({count} - 1)")


def die(node: ast.AST) -> Iterator[Change]:
    """End by an error or a signal instead of by oneself."""
    if is_done(node, *EXITS):
        yield statements("raise RuntimeError('oops')")
        yield statements("os.kill(os.getpid(), 15)")
        yield statements("os.abort()")


def loop_once(node: ast.AST) -> Iterator[Change]:
    """Leave an endless loop after its first round."""
    if isinstance(node, ast.While) and ast.unparse(node.test) in ("True", "1"):
        yield ast.For(ast.Name("_", ast.Store()), expression("range(1)"), node.body, node.orelse)


def leave_or_stay(node: ast.AST) -> Iterator[Change]:
    """Go on with a loop instead of leaving it, and the other way round."""
    if isinstance(node, ast.Break):
        yield ast.Continue()
    if isinstance(node, ast.Continue):
        yield ast.Break()
