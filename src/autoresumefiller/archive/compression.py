"""The codecs: deflate, inflate and CRC-32, each by the fastest library there is.

Measured per core on plain text, MB/s (docs/benchmarks.md): deflate level 6
libdeflate 80, zlib-ng 55, zlib 35; inflate libdeflate 940, zlib 340, zlib-ng
nearly twice that; CRC-32 25,000 and more against zlib's 4,200. libdeflate
compresses better as well but wants the whole input in one buffer; what is
larger goes through zlib-ng. Where that does not exist (Intel macOS) the
standard library's zlib takes its place. All of them release the interpreter
lock.

What comes from elsewhere, an earlier archive of ours too, is inflated by zlib-ng. ISA-L
is a sixth faster than that and libdeflate a third, but both take streams that zlib and
all who use it refuse: where a block has one code only, the bit that is no code passes
for it. Such a file would be whole here and broken elsewhere. libdeflate inflates what
it made itself, to read it back.
"""

import zlib
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Protocol, TypeAlias, cast

from autoresumefiller.archive.effort import Effort
from autoresumefiller.archive.records import DEFLATED, STORED

__all__ = [
    "DEFLATED",
    "INFLATE_WHOLE_BYTES",
    "STORED",
    "WHOLE_LIMIT_BYTES",
    "Buffer",
    "CodecError",
    "InflateStream",
    "crc32",
    "deflate_part",
    "deflate_whole",
    "inflate_again",
    "inflate_whole",
]

Buffer: TypeAlias = bytes | bytearray | memoryview

LEVEL = 6
THOROUGH_LEVEL = 7
THOROUGH_BELOW = 344 << 10
"""What is smaller is compressed at `THOROUGH_LEVEL`.

On a few kilobytes that costs nothing, on plain text a third more for 0.7 %:
enough for an archive of text to be no larger than that of ``zip -6``, although
it carries two lists of checksums, and not enough to be felt.
"""

BRISK_LEVEL = 5
BRISK_FROM = 64 << 10
"""What is smaller never takes long; from here on `Effort.BRISK` compresses at `BRISK_LEVEL`."""

WHOLE_LIMIT_BYTES = 16 << 20
"""Up to here a file is compressed as one buffer."""

INFLATE_WHOLE_BYTES = 1 << 20
"""Up to here a member is decompressed in one call.

Beyond, by a slower codec that need not hold all of it: eight threads, each with three such
buffers, would hold 90 MB where they may be of 4 MiB.
"""

DICTIONARY_BYTES = 1 << 15
"""How far back deflate can refer (RFC 1951, section 2)."""

_RAW = -15
_MAX_DEFLATE_RATIO = 1032
"""Deflate cannot shrink more: 258 bytes for two bits (zlib's technical notes)."""

_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


class CodecError(ValueError):
    """Compressed bytes are not what they are said to be."""


class _Crc(Protocol):
    def __call__(self, data: Buffer, value: int = 0, /) -> int: ...


@cache
def _fast_zlib() -> Any:
    try:
        from zlib_ng import zlib_ng
    except ImportError:
        return zlib
    return zlib_ng


@cache
def _whole() -> Callable[[Buffer, int], bytearray]:
    from deflate import deflate_compress

    return deflate_compress


@cache
def _crc() -> _Crc:
    from deflate import crc32 as fast

    return cast("_Crc", fast)


def crc32(data: Buffer, value: int = 0) -> int:
    """Return the CRC-32 of ``data`` that follows bytes whose CRC-32 is ``value``."""
    return _crc()(data, value)


def deflate_whole(data: Buffer, effort: Effort = Effort.SMALLEST) -> Buffer:
    """Compress a whole buffer into a raw deflate stream."""
    return _whole()(data, _level(len(data), effort))


def _level(size: int, effort: Effort) -> int:
    if effort is Effort.BRISK and size >= BRISK_FROM:
        return BRISK_LEVEL
    return THOROUGH_LEVEL if size < THOROUGH_BELOW else LEVEL


