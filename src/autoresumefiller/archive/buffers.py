"""Memory that is used again.

What is allocated anew for every file is given to us page by page, each with a
fault of the processor and filled with zeros first: for 100 MB of documents 26,000
faults, which took a third of an export's processor time.
"""

import threading

LEAST_BYTES = 64 << 10
"""A smaller buffer comes from the allocator's own free memory, without a fault."""

_KEPT_BYTES = 8 << 20


class Buffers:
    """Buffers of any size, lent and given back; safe to use from several threads.

    Args:
        kept_bytes: So much is kept while nobody uses it.

    """

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._held = 0
        self._free: list[bytearray] = []  # what was given back last comes last
        self._lock = threading.Lock()

    def take(self, size: int) -> memoryview:
        """Lend a buffer of ``size`` bytes, with whatever was in it."""
        with self._lock:
            for index in reversed(range(len(self._free))):
                # One that is far too large would soon be missing where it is needed.
                if size <= len(self._free[index]) <= 4 * size:
                    found = self._free.pop(index)
                    self._held -= len(found)
                    return memoryview(found)[:size]
        # Rounded up, so that it suits others too.
        return memoryview(bytearray(1 << (size - 1).bit_length()))[:size]

    def give(self, view: memoryview) -> None:
        """Take back what `take` lent; nobody may use it, or a part of it, any more."""
        whole = view.obj
        if not isinstance(whole, bytearray):
            raise TypeError("not one of these buffers")
        with self._lock:
            self._free.append(whole)
            self._held += len(whole)
            while self._held > self._kept_bytes:
                self._held -= len(self._free.pop(0))
