"""Handlers that are none, and signals in the place of an end."""

import ast
from collections.abc import Iterator

from tests.mutation.site import Change, calls, expression, is_done, mentions, statements


def other_disposition(node: ast.AST) -> Iterator[Change]:
    """Ignore the signal, or do not handle it."""
    if calls(node, "signal") and isinstance(node, ast.Call) and len(node.args) == 2:
        number = ast.unparse(node.args[0])
        yield expression(f"signal.signal({number}, signal.SIG_IGN)")
        yield expression(f"signal.signal({number}, signal.SIG_DFL)")


def ignore_children(node: ast.AST) -> Iterator[Change]:
    """Ignore SIGCHLD before the first fork."""
    if isinstance(node, ast.Import) and mentions(node, "os"):
        yield [node, *statements("__import__('signal').signal(17, __import__('signal').SIG_IGN)")]


def kill_for_end(node: ast.AST) -> Iterator[Change]:
    """Kill the children before the wait for them."""
    if is_done(node, "wait", "waitpid") and isinstance(node, ast.stmt):
        for number in (9, 15):
            yield [*statements(KILL.format(number=number)), node]


KILL = "[os.kill(int(pid), {number}) for pid in open(f'/proc/self/task/{{os.getpid()}}/children').read().split()]"
