"""Who there was of a student's program, and who was whose child: a trace of the evidence."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from checks.judging.called import names
from checks.judging.seat import Evidence
from lab.proc import by_birth
from lab.trace import History, Trace

ESCAPE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\))")  # a colour, a title: console_codes(4)
HELPER = re.compile(r"from multiprocessing\.(resource_tracker|forkserver) import main")  # Python's argument after -c


@dataclass(frozen=True)
class Traced:
    """One trace of the evidence."""

    trace: Trace
    late: float  # seconds: how late a process that slept was served meanwhile

    @classmethod
    def of(cls, evidence: Evidence, number: int = 0) -> Self:
        """Return a trace of the evidence; there are as many as the exercise has made runs."""
        return cls(Trace.from_json(json.dumps(evidence["traces"][number])), evidence.get("late", 0.0))

    @property
    def root(self) -> History:
        """The program's first process."""
        return self.trace.root

    @cached_property
    def children(self) -> list[History]:
        """The children of the first process, in the order of their birth."""
        return self.children_of(self.root)

    @cached_property
    def others(self) -> list[History]:
        """All but the first process and the helpers, in the order of their birth."""
        found = (h for h in self.trace.processes if h is not self.root and not self.is_helper(h))
        return by_birth(found)

    @property
    def pids(self) -> set[int]:
        """The pids of all."""
        return {history.pid for history in self.trace.processes}

    @cached_property
    def said(self) -> list[str]:
        """The lines that it printed, without colours; one that was still in the buffer at a fork may be there twice."""
        return ESCAPE.sub("", self.trace.stdout.text).splitlines()

    def children_of(self, parent: History) -> list[History]:
        """Return the children of a process, without helpers, in the order of their birth."""
        return by_birth(child for child in self.trace.children(parent) if not self.is_helper(child))

    def is_helper(self, history: History) -> bool:
        """Tell whether a process is one that Python's multiprocessing needs itself, and not forked of one to work."""
        parent = self.trace.parent(history)
        return is_of_multiprocessing(history) and not (parent and is_of_multiprocessing(parent))

    def history(self, pid: int) -> History | None:
        """Return the process with a pid; the last, should two have had it."""
        found = [history for history in self.trace.processes if history.pid == pid]
        return found[-1] if found else None

    def named(self, name: str) -> list[History]:
        """Return the processes of a name, whether of the program, of its first argument, or of a script."""
        return [history for history in self.trace.processes if name in names(history)]


def is_of_multiprocessing(history: History) -> bool:
    """Tell whether a process runs a program that multiprocessing starts for itself."""
    return any(map(HELPER.match, history.command.cmdline))
