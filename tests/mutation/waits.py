"""Waits that are forgotten, or are none."""

import ast
from collections.abc import Iterator

from tests.mutation.site import Change, calls, expression, is_done, statements

WAITS = ("wait", "waitpid", "waitid", "wait3", "wait4", "join", "communicate")


def drop(node: ast.AST) -> Iterator[Change]:
    """Forget a wait; where its answer is used, take one."""
    if is_done(node, *WAITS):
        yield []
    elif calls(node, "wait", "waitpid") and ast.unparse(node).startswith("os."):
        yield expression("(0, 0)")


def sleep_instead(node: ast.AST) -> Iterator[Change]:
    """Sleep for about as long as the children of these exercises run."""
    if is_done(node, *WAITS):
        yield statements("__import__('time').sleep(0.7)")
        yield statements("__import__('time').sleep(2)")


def look_only(node: ast.AST) -> Iterator[Change]:
    """Look at a child without reaping it."""
    if is_done(node, "wait", "waitpid") and ast.unparse(node).startswith("os."):
        yield statements("os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)")


def once_without_waiting(node: ast.AST) -> Iterator[Change]:
    """Ask for a child instead of waiting for it, and the other way round."""
    if calls(node, "waitpid") and isinstance(node, ast.Call) and len(node.args) == 2:
        pid, options = map(ast.unparse, node.args)
        yield expression(f"os.waitpid({pid}, {'0' if 'NOHANG' in options else 'os.WNOHANG'})")


def busily(node: ast.AST) -> Iterator[Change]:
    """Ask again and again, and rest in between for a moment, or not at all."""
    if is_done(node, "wait", "waitpid") and ast.unparse(node).startswith("os."):
        yield statements("while os.waitpid(-1, os.WNOHANG) == (0, 0):\n    pass")
        yield statements("while os.waitpid(-1, os.WNOHANG) == (0, 0):\n    __import__('time').sleep(0.4)")
