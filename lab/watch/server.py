"""The loop of `watch`: samples on a schedule, and frames to whoever reads."""

import os
import selectors
import signal
import time

from lab.chat.listener import Listener
from lab.signals import do_nothing
from lab.watch.readers import Readers
from lab.watch.sampler import Sampler
from lab.watch.whose import Whose

INTERVAL = 0.1  # seconds between two samples of all seats
LOOKED_AT_INTERVAL = 0.02  # and of those that somebody looks at
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def now() -> float:
    """Return the seconds of the clock on which /proc dates processes."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Server:
    """One sampler, any number of readers, until a signal."""

    def __init__(self, listener: Listener, whose: Whose, stop: int) -> None:
        """`stop` is a descriptor that is readable once it is to end."""
        self._listener = listener.socket
        self._selector = selectors.DefaultSelector()
        self._stop = stop
        self._sampler = Sampler(whose)
        self._readers = Readers(self._selector)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._stop, selectors.EVENT_READ)
        self._due = self._due_for_all = now()

    def run(self) -> None:
        """Sample and serve until a signal says that it is enough."""
        self._sample()
        while self._attend():
            if now() >= self._due:
                self._sample()

    def _sample(self) -> None:
        """Take the sample that is due, hand it out, and settle when the next one is: we have half a core at most."""
        began, before = now(), time.process_time()
        looked_at = self._readers.looked_at()
        is_for_all = began >= self._due_for_all
        self._sampler.sample(began, None if is_for_all else looked_at)
        self._readers.show(self._sampler.seats, began)
        earliest = now() + time.process_time() - before
        if is_for_all:
            self._due_for_all = max(self._due_for_all + INTERVAL, earliest)
        self._due = self._due_for_all
        if looked_at:
            self._due = min(self._due, max(began + LOOKED_AT_INTERVAL, earliest))

    def _attend(self) -> bool:
        """Wait until a sample is due or somebody wants something; tell whether we go on."""
        for key, events in self._selector.select(max(0.0, self._due - now())):
            if key.fileobj is self._listener:
                self._readers.accept(self._listener, self._sampler.seats, now())
            elif key.fd == self._stop:
                return False
            else:
                self._readers.attend(key.fd, events, now())
        return True


def watch_signals() -> int:
    """Return a descriptor that is readable once a signal has come that ends us."""
    readable, writable = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    for number in STOP_SIGNALS:
        signal.signal(number, do_nothing)
    return readable
