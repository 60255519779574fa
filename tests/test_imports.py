"""Who may import whom: the rooms of the house, and DESIGN.md's rule, read from the imports themselves."""

import ast
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Each may import those above it, and its own; what is called alike is one room.
ROOMS = (
    *("lab.proc", "lab.exercises", "lab.invisible", "lab.signals", "lab.catalogue", "lab.language"),
    *("lab.demos", "lab.chat", "lab.door", "lab.trace", "lab.watch", "lab.student", "lab.web"),
    *(
        "lab.host",
        "lab.host.bringup",
        "lab.host.enrolment",
        "lab.host.keeping",
        "lab.host.classroom",
        "lab.host.hosts",
        "lab.fabfile",
    ),
    *("checks.judging", "checks.exercises", "checks.lab", "checks.demos", "checks.grading", "checks.conftest"),
)
ON_THE_GROUND = ("lab.exercises", "lab.proc")
HOST_SIDE = ("lab.host", "lab.fabfile")
SEAT_SIDE = ("checks.exercises", "checks.judging")
BEFORE_A_VENV = (
    "lab.host.local",
    "lab.host.lock",
    "lab.host.owner",
    "lab.host.python",
    "lab.host.bringup.bundle",
    "lab.host.bringup.venv",
    "lab.host.targets",
    "lab.host.whole",
)
IN_WEB = {"jinja2", "tornado"}  # what its image has besides the standard library
HOST_ONLY = {"docker", "fabric", "invoke", "paramiko", "pytest", "rich", "testinfra"}


def module_of(path: Path) -> str:
    """Return the dotted name of a file of ours."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = {
    module_of(path): path
    for top in ("lab", "checks")
    for path in sorted((ROOT / top).rglob("*.py"))
    if path.name != "skeleton.py"
}


def imports(path: Path) -> set[str]:
    """Return the dotted names that a file imports, wherever in it: a module's, or what is in a module of another's."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it leads"
            module = node.module or ""
            inside = {f"{module}.{alias.name}" for alias in node.names}
            names |= {name if name in FILES or is_a_folder(name) else module for name in inside}
    return names


def is_a_folder(name: str) -> bool:
    return (ROOT / name.replace(".", "/")).is_dir()


def is_in(name: str, *rooms: str) -> bool:
    return any(f"{name}.".startswith(f"{room}.") for room in rooms)


def room_of(name: str) -> str:
    """Return the innermost room that a module is in; "" if it is in none."""
    return max((room for room in ROOMS if is_in(name, room)), key=len, default="")


def faults(module: str, path: Path) -> list[str]:
    """Return the imports of a file that its place forbids."""
    wrong = []
    for name in imports(path):
        top = name.split(".")[0]
        if top in ("lab", "checks", "tests"):
            wrong += [] if may_have(module, name) else [name]
        elif top not in sys.stdlib_module_names:
            is_free = is_in(module, *HOST_SIDE, "checks") and not is_in(module, *SEAT_SIDE, *BEFORE_A_VENV)
            if top in IN_WEB and is_in(module, "lab.web"):
                continue
            wrong += [] if is_free and (top != "fabric" or is_in(module, "lab.fabfile")) else [name]
    return wrong


def may_have(module: str, name: str) -> bool:
    """Tell whether a file of ours may import another one."""
    here, there = room_of(module), room_of(name)
    if not there or (there != here and here in ON_THE_GROUND):
        return False
    if module in BEFORE_A_VENV and is_in(name, "lab.host"):
        return name in BEFORE_A_VENV
    if is_in(module, "checks") and is_in(name, *HOST_SIDE):
        return False
    return ROOMS.index(there) <= ROOMS.index(here)


@pytest.mark.parametrize("module", [name for name in FILES if name not in ("lab", "checks")])
def test_imports_point_one_way(module: str) -> None:
    assert room_of(module), "it is in no room"
    assert faults(module, FILES[module]) == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    TopologicalSorter({name: imports(path) & set(FILES) for name, path in FILES.items()}).prepare()


def test_a_circle_is_caught() -> None:
    with pytest.raises(CycleError):
        TopologicalSorter({"lab.door.join": {"lab.door.pulse"}, "lab.door.pulse": {"lab.door.join"}}).prepare()


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        *(
            ("lab.proc", name)
            for name in (*sorted(HOST_ONLY), "checks.demos", "tests.eventually", "lab.host.bringup.engine")
        ),
        *(
            ("checks.exercises.zombie", name)
            for name in (*sorted(HOST_ONLY), "checks.lab.place", "lab.host.bringup.engine")
        ),
        ("lab.exercises.zombie.values", "lab.language"),
        ("lab.proc", "lab.language"),
        ("lab.trace.timeline", "lab.student.cli"),
        ("lab.web.server", "lab.host.project"),
        ("lab.web.server", "docker"),
        ("lab.watch.server", "tornado"),
        ("lab.student.board", "lab.web.events"),
        ("lab.student.cli", "lab.fabfile.turn"),
        ("lab.host.compose", "lab.host.enrolment.roster"),
        ("lab.host.enrolment.roster", "lab.host.keeping.keeper"),
        ("lab.host.keeping.keeper", "fabric"),
        ("lab.host.classroom.remote", "lab.fabfile.turn"),
        ("lab.host.bringup.venv", "docker"),
        ("lab.host.bringup.venv", "lab.host.command"),
        ("checks.judging.seen", "checks.exercises.zombie"),
        ("checks.lab.place", "lab.host.project"),
    ],
)
def test_the_rule_catches_what_it_forbids(module: str, forbidden: str, tmp_path: Path) -> None:
    culprit = tmp_path / "culprit.py"
    culprit.write_text(f"def later():\n    import {forbidden}\n")
    assert faults(module, culprit) == [forbidden]
