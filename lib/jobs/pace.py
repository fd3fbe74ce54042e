"""How fast work goes, and how long the rest of it will take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

WINDOW_S = 60.0
"""The rate is that of the last minute: what went before (a slow start, images that were skipped) says little."""

_SAMPLE_S = 0.5


class Pace:
    """Items a second over the last minute. Written by one thread, read by any.

    Counting begins with the first report: what was done before it says nothing about the pace.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque()

    def note(self, done: int) -> None:
        """So many items are done by now. Cheap enough to be called for each item."""
        now = self._clock()
        if self._samples and now - self._samples[-1][0] < _SAMPLE_S:
            return
        self._samples.append((now, done))
        while now - self._samples[0][0] > WINDOW_S and len(self._samples) > 2:
            self._samples.popleft()

    @property
    def rate(self) -> float:
        """Items a second; 0.0 while that cannot be told."""
        samples = list(self._samples)
        if len(samples) < 2:
            return 0.0
        # Up to now, not to the last report: where nothing has come for a while, the rate falls.
        return (samples[-1][1] - samples[0][1]) / (self._clock() - samples[0][0])

    def seconds_left(self, items: int) -> float | None:
        """Seconds that so many items will take; None while that cannot be told."""
        rate = self.rate
        return items / rate if rate > 0 else None
