"""Memory that is used again.

What is allocated anew for every file is given to us page by page, each with a
fault of the processor and filled with zeros first: for 100 MB of documents 26,000
faults, which took a third of an export's processor time.
"""

import mmap
import threading
from contextlib import suppress

LEAST_BYTES = 64 << 10
"""A smaller buffer comes from the allocator's own free memory, without a fault."""

_LARGE_BYTES = 1 << 20
_KEPT_BYTES = 8 << 20


def fresh(size: int) -> memoryview:
    """Return ``size`` bytes of memory; a large piece goes back to the system when it is dropped.

    The C library would keep it for the thread that had it: with eight threads an export of
    files of 15 MB held 260 MB, of which it used 80.

    Raises:
        MemoryError: there is not so much.

    """
    return memoryview(bytearray(size) if size < _LARGE_BYTES else _mapping(size))


def _mapping(size: int) -> mmap.mmap:
    try:
        if not hasattr(mmap, "MAP_PRIVATE"):  # Windows
            return mmap.mmap(-1, size)
        # Shared memory, the default, takes twice as long to be filled for the first time.
        mapping = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except (OSError, OverflowError) as error:
        raise MemoryError from error
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):  # a kernel may do without
            mapping.madvise(mmap.MADV_HUGEPAGE)  # 8 faults for 16 MiB instead of 4,096
    return mapping


class Buffers:
    """Buffers of any size, lent and given back; safe to use from several threads.

    Args:
        kept_bytes: So much is kept while nobody uses it.

    """

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._held = 0
        self._free: list[bytearray | mmap.mmap] = []  # what was given back last comes last
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
        return fresh(1 << (size - 1).bit_length())[:size]

    def give(self, view: memoryview) -> None:
        """Take back what `take` lent; nobody may use it, or a part of it, any more."""
        whole = view.obj
        if not isinstance(whole, bytearray | mmap.mmap):
            raise TypeError("not one of these buffers")
        with self._lock:
            self._free.append(whole)
            self._held += len(whole)
            while self._held > self._kept_bytes:
                self._held -= len(self._free.pop(0))
