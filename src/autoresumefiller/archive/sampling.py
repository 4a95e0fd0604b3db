"""Does it shrink? A cheap look before the expensive compression.

Most of a vault is PDF, DOCX and pictures: compressed already, and level 6 on
them costs twenty times what reading and hashing them costs, for nothing. But
a PDF may carry uncompressed tables, and a text file may carry a picture, so
the answer is given for each segment of a file.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple, cast

from autoresumefiller.archive.compression import Buffer

PROBE_BYTES = 2048
"""Long enough for the codec to find its feet, short enough to cost 13 microseconds."""

SEGMENT_BYTES = 64 << 10
"""One probe stands for so many bytes: text of twice this length is never overlooked."""

LEAST_PROBES = 8
"""In a small file a segment is shorter, so that a table at its end is seen."""

FINE_BYTES = 8 << 10
"""How closely the place is found where text begins or ends."""

GROUP = 4

GLANCE_BYTES = 1024
TEXT_BELOW = 1.27

SHRINKS_BELOW = 0.95
"""Random bytes grow by 0.2 %; base64, the least that is worth it, shrinks to 0.76."""


LEAST_GAIN = 128
"""What would shrink by a smaller fraction than 1/128 is stored.

Nearly every PDF has some tables in clear that shrink, 700 bytes of half a megabyte; for them all of
it would be decompressed by each check and each import, which takes five times as long as its CRC.
"""


class Run(NamedTuple):
    """Consecutive bytes of one kind: ``start`` up to ``stop``."""

    start: int
    stop: int
    shrinks: bool


def shrinks(sample: Buffer) -> bool:
    """Tell whether a piece of a few kilobytes would become noticeably smaller."""
    from deflate import deflate_compress

    return len(deflate_compress(sample, 1)) < len(sample) * SHRINKS_BELOW


@cache
def _text_codec() -> Callable[[Buffer, int], bytes] | None:
    try:
        from isal import igzip_lib
    except ImportError:
        return None
    return cast("Callable[[Buffer, int], bytes]", igzip_lib.compress)


def looks_like_text(sample: Buffer) -> bool:
    """Tell the same in a quarter of the time, but overlook some of what shrinks.

    ISA-L's level 0 has fixed codes made for text: 1024 bytes of noise grow by
    a third, base64 by a fifth; waveforms and bitmaps look like noise to it.
    """
    compress = _text_codec()
    if compress is None:
        return shrinks(sample)
    sample = sample[:GLANCE_BYTES]
    return len(compress(sample, 0)) < len(sample) * TEXT_BELOW


def runs(data: Buffer) -> list[Run]:
    """Divide a buffer into runs that shrink and runs that do not, in order, without gaps.

    Text of twice `SEGMENT_BYTES` is found wherever it is (in a file of less than
    half a megabyte, text of a quarter of the file); what shrinks without being
    text, a bitmap or a waveform, where there is `GROUP` times as much.
    """
    view = memoryview(data)
    step = max(PROBE_BYTES, min(SEGMENT_BYTES, len(view) // LEAST_PROBES))
    coarse = list(_coarse(view, step))
    found: list[Run] = []
    for index, run in enumerate(coarse):
        near = coarse[max(0, index - 1) : index + 2]
        if all(other.shrinks == run.shrinks for other in near):
            _join(found, run)
            continue
        # Compressing noise costs far more than looking closer.
        for part in _probed(view, run.start, run.stop, FINE_BYTES, looks_like_text):
            _join(found, part)
    return found


def shrinks_or_is_text(sample: Buffer) -> bool:
    """Tell the same as `shrinks`, of text sooner."""
    return looks_like_text(sample) or shrinks(sample)


def _coarse(data: memoryview, step: int) -> Iterator[Run]:
    """Probe every segment; only at a glance where the first of its group does not shrink.

    So it is with nearly all groups of a vault, and with them three probes of
    four cost a quarter.
    """
    for start in range(0, len(data), GROUP * step):
        end = min(start + GROUP * step, len(data))
        # A rest too short for a probe goes with what is before it, across groups too.
        if len(data) - end < PROBE_BYTES:
            end = len(data)
        first = end if end - start < step + PROBE_BYTES else start + step
        head = next(_probed(data, start, first, step, shrinks_or_is_text))
        yield head
        test = shrinks_or_is_text if head.shrinks else looks_like_text
        yield from _probed(data, first, end, step, test)
        if end == len(data):
            return


def _probed(
    data: memoryview, start: int, end: int, step: int, test: Callable[[Buffer], bool]
) -> Iterator[Run]:
    while start < end:
        # A rest too short for a probe of its own goes with what is before it.
        stop = end if end - start < step + PROBE_BYTES else start + step
        probe = probe_within(start, stop)
        yield Run(start, stop, test(data[probe : min(probe + PROBE_BYTES, stop)]))
        start = stop


def _join(found: list[Run], run: Run) -> None:
    if found and found[-1].shrinks == run.shrinks:
        found[-1] = found[-1]._replace(stop=run.stop)
    else:
        found.append(run)


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
