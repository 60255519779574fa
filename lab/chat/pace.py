"""How fast a seat may speak: some lines at once, then so many a second. What comes faster waits, and is not dropped."""

import math

BURST = 20  # lines
RATE = 5.0  # lines a second


class Pace:
    """What one seat has left to say, by whichever of its connections: a token bucket of BURST lines."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.burst = 0  # its number: a new one begins with the first line after the bucket was full
        self._full_at = -math.inf

    @property
    def ready_at(self) -> float:
        """When one more line may be said, on the monotonic clock."""
        return self._full_at - (BURST - 1) / self.rate

    def take(self, now: float) -> bool:
        """Say a line if one may be said now."""
        if now < self.ready_at:
            return False
        self.burst += now >= self._full_at
        self._full_at = max(now, self._full_at) + 1 / self.rate
        return True
