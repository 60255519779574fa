"""Who may import whom: DESIGN.md's rule, read from the imports themselves."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
STUDENT_SIDE = {"chat", "demos", "door", "exercises", "language"}  # and each module beside lab/fabfile.py
SEAT_SIDE = ("checks/exercises", "checks/judging", "checks/spans.py", "checks/verdict.py")
HOST_ONLY = {"docker", "fabric", "invoke", "paramiko", "pytest", "rich", "testinfra"}


def imports(path: Path) -> set[str]:
    """Return the dotted names that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it leads"
            module = node.module or ""
            names |= {
                f"{module}.{alias.name}" if module in ("lab", "checks", "tests") else module for alias in node.names
            }
    return names


def files(*folders: str) -> list[Path]:
    found = [path for name in folders for path in sorted((ROOT / name).rglob("*.py")) or [ROOT / name]]
    assert found, folders
    return found


def seat_faults(path: Path) -> list[str]:
    """Return the imports of a file in checks/ that an image does not have."""
    allowed = {*sys.stdlib_module_names, "lab"}
    ours = ("checks.exercises", "checks.judging", "checks.spans", "checks.verdict")
    wrong = [name for name in imports(path) if name.split(".")[0] not in allowed and not name.startswith(ours)]
    return wrong + [name for name in imports(path) if name.startswith(("lab.seats", "lab.fabfile"))]


def is_host_side(path: Path) -> bool:
    return path.is_relative_to(ROOT / "lab" / "seats") or path == ROOT / "lab" / "fabfile.py"


def faults(path: Path) -> list[str]:
    """Return the imports of a file in lab/ that the rule forbids."""
    allowed = set(sys.stdlib_module_names)
    wrong = []
    for name in imports(path):
        top = name.split(".")[0]
        if top in ("checks", "tests"):
            wrong.append(name)
        elif is_host_side(path):
            wrong += [name] if top == "fabric" and path.name != "fabfile.py" else []
        elif name.startswith(("lab.seats", "lab.fabfile")) or (top != "lab" and top not in allowed):
            wrong.append(name)
    return wrong


@pytest.mark.parametrize("path", files("lab"), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_point_one_way(path: Path) -> None:
    assert faults(path) == []


@pytest.mark.parametrize("path", files(*SEAT_SIDE), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_checks_an_exercise_runs_in_a_seat(path: Path) -> None:
    assert seat_faults(path) == []


@pytest.mark.parametrize("module", sorted(HOST_ONLY | {"checks.place", "tests.eventually", "lab.seats.engine"}))
def test_that_rule_too_catches_what_it_forbids(module: str, tmp_path: Path) -> None:
    culprit = tmp_path / "zombie.py"
    culprit.write_text(f"def later():\n    import {module}\n")
    assert seat_faults(culprit) == [module]


@pytest.mark.parametrize(
    "path", files(*(f"lab/seats/{name}.py" for name in ("local", "venv", "lock", "owner"))), ids=lambda path: path.name
)
def test_what_runs_before_there_is_a_venv_needs_none(path: Path) -> None:
    assert {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names) <= {"lab"}
    assert {name for name in imports(path) if name.startswith("lab.seats")} <= {
        "lab.seats.lock",
        "lab.seats.owner",
        "lab.seats.venv",
    }


@pytest.mark.parametrize("module", sorted(HOST_ONLY | {"checks.demos", "tests.eventually", "lab.seats.engine"}))
def test_the_rule_catches_what_it_forbids(module: str, tmp_path: Path) -> None:
    culprit = tmp_path / "proc.py"
    culprit.write_text(f"def later():\n    import {module}\n")
    assert faults(culprit) == [module]
