"""How long a file may be, and a judge's function: what is longer is about more than one thing."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LINES = 400  # of a file
FUNCTION = 35  # lines of a function of an exercise's checks, with its docstring


def too_long(text: str, most: int) -> list[str]:
    """Return the functions of a module that have more lines."""
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    return [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= most]


@pytest.mark.parametrize("folder", ["lab", "checks"])
def test_no_file_is_long(folder: str) -> None:
    sizes = {path: len(path.read_text("utf-8").splitlines()) for path in (ROOT / folder).rglob("*.py")}
    assert {str(path): size for path, size in sizes.items() if size > LINES} == {}


def test_no_function_of_a_judge_is_long() -> None:
    paths = (ROOT / "checks" / "exercises").rglob("*.py")
    assert {str(path): names for path in paths if (names := too_long(path.read_text("utf-8"), FUNCTION))} == {}


def test_what_is_too_long_is_caught() -> None:
    assert too_long("def f():\n    1\n    2\n", most=2) == ["f"]
    assert too_long("def f():\n    1\n    2\n", most=3) == []