def deflate_part(data: Buffer, *, dictionary: Buffer = b"") -> list[bytes]:
    """Compress bytes into deflate blocks that end on a byte and are not the last.

    ``dictionary`` is what precedes ``data`` in the stream, of which at most
    the last 32 KiB matter. The parts of a stream can be made independently of
    each other (the way of pigz) and are ended by `LAST_BLOCK`.
    """
    codec = _fast_zlib()
    if len(dictionary):
        stream = codec.compressobj(LEVEL, codec.DEFLATED, _RAW, zdict=dictionary)
    else:
        stream = codec.compressobj(LEVEL, codec.DEFLATED, _RAW)
    return [stream.compress(data), stream.flush(codec.Z_SYNC_FLUSH)]


LAST_BLOCK = b"\x03\x00"
"""An empty block with fixed codes that is the last (RFC 1951, section 3.2.6)."""


def inflate_whole(data: Buffer, size: int, *, crc: int | None = None) -> bytes:
    """Decompress one raw deflate stream that fills ``data`` and yields ``size`` bytes.

    With ``crc``, the CRC-32 of the result must be that as well.

    Raises:
        CodecError: More or fewer bytes come out, bytes are left over, the
            CRC-32 differs, or the stream is damaged.

    """
    if size > len(data) * _MAX_DEFLATE_RATIO:
        raise CodecError(f"{len(data)} compressed bytes cannot hold {size} bytes")
    stream = InflateStream()
    content = stream.feed(data, size + 1)
    if len(content) != size:
        raise CodecError(f"other than {size} bytes came out")
    if not stream.eof:
        # The output is complete; only the end of the stream may be missing.
        if stream.feed(b"", 1):
            raise CodecError(f"more than {size} bytes came out")
        if not stream.eof:
            raise CodecError("the compressed bytes end too early")
    if stream.leftover:
        raise CodecError(f"{stream.leftover} bytes follow the compressed data")
    if crc is not None and crc32(content) != crc:
        raise CodecError("the CRC-32 differs")
    return content


def inflate_again(data: Buffer, size: int, *, crc: int) -> Buffer:
    """Do what `inflate_whole` does, in two thirds of the time, with what was made here just now.

    Not for what comes from elsewhere: libdeflate takes streams that other programs refuse.
    """
    if not size:
        return inflate_whole(data, size, crc=crc)
    from deflate import DeflateError, gzip_decompress

    # libdeflate's raw decoder does not tell where the stream ended, so bytes
    # left over would pass. As a gzip member, the trailer has to follow the
    # stream at once: bytes in between fail, unless they begin with a copy of
    # the trailer, and then the slower codec has the last word.
    trailer = crc.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")
    framed = b"".join((_GZIP_HEADER, data, trailer))
    # From the end, which CPython does in 60 % of the time.
    if framed.rfind(trailer, len(_GZIP_HEADER), len(framed) - 1) >= 0:
        return inflate_whole(data, size, crc=crc)
    try:
        content = gzip_decompress(framed, size)
    except (DeflateError, ValueError):
        raise CodecError("the compressed bytes are damaged") from None
    if len(content) != size:
        raise CodecError(f"{len(content)} bytes came out instead of {size}")
    return content


class InflateStream:
    """Decompress one raw deflate stream piece by piece, with bounded output."""

    __slots__ = ("_errors", "_stream", "needs_input")

    def __init__(self) -> None:
        self.needs_input = True
        codec = _fast_zlib()
        self._stream = codec.decompressobj(_RAW)
        self._errors = (codec.error, zlib.error)

    def feed(self, chunk: Buffer, max_output: int) -> bytes:
        """Return up to ``max_output`` bytes; input not used yet is kept for the next call.

        As long as `needs_input` is False, feed b"" to get more of what is kept.

        Raises:
            CodecError: The stream is damaged.

        """
        pending = self._stream.unconsumed_tail
        try:
            output = self._stream.decompress(pending + chunk if pending else chunk, max_output)
        except self._errors:
            raise CodecError("the compressed bytes are damaged") from None
        self.needs_input = len(output) < max_output
        return cast("bytes", output)

    @property
    def eof(self) -> bool:
        """Whether the last block has been read to its end."""
        return bool(self._stream.eof)

    @property
    def leftover(self) -> int:
        """How many bytes were fed that follow the end of the stream."""
        return len(self._stream.unused_data)


def total_length(pieces: Sequence[Buffer]) -> int:
    """Return the number of bytes in all pieces (memoryviews of bytes among them)."""
    return sum(map(len, pieces))
