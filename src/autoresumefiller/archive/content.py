"""What comes out of a member: checked against what was claimed, and never more than that.

Limits count real output: the stream stops one byte past the claimed size.
"""

import hashlib
import io
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass

from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.buffers import Buffers
from autoresumefiller.archive.compression import (
    INFLATE_WHOLE_BYTES,
    Buffer,
    CodecError,
    InflateStream,
    crc32,
    inflate_whole,
)
from autoresumefiller.archive.faults import Code, broken, shown
from autoresumefiller.archive.output_file import Output, Target, unpacking
from autoresumefiller.archive.records import STORED
from autoresumefiller.archive.structure import Member
from autoresumefiller.model.finding import Finding
from autoresumefiller.workers import StoppedError

_STORED_CHUNK_BYTES = 1 << 18  # fits the second-level cache with its hashes
_INPUT_CHUNK_BYTES = 1 << 18
_OUTPUT_CHUNK_BYTES = 1 << 20
_CHUNKS = Buffers(8 * _STORED_CHUNK_BYTES)

NEVER = threading.Event()
"""For work that nobody stops; it is not to be set."""


class ContentError(ValueError):
    """The content is not what the entry says.

    Attributes:
        finding: What is wrong.

    """

    def __init__(self, code: Code, member: Member, detail: str) -> None:
        self.finding: Finding = broken(code, f"{shown(member.name)} {detail}", member.name)
        super().__init__(detail)


@dataclass(slots=True, kw_only=True)
class Demand:
    """What to do with the content of a member besides checking it.

    Attributes:
        hashing: Work out its SHA-256.
        keep: Return its bytes.
        target: Where to write it, or None.
        on_bytes: Told how many bytes of the member are done, on the worker.
        stopping: Set when nobody wants the result any more.

    """

    hashing: bool = True
    keep: bool = False
    target: Target | None = None
    on_bytes: Callable[[int], None] | None = None
    stopping: threading.Event = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a member.

    Attributes:
        findings: What is wrong with its content.
        sha256: Hexadecimal, if it was asked for and all the bytes came out.
        data: The bytes, under the same conditions.

    """

    findings: tuple[Finding, ...] = ()
    sha256: str | None = None
    data: bytes | None = None


FINE = Outcome()


def check_content(
    file: ArchiveFile, member: Member, demand: Demand, *, raw: memoryview | None = None
) -> Outcome:
    """Decompress a member; check length and CRC-32; hash, keep and write what comes out.

    Args:
        file: The archive.
        member: Whose structure was checked.
        demand: What else to do.
        raw: The compressed bytes, if they are at hand.

    Raises:
        StorageError: reading the archive or writing the output failed.
        StoppedError: ``demand.stopping`` was set.

    """
    try:
        content = _at_hand(file, member, raw)
        if content is not None:
            return _take_whole(content, demand)
        pieces = (
            _stored(file, member, demand.stopping)
            if member.method == STORED
            else _inflated(file, member, demand.stopping)
        )
        # Closed here and now, whatever happens: else the collector would do it, whenever it comes
        # by, and perhaps while this thread holds the lock of the buffers.
        with closing(pieces):
            if demand.target is None:
                return _check_pieces(member, pieces, demand, None)
            with Output(demand.target) as output:
                return _check_pieces(member, pieces, demand, output)
    except ContentError as fault:
        return Outcome(findings=(fault.finding,))


def _at_hand(file: ArchiveFile, member: Member, raw: memoryview | None) -> Buffer | None:
    """Return all of a small member's content; None if it is not small, or does not come out."""
    if member.method == STORED:
        # Where the CRC-32 differs, the slow way says so.
        return raw if raw is not None and crc32(raw) == member.crc else None
    if member.size > INFLATE_WHOLE_BYTES or member.compressed_size > INFLATE_WHOLE_BYTES:
        return None
    if raw is None:
        raw = memoryview(file.read(member.offset, member.compressed_size))
    try:
        return inflate_whole(raw, member.size, crc=member.crc)
    except CodecError:
        return None  # the slow way knows what exactly is wrong


