"""The standard streams: all three are there, and speak UTF-8."""

import os
import sys

from lab.language import speak_utf8


def open_streams() -> None:
    """Open those that the starter closed (`>&-`): else the next socket would get the number and be taken for one."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115, PTH123 (it stays open; the lowest number is the one)
    speak_utf8()
