"""The tasks behind `make`: each says what it does in a line, and costs nothing when it is done already."""

from lab.fabfile.bringup import bundle_task, clean, down, engine_task, images_task, lab, leave, move, pack
from lab.fabfile.checking import check, gather, grade, prove
from lab.fabfile.classroom import board, drill_task, get, links, put, run, say, shell, status, transcript
from lab.fabfile.development import language, lint, run_tests, soak
from lab.fabfile.keeping import export_class, factory, import_class, list_snapshots, reset, restart, snapshot, undo

__all__ = [
    "board",
    "bundle_task",
    "check",
    "clean",
    "down",
    "drill_task",
    "engine_task",
    "export_class",
    "factory",
    "gather",
    "get",
    "grade",
    "images_task",
    "import_class",
    "lab",
    "language",
    "leave",
    "links",
    "lint",
    "list_snapshots",
    "move",
    "pack",
    "prove",
    "put",
    "reset",
    "restart",
    "run",
    "run_tests",
    "say",
    "shell",
    "snapshot",
    "soak",
    "status",
    "transcript",
    "undo",
]
