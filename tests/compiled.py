"""Programs in C, made for the seats of the tests: static ones, since a seat has no compiler and another C library."""

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

FLAGS = ("-std=gnu99", "-O1", "-static", "-pthread", "-Wall", "-Wextra", "-Werror")


@cache
def compiled(source: str) -> bytes:
    """Return the executable of a program, which is compiled once."""
    assert shutil.which("gcc"), "There is no C compiler here: install gcc and libc6-dev, as `make test` does as root."
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "program")
        command = ["gcc", *FLAGS, "-x", "c", "-", "-o", str(program)]
        done = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return program.read_bytes()
