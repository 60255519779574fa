"""What was seen, as a person reads it: the timeline of a program, or of a seat's processes the rows of ps."""

from lab.trace import History, Trace
from lab.trace.timeline import command_line, draw, fit, printable

WIDTH = 80
ROWS = 30


def picture(trace: Trace, colour: bool = False) -> str:
    """Return the drawing of a trace."""
    return draw(trace, WIDTH, colour) if trace.command else ps(trace)


def ps(trace: Trace) -> str:
    """Return the processes that were there at the end, and their STAT: all the letters that they had, if several."""
    there = sorted((history for history in trace.processes if history.gone is None), key=lambda history: history.pid)
    rows = [row(history) for history in there[:ROWS]]
    rest = [f"… {len(there) - ROWS}"] if len(there) > ROWS else []
    return "\n".join([f"{'PID':>7} {'PPID':>7} {'PGID':>7} {'STAT':<6} {'NI':>3} COMMAND", *rows, *rest])


def row(history: History) -> str:
    """Return one row."""
    command = history.command
    name = command_line(command) if command.cmdline else f"[{printable(command.comm)}]"
    parent, group, niceness = (spans[-1].value for spans in (history.parents, history.groups, history.niceness))
    return fit(f"{history.pid:7} {parent:7} {group:7} {stat(history):<6} {niceness:3} {name}", WIDTH)


def stat(history: History) -> str:
    """Return the STAT letters, as ps prints them."""
    states = "/".join(dict.fromkeys(span.value for span in history.states[-20:]))
    niceness = history.niceness[-1].value
    marks = {
        "<": niceness < 0,
        "N": niceness > 0,
        "s": history.sessions[-1].value == history.pid,
        "l": history.threads[-1].value > 1,
        "+": history.foreground[-1].value,
    }
    return states + "".join(mark for mark, holds in marks.items() if holds)
