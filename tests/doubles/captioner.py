"""A captioner that answers from a queue, for tests of what is done with answers."""

from __future__ import annotations

import threading
from collections import deque

from lib.domain import Caption, CaptionRequest, ModelSpec
from lib.providers.base import Captioner


class FakeCaptioner(Captioner):
    """Gives the enqueued captions, or raises the enqueued errors, in order; then "a caption" for ever."""

    def __init__(self) -> None:
        super().__init__(ModelSpec("fake", "Fake", "local", "fake/model"))
        self.requests: list[CaptionRequest] = []
        self._answers: deque[str | Exception] = deque()
        self._lock = threading.Lock()

    def enqueue(self, *answers: str | Exception) -> None:
        self._answers.extend(answers)

    def caption(self, request: CaptionRequest) -> Caption:
        with self._lock:
            self.requests.append(request)
            answer = self._answers.popleft() if self._answers else "a caption"
        if isinstance(answer, Exception):
            raise answer
        return Caption(answer, seconds=0.1)
