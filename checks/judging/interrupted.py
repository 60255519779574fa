"""Whether it may be our own pause that has ended a program.

When a stopped program goes on, epoll_wait, and a recv with a timeout, fail with EINTR, though it has no handler:
signal(7). In a seat nobody stops it, so who takes any error of these for the end is right.
"""

import re

from checks.judging.seat import Evidence
from checks.judging.seen import Seen

WORDS = re.compile(r"Interrupted|EINTR|中断")


def may_be_interrupted(evidence: Evidence) -> bool:
    """Tell whether a program has ended by itself after it was `paused`, and not by another error that it has told."""
    if not evidence.get("ended") or "paused" not in evidence:
        return False
    trace = Seen.of(evidence).trace
    has_no_error = not trace.stderr.text.strip() or WORDS.search(trace.stderr.text) is not None
    chose_to_end = trace.exit is None or trace.exit.signal is None
    return has_no_error and chose_to_end and trace.ended is not None and trace.ended >= evidence["paused"]
