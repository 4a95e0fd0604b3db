r"""SHA256SUMS: the list that ``sha256sum -c SHA256SUMS`` reads.

The form is GNU coreutils': ``<64 hex digits><space><space or *><name>``, and
a leading backslash where the name holds a backslash, a line feed or a carriage
return that is written as ``\\``, ``\n`` or ``\r`` (coreutils manual,
"cksum output modes"). Our own names never need it; other people's may.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from sys import getsizeof
from types import MappingProxyType

from autoresumefiller.archive.limits import DEFAULT_LIMITS, Limits
from autoresumefiller.model.metadata import FileRecord

NOTHING: Mapping[str, str] = MappingProxyType({})

# Those that are not empty; of empty ones there can be 60 million.
_LINES = re.compile(rb"(?:[^\r\n]|\r(?!\n|\Z))[^\n]*")
_AROUND_NAME = len("\\") + 64 + len("  ./\r")
_LINE = re.compile(rb"(\\?)([0-9a-fA-F]{64}) [ *](.+)", re.DOTALL)
_ESCAPES = {rb"\\": b"\\", rb"\n": b"\n", rb"\r": b"\r"}
_ESCAPE = re.compile(rb"\\.", re.DOTALL)


def encode(records: Iterable[FileRecord]) -> bytes:
    """Write the list of these records, in their order."""
    return b"".join(encode_lines(records))


def encode_lines(records: Iterable[FileRecord]) -> Iterator[bytes]:
    """Yield what `encode` returns, line by line."""
    for record in records:
        name = record.path
        mark = "\\" if "\\" in name or "\n" in name or "\r" in name else ""
        yield f"{mark}{record.checksum_sha256}  {_escaped(name) if mark else name}\n".encode()


def says(data: bytes, records: Iterable[FileRecord]) -> bool:
    """Whether ``data`` is what `encode` returns; without a second copy of it."""
    at = 0
    try:
        for line in encode_lines(records):
            if not data.startswith(line, at):
                return False
            at += len(line)
    except UnicodeEncodeError:  # the name of a record is not one that can be written
        return False
    return at == len(data)


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def parse(
    data: bytes, limits: Limits = DEFAULT_LIMITS, *, expected: Mapping[str, str] = NOTHING
) -> dict[str, str]:
    """Read a list: name to lower-case sum.

    A name may begin with ``./`` as ``find -exec sha256sum`` writes it, and
    lines may end in CR LF.

    Args:
        data: The list.
        limits: Of the number of names, and of what they may take in memory.
        expected: Sums that are in memory already: 100,000 need not be there twice.

    Raises:
        ValueError: a line has another form, a name is no UTF-8, or a file is
            listed twice with different sums, or there are too many; the
            message says which line.

    """
    sums: dict[str, str] = {}
    text_left = limits.max_text_bytes
    # Each byte of a name may be two; 30 million escapes would take minutes and gigabytes.
    longest = 2 * limits.max_name_bytes + _AROUND_NAME
    number, position = 1, 0
    for line in _LINES.finditer(data):
        number += data.count(b"\n", position, line.start())
        position = line.start()
        if line.end() - position > longest:
            raise ValueError(f"line {number} is longer than any name is")
        name, value = _read(line[0].removesuffix(b"\r"), number)
        known = expected.get(name)
        if known is None:
            text_left -= getsizeof(name)
        if sums.setdefault(name, known if known == value else value) != value:
            raise ValueError(f"line {number} contradicts an earlier line about the same file")
        # SHA256SUMS and metadata.json may stand in it themselves.
        if text_left < 0 or len(sums) > limits.max_entries + 2:
            raise ValueError(f"line {number} is one too many: no backup has as many names")
    return sums


def _read(line: bytes, number: int) -> tuple[str, str]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"line {number} is not a sum and a file name")
    backslash, digits, raw = match.groups()
    if backslash:
        raw = _ESCAPE.sub(_unescaped, raw)
    try:
        name = raw.decode().removeprefix("./")
    except UnicodeDecodeError:
        raise ValueError(f"line {number} names a file that is not UTF-8") from None
    if not name:
        raise ValueError(f"line {number} names no file")
    return name, digits.decode().lower()


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return _ESCAPES.get(escape[0], escape[0])
