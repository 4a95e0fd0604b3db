"""Checking small members that lie next to each other in an archive.

Apart from `round_trip`, because a process that only does this needs little else.
"""

import os
from collections.abc import Iterable
from typing import TypeAlias

from autoresumefiller.archive.compression import CodecError, crc32, inflate_again
from autoresumefiller.archive.records import STORED

Neighbour: TypeAlias = tuple[int, int, int, int, int, bytes]
"""Method, CRC-32, size, compressed size, where it begins, its local header."""

CHECK = f"{__name__}:check_sent"
"""What a process is for that checks some of them."""


def are_right(view: memoryview, neighbours: Iterable[Neighbour]) -> bool:
    """Whether each local header is as expected, and each content has its length and CRC-32."""
    for method, crc, size, compressed_size, at, head in neighbours:
        begin = at + len(head)
        if view[at:begin] != head:
            return False
        compressed = view[begin : begin + compressed_size]
        if method == STORED:
            if len(compressed) != size or crc32(compressed) != crc:
                return False
            continue
        try:
            inflate_again(compressed, size, crc=crc)
        except CodecError:
            return False
    return True


def check_sent(sent: tuple[int, int, int, list[Neighbour]]) -> bool:
    """Read from an open file and check, in a process that inherited it."""
    descriptor, offset, length, neighbours = sent
    try:
        data = os.pread(descriptor, length, offset)
    except OSError:
        return False  # whoever asked looks for itself, and can say what is wrong
    return are_right(memoryview(data), neighbours)
