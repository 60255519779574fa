"""Statuses, times and counts that are others, or are not learnt."""

import ast
from collections.abc import Iterator

from tests.mutation.site import Change, calls, expression


def status(node: ast.AST) -> Iterator[Change]:
    """End with another status."""
    if calls(node, "_exit", "exit") and isinstance(node, ast.Call) and len(node.args) == 1:
        code = ast.unparse(node.args[0])
        for other in ("0", "1", f"({code}) + 1", f"-({code})"):
            yield ast.Call(node.func, [expression(other)], [])


def not_learnt(node: ast.AST) -> Iterator[Change]:
    """Take a constant, or the whole status word, for what a wait has told."""
    if calls(node, "waitstatus_to_exitcode", "WEXITSTATUS") and isinstance(node, ast.Call):
        yield node.args[0]
        yield expression("{{code}}")
        yield expression("0")


def time(node: ast.AST) -> Iterator[Change]:
    """Sleep for another time, or not at all."""
    if calls(node, "sleep") and isinstance(node, ast.Call) and len(node.args) == 1:
        seconds = ast.unparse(node.args[0])
        for other in ("0", f"({seconds}) / 3", f"({seconds}) + 0.7", f"({seconds}) + 3"):
            yield ast.Call(node.func, [expression(other)], [])


def value(node: ast.AST) -> Iterator[Change]:
    """Take another number or name than this seat's."""
    if isinstance(node, ast.Set) and isinstance(node.elts[0], ast.Set):
        yield expression(f"{ast.unparse(node)} + 1")
