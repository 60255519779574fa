"""Steps in another order, too late, or without looking first."""

import ast
from collections.abc import Iterator

from tests.mutation.site import Change, is_done, mentions, statements, with_field

BLOCKS = (ast.Module, ast.FunctionDef, ast.If, ast.For, ast.While, ast.With, ast.Try)
TELLING = ("fork", "wait", "print", "exit", "send", "recv", "accept", "Popen", "Process", "start", "kill", "sleep")


def swap(node: ast.AST) -> Iterator[Change]:
    """Do two steps in the other order."""
    if not isinstance(node, BLOCKS) or isinstance(node, ast.Module):
        return
    for place in range(len(node.body) - 1):
        first, second = node.body[place : place + 2]
        if mentions(first, *TELLING) and mentions(second, *TELLING):
            yield with_field(node, "body", [*node.body[:place], second, first, *node.body[place + 2 :]])


def sleep_before(node: ast.AST) -> Iterator[Change]:
    """Sleep before a step."""
    if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef) and mentions(node, *TELLING):
        yield [*statements("__import__('time').sleep(1.2)"), node]


def drop(node: ast.AST) -> Iterator[Change]:
    """Forget a step that makes, or closes, or removes something."""
    if is_done(node, "bind", "listen", "close", "unlink", "setsid", "settimeout", "register", "unregister", "kill"):
        yield []


def without_asking(node: ast.AST) -> Iterator[Change]:
    """Do what is to be done on a condition in any case, and never."""
    if isinstance(node, ast.If) and not mentions(node.test, "__name__"):
        yield [*node.body]
        yield [*node.orelse]
