"""How a process ended that somebody else has reaped: its descriptor of pidfd_open(2) outlives it, and knows.

Linux 6.15 and later tell by ioctl PIDFD_GET_INFO; the numbers and the layout are those of linux/pidfd.h.
"""

import fcntl
import os
import struct

from lab.trace.history import Exit

GET_INFO = 0xC0_40_FF_0B  # _IOWR(0xFF, 11, struct pidfd_info), of its first 64 bytes
EXIT = 1 << 3  # asked for, and answered, in the mask: the exit code is known
ASKED = struct.pack("<Q56x", EXIT)  # the mask, then what the kernel fills in
STATUS = struct.Struct("<Q52xi")  # the mask, and the status as wait(2) encodes it


def opened(pid: int) -> int | None:
    """Open a process, None where that cannot be done."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def how_it_ended(process: int) -> Exit | None:
    """Tell how a process that is gone has ended; None if this kernel does not tell."""
    try:
        mask, status = STATUS.unpack(fcntl.ioctl(process, GET_INFO, ASKED))
    except OSError:
        return None
    return Exit.of(status) if mask & EXIT else None
