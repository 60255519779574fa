"""Where a check looks: the server's container, a seat, or this machine, through any of testinfra's backends."""

import fcntl
import json
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import testinfra
from testinfra.host import Host

from checks.judging.verdict import CouldNotRunError, Wrong
from lab.trace import Trace

PROBES = Path(__file__).parent / "probes"
BEGIN, END = "@forklab begin", "@forklab end "
NOBODYS = "export HOME=/ PYTHONNOUSERSITE=1"  # what the student has set up there, such as a ~/.toprc, changes no answer
PS = "ps -ww -eo pid,ppid,stat,ni,user:12,args"


class Place:
    """A name and a way in; every check goes in once."""

    def __init__(self, name: str, url: str) -> None:
        """`url` is testinfra's: docker://CONTAINER, ssh://…, local://."""
        self.name = name
        self._host: Host = testinfra.get_host(url)
        # Else the place's own python3 is asked, and what the student has it do at its start answers.
        self._host.backend._encoding = "UTF-8"
        self._key = re.sub(r"\W+", "-", url)

    def __repr__(self) -> str:
        """Name it as the results do."""
        return self.name

    def run(self, command: str, *, alone: bool = False) -> str:
        """Return what a shell command prints on stdout. Raises CouldNotRunError unless it was run to its end.

        One that exhausts the place runs `alone`: no other check looks there meanwhile.
        """
        with self._turn(alone):
            result = self._host.run(f"{NOBODYS}\necho {BEGIN}\n{{ {command}\n}}\necho {END}$?")
        lines = str(result.stdout).splitlines()
        if not lines or lines[0] != BEGIN or not lines[-1].startswith(END):
            said = str(result.stderr).strip().splitlines()
            raise CouldNotRunError(said[-1] if said else f"a command in {self.name} was cut short")
        return "\n".join(lines[1:-1])

    def probe(self, name: str, *arguments: object, alone: bool = False) -> Any:
        """Run one of the probes there, and return the JSON that it prints."""
        source = (PROBES / f"{name}.py").read_text(encoding="utf-8")
        return self._python(["-c", source, *map(str, arguments)], alone=alone)

    def trace(self, *command: str, seconds: float | None = None) -> Trace:
        """Record a command there; what still runs after `seconds` is ended."""
        limit = [] if seconds is None else ["--for", str(seconds)]
        return Trace.from_json(json.dumps(self._python(["-m", "lab.trace", "--json", *limit, "--", *command])))

    @contextmanager
    def _turn(self, alone: bool) -> Iterator[None]:
        """Share the place with the other workers' checks, or have it to ourselves."""
        lock = Path(tempfile.gettempdir(), f"forklab-checks-{os.getuid()}-{self._key}.lock")
        with lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            yield

    def _python(self, arguments: list[str], *, alone: bool = False) -> Any:
        words = " ".join(shlex.quote(word) for word in ["python3", "-P", *arguments])
        said = self.run(f"{words} 2>&1", alone=alone)
        try:
            return json.loads(said)
        except json.JSONDecodeError as error:
            raise Wrong("the probe itself failed in there", actual=said.splitlines()[-1:], rows=said) from error
