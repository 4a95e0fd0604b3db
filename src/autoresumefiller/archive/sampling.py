"""Does it shrink? A cheap look before the expensive compression.

Most of a vault is PDF, DOCX and pictures: compressed already, and level 6 on
them costs twenty times what reading and hashing them costs, for nothing. But
a PDF may carry uncompressed tables, and a text file may carry a picture, so
the answer is given for each segment of a file.
"""

from collections.abc import Iterator
from typing import NamedTuple

from autoresumefiller.archive.compression import Buffer

PROBE_BYTES = 2048
"""Long enough for the codec to find its feet, short enough to cost 13 microseconds."""

SEGMENT_BYTES = 64 << 10
"""One probe stands for so many bytes: text of this length is never overlooked."""

LEAST_PROBES = 8
"""In a small file a segment is shorter, so that a table at its end is seen."""

SHRINKS_BELOW = 0.95
"""Random bytes grow by 0.2 %; base64, the least that is worth it, shrinks to 0.76."""


class Run(NamedTuple):
    """Consecutive bytes of one kind: ``start`` up to ``stop``."""

    start: int
    stop: int
    shrinks: bool


def shrinks(sample: Buffer) -> bool:
    """Tell whether a piece of a few kilobytes would become noticeably smaller."""
    from deflate import deflate_compress

    return len(deflate_compress(sample, 1)) < len(sample) * SHRINKS_BELOW


def runs(data: Buffer) -> list[Run]:
    """Divide a buffer into runs that shrink and runs that do not, in order, without gaps.

    Text of `SEGMENT_BYTES` is found wherever it is (in a file of less than
    half a megabyte, text of an eighth of the file).
    """
    found: list[Run] = []
    for start, stop, flag in _segments(memoryview(data)):
        if found and found[-1].shrinks == flag:
            found[-1] = Run(found[-1].start, stop, flag)
        else:
            found.append(Run(start, stop, flag))
    return found


def _segments(data: memoryview) -> Iterator[tuple[int, int, bool]]:
    size = len(data)
    step = max(PROBE_BYTES, min(SEGMENT_BYTES, size // LEAST_PROBES))
    start = 0
    while start < size:
        # A rest too short for a probe of its own goes with the segment before it.
        stop = size if size - start < step + PROBE_BYTES else start + step
        probe = probe_within(start, stop)
        yield start, stop, shrinks(data[probe : min(probe + PROBE_BYTES, stop)])
        start = stop


def probe_within(start: int, stop: int) -> int:
    """Return where to probe in a segment: somewhere else in each, the same in every run.

    Probes at equal distances would see only one kind in a file that
    alternates at that distance. (Knuth's multiplicative hash, TAOCP 6.4.)
    """
    room = max(0, stop - start - PROBE_BYTES)
    scattered = (start // PROBE_BYTES * 2654435761) & 0xFFFFFFFF
    return start + (room * scattered >> 32)


def shrinking_bytes(found: list[Run]) -> int:
    """Return how many bytes are in runs that shrink."""
    return sum(run.stop - run.start for run in found if run.shrinks)
