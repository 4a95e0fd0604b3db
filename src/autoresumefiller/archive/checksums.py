r"""SHA256SUMS: the list that ``sha256sum -c SHA256SUMS`` reads.

The form is GNU coreutils': ``<64 hex digits><space><space or *><name>``, and
a leading backslash where the name holds a backslash, a line feed or a carriage
return that is written as ``\\``, ``\n`` or ``\r`` (coreutils manual,
"cksum output modes"). Our own names never need it; other people's may.
"""

import re
from collections.abc import Iterable, Iterator

from autoresumefiller.model.metadata import FileRecord

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
    for line in encode_lines(records):
        if not data.startswith(line, at):
            return False
        at += len(line)
    return at == len(data)


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def parse(data: bytes) -> dict[str, str]:
    """Read a list: name to lower-case sum.

    A name may begin with ``./`` as ``find -exec sha256sum`` writes it, and
    lines may end in CR LF.

    Raises:
        ValueError: a line has another form, a name is no UTF-8, or a file is
            listed twice with different sums; the message says which line.

    """
    sums: dict[str, str] = {}
    for number, line in enumerate(data.split(b"\n"), start=1):
        text = line.removesuffix(b"\r")
        if not text:
            continue
        match = _LINE.fullmatch(text)
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
        value = digits.decode().lower()
        if sums.setdefault(name, value) != value:
            raise ValueError(f"line {number} contradicts an earlier line about the same file")
    return sums


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return _ESCAPES.get(escape[0], escape[0])
