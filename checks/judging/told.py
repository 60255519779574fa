"""What a program told of an error that has ended it, or one of its children."""

import re
from pathlib import PurePath

from checks.judging.timed import Timed
from checks.judging.traced import ESCAPE
from lab.language import tr
from lab.trace import History
from lab.trace.timeline import printable

FAILURES = (1, 2, 126, 127, 255)  # exit statuses of whom an error has ended, in Python, perl, and the shells
COMPLAINT = re.compile(  # with all of its line; what a program says itself of an error that it has caught is none
    r"^.*(?:Traceback \(most recent| line \d+[.:,]|not found).*|^(?:\w+\.)*\w*Error\b(?!\().*", re.MULTILINE
)
RAISED = re.compile(  # Python's last word; a handler may print in between
    r"^Traceback \(most recent call last\):\n(?:[ \t].*\n)+((?:\w+\.)*(?:[A-Z]\w*$|\w+: ).*)", re.MULTILINE
)
NAMED = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception)\b.*", re.MULTILINE)  # where somebody else printed in between
DIED = re.compile(r"^\S.* at \S+ line \d+\.$", re.MULTILINE)  # perl's first word: the others follow from it
ERROR = re.compile(  # what a last line on a terminal may be, besides what is printed
    r"Error\b|Exception\b|Interrupt\b|line \d+|not found|denied|No such|[Ff]ault|[Aa]borted"
)


class Told(Timed):
    """A trace, and the errors in it."""

    @property
    def complaints(self) -> str:
        """What it wrote to stderr, without colours; on a terminal that and its output may be one."""
        is_one = self.trace.terminal and not self.trace.stderr.text
        written = self.trace.stdout if is_one else self.trace.stderr
        return ESCAPE.sub("", written.text)

    @property
    def last_words(self) -> str:
        """What ended it, of its errors, behind the line of the program that it is about; "" if there was none."""
        return self.error_in(self.complaints)

    @property
    def words_of_a_child(self) -> str:
        """What ended the first that an error has ended: what a parent says of its own error comes behind."""
        text = self.complaints.replace("\r", "")
        first = RAISED.search(text)
        return self.error_in(text[: first.end()] if first else text)

    def error_in(self, text: str) -> str:
        """Return the last error in a text, behind the line of the program that it is about; "" if there is none."""
        plain = text.replace("\r", "")
        told = RAISED.findall(plain)[-1:] or NAMED.findall(plain)[-1:] or DIED.findall(plain)[:1]
        last = told or text.strip().splitlines()[-1:]
        is_printed = self.trace.terminal and not self.trace.stderr.text
        if not last or (is_printed and not told and not ERROR.search(last[0])):
            return ""
        script = "|".join(re.escape(PurePath(word).name) for word in self.trace.command[:2])
        lines = re.findall(rf'File "(?:[^"]*/)?(?:{script})", line (\d+)', text)
        where = tr("line {lines}: ", lines=lines[-1]) if lines else ""
        return tr(": {error}", error=where + printable(last[0][:200]))

    def on_stderr(self, wanted: re.Pattern[str]) -> str:
        """Say, if so, that what was to be printed was written to stderr."""
        if self.trace.terminal and not self.trace.stderr.text:
            return ""
        is_there = wanted.search(ESCAPE.sub("", self.trace.stderr.text.replace("\r", "")))
        return tr("; it came on stderr, and what is printed goes to stdout") if is_there else ""

    def has_failed(self, child: History) -> bool:
        """Tell whether a process ended by an error that it has told: a status alone may be of its own choice."""
        is_failure = child.exit is not None and child.exit.code in FAILURES
        text = self.complaints.replace("\r", "")
        found = COMPLAINT.search(text)
        told = found and (RAISED.match(text, found.start()) or found)  # of Python, to its last word
        return is_failure and told is not None and self.may_have_written(child, told[0])

    def may_have_written(self, child: History, text: str) -> bool:
        """Tell whether a process may have written a text: what is longer than all that it wrote is somebody else's."""
        size = len(text.encode())
        if not child.written or child.written[-1].value >= size:
            return True
        return not (any(span.value == "Z" for span in child.states) or self.left_less(child, size))

    def left_less(self, child: History, size: int) -> bool:
        """Tell whether a parent that waited for a process got fewer bytes of it: they are then added to its own."""
        parent = self.trace.parent(child)
        if parent is None or not parent.written or not self.is_reaped(child):
            return False
        since, until = self.going(child)
        return until < parent.last_seen and self.wrote(parent, since, until) < size
