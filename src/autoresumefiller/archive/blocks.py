"""Deflate streams made of parts, so that what does not shrink costs nothing.

A part is compressed by itself, with the 32 KiB before it as its dictionary,
and ends on a byte; incompressible runs become stored blocks that refer to the
source's bytes without a copy (RFC 1951, section 3.2.4).
"""

import struct
from collections.abc import Iterator, Sequence

from autoresumefiller.archive.compression import (
    DICTIONARY_BYTES,
    LAST_BLOCK,
    Buffer,
    deflate_part,
    total_length,
)
from autoresumefiller.archive.sampling import Run, runs

BLOCK_BYTES = 1 << 20
"""What one worker compresses at a time of a file that is too large for one buffer."""

MOST_SHRINKING = 128
"""A part never becomes smaller than this fraction of its source.

Readers take a large member that shrank more than 200:1 for a bomb
(`limits.Limits.max_ratio`), but a sparse file is an honest thing to own.
"""

_STORED_MOST = 0xFFFF
_STORED_HEADER = struct.Struct("<BHH")


def stored_blocks(data: memoryview) -> Iterator[Buffer]:
    """Yield the bytes as stored blocks; the stream must be at a byte boundary."""
    for start in range(0, len(data), _STORED_MOST):
        piece = data[start : start + _STORED_MOST]
        yield _STORED_HEADER.pack(0, len(piece), len(piece) ^ 0xFFFF)
        yield piece


def deflate_block(data: Buffer, *, before: Buffer = b"") -> list[Buffer]:
    """Compress a block of a stream, each run in the way that suits it.

    Args:
        data: The block.
        before: The bytes of the stream before it; the last 32 KiB are used.

    """
    return _deflate_runs(memoryview(data), runs(data), before)


def _deflate_runs(view: memoryview, found: Sequence[Run], before: Buffer) -> list[Buffer]:
    pieces: list[Buffer] = []
    for run in found:
        dictionary = (
            view[max(0, run.start - DICTIONARY_BYTES) : run.start]
            if run.start
            else memoryview(before)[-DICTIONARY_BYTES:]
        )
        pieces += _deflate_run(view, run, dictionary)
    return pieces


def _deflate_run(view: memoryview, run: Run, dictionary: memoryview) -> Sequence[Buffer]:
    data = view[run.start : run.stop]
    if not run.shrinks:
        return [*stored_blocks(data)]
    parts = deflate_part(data, dictionary=dictionary)
    length = total_length(parts)
    if length >= len(data):
        return [*stored_blocks(data)]
    least = len(data) // MOST_SHRINKING
    if length < least:
        return [*stored_blocks(data[:least]), *deflate_part(data[least:], dictionary=data[:least])]
    return parts


def deflate_mixed(data: Buffer, found: Sequence[Run]) -> list[Buffer]:
    """Compress a whole buffer, of whose runs only some shrink, into one complete stream."""
    return [*_deflate_runs(memoryview(data), found, b""), LAST_BLOCK]
