"""What an instructor reads exists in both languages: every sentence of the host's side goes through `tr`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clone import ROOT

SAID_BY = {
    "LabError",
    "KeyFaultError",
    "NotPutError",
    "Exit",
    "doing",
    "done",
    "note",
}  # whoever shows what it is given
SENTENCE = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
FILES = [path for room in ("fabfile", "host") for path in sorted((ROOT / "lab" / room).rglob("*.py"))]


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts in an expression that no call of `tr` has translated."""
    if isinstance(node, ast.Call) and name_of(node) == "tr":
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from texts(child)


def faults(source: str) -> list[str]:
    """Return the sentences that are said in one language only."""
    said = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and name_of(node) in SAID_BY]
    return [text for call in said for text in texts(call) if SENTENCE.search(text)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_sentence_is_in_both_languages(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("raise LabError('no such seat')", ["no such seat"]),
        ("step.done(f'{n} seats are up')", [" seats are up"]),
        ("raise LabError(tr('no such seat', '没有这个座位'))", []),
    ],
)
def test_the_rule_catches_what_it_forbids(source: str, wrong: list[str]) -> None:
    assert faults(source) == wrong