def _take_whole(content: Buffer, demand: Demand) -> Outcome:
    """Do what `_check_pieces` does with content that is at hand, its length and CRC-32 right."""
    if demand.target is not None:
        with unpacking():
            demand.target.put(content)
    if demand.on_bytes is not None:
        demand.on_bytes(len(content))
    if not demand.hashing and not demand.keep:
        return FINE
    return Outcome(
        sha256=hashlib.sha256(content).hexdigest() if demand.hashing else None,
        data=bytes(content) if demand.keep else None,
    )


def _check_pieces(
    member: Member, pieces: Iterator[Buffer], demand: Demand, output: Output | None
) -> Outcome:
    digest = hashlib.sha256() if demand.hashing else None
    # Not a list to be joined: of 64 MiB there would be two for a moment.
    kept = io.BytesIO()
    crc = done = 0
    for piece in pieces:
        crc = crc32(piece, crc)
        if digest is not None:
            digest.update(piece)
        if demand.keep:
            kept.write(piece)
        if output is not None:
            output.write(piece)
        done += len(piece)
        if demand.on_bytes is not None:
            demand.on_bytes(done)
    if demand.on_bytes is not None and not done:
        demand.on_bytes(0)
    return Outcome(
        findings=() if crc == member.crc else (_crc_differs(member),),
        sha256=None if digest is None else digest.hexdigest(),
        data=kept.getvalue() if demand.keep else None,
    )


def _crc_differs(member: Member) -> Finding:
    return ContentError(Code.CRC_MISMATCH, member, "is damaged: its CRC-32 differs").finding


def _stored(
    file: ArchiveFile, member: Member, stopping: threading.Event
) -> Generator[Buffer, None, None]:
    buffer = _CHUNKS.take(_STORED_CHUNK_BYTES)
    try:
        done = 0
        while done < member.size:
            if stopping.is_set():
                raise StoppedError
            piece = buffer[: member.size - done]
            if file.read_into(member.offset + done, piece) != len(piece):
                raise _cut_off(member)
            done += len(piece)
            yield piece
    finally:
        _CHUNKS.give(buffer)


def _inflated(
    file: ArchiveFile, member: Member, stopping: threading.Event
) -> Generator[Buffer, None, None]:
    stream = InflateStream()
    consumed = done = 0
    try:
        while not stream.eof:
            if stopping.is_set():
                raise StoppedError
            chunk = _next_chunk(file, member, consumed) if stream.needs_input else b""
            consumed += len(chunk)
            output = stream.feed(chunk, min(_OUTPUT_CHUNK_BYTES, member.size - done + 1))
            done += len(output)
            if done > member.size:
                detail = f"holds more than the {member.size:,} bytes it claims"
                raise ContentError(Code.DATA_LENGTH, member, detail)
            if output:
                yield output
    except CodecError:
        raise ContentError(Code.DATA_DAMAGED, member, "does not decompress") from None
    if stream.leftover or consumed != member.compressed_size:
        raise ContentError(Code.DATA_LENGTH, member, "has bytes after its compressed data")
    if done != member.size:
        detail = f"holds {done:,} bytes instead of {member.size:,}"
        raise ContentError(Code.DATA_LENGTH, member, detail)


def _next_chunk(file: ArchiveFile, member: Member, consumed: int) -> bytes:
    wanted = min(_INPUT_CHUNK_BYTES, member.compressed_size - consumed)
    if not wanted:
        raise ContentError(Code.DATA_DAMAGED, member, "ends too early")
    chunk = file.read(member.offset + consumed, wanted)
    if len(chunk) != wanted:
        raise _cut_off(member)
    return chunk


def _cut_off(member: Member) -> ContentError:
    return ContentError(Code.TRUNCATED, member, "is cut off: the archive became shorter")
