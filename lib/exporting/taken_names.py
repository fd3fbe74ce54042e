"""Which names an export has given already, in a few bytes each: of a million they would take more than all else."""

from __future__ import annotations

import hashlib
from array import array

_FIRST = 1 << 10


class TakenNames:
    """Names by hashes of 64 bits, of which two are the same once in many millions of millions.

    Then a name that is free counts as taken, and its file gets a number: none is ever given twice.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * _FIRST))
        self._count = 0

    @property
    def bytes(self) -> int:
        """What it holds."""
        return len(self._slots) * self._slots.itemsize

    def add(self, name: str) -> bool:
        """Takes a name; False where it was taken before."""
        digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        # Nothing lies in a slot that holds 0.
        if not self._put(int.from_bytes(digest) or 1):
            return False
        self._count += 1
        if 2 * self._count > len(self._slots):
            self._grow()
        return True

    def _put(self, number: int) -> bool:
        slots, last = self._slots, len(self._slots) - 1
        at = number & last
        while slots[at]:
            if slots[at] == number:
                return False
            at = (at + 1) & last
        slots[at] = number
        return True

    def _grow(self) -> None:
        before = self._slots
        self._slots = array("Q", bytes(16 * len(before)))
        for number in before:
            if number:
                self._put(number)
