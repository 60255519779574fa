"""What the drawing in a browser says, in the chosen language: `options.texts` of lab/trace/page/timeline.js."""

from lab.language import tr, tr_as
from lab.trace.timeline import NOTHING, ptraced, state_names


def texts() -> dict[str, str]:
    """Return what texts.js has in English, under the same names; each {value} is filled in there."""
    states = {letter: name for letter, name in state_names().items() if letter != NOTHING}
    return states | _happenings() | _words()


def _happenings() -> dict[str, str]:
    return {
        "t": tr("stopped by a tracer"),
        "other": tr("another state"),
        "adopted": tr("adopted by {by}"),
        "exec": tr("now {command}"),
        "nice": tr("niceness {before} → {after}"),
        "threads": tr("threads {before} → {after}"),
        "reap": tr("waited for a child"),
        "wait": tr("{call} returned {child}: {how}"),
        "waited": tr("{call} returned {child}"),
        "waitFailed": tr("{call} fails: {error}"),
        "signal": tr("{signal} from {sender}"),
        "signalAlone": tr("{signal} arrives"),
        "exit": tr("exit {code}"),
        "killed": tr("killed by {signal}"),
        "gone": tr("gone"),
        "missed": tr("pids that came and went between two samples: {count}"),
        "ptraced": ptraced(),
    }


def _words() -> dict[str, str]:
    return {
        "marks": tr_as("mark", "command"),
        "marksAdopted": tr_as("mark", "adopted"),
        "marksNice": tr_as("mark", "niceness, threads"),
        "marksReap": tr_as("mark", "waited"),
        "marksSignal": tr_as("mark", "signal"),
        "state": tr("{state} since {moment} s, for {seconds} s"),
        "parent": tr("parent {ppid}"),
        "niceness": tr("niceness {nice}"),
        "at": tr("at {moment} s"),
        "now": tr_as("moment", "now"),
        "ago": tr("{seconds} s ago"),
        "second": tr("{moment} s"),
        "stalled": tr("no news for {seconds} s"),
        "zoomIn": tr("zoom in"),
        "zoomOut": tr("zoom out"),
        "fit": tr("all of it"),
        "follow": tr("follow"),
        "pause": tr("pause"),
        "cursor": tr_as("cursor", "moment"),
        "help": tr(
            "click or drag: a moment; arrow keys: move it, with Shift to a change; Ctrl and the wheel, + and −: zoom"
        ),
        "nobody": tr("no process at this moment"),
        "more": tr("… and {count} more"),
    }
