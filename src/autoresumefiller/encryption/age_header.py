"""The header of an age file, as text: read strictly, computed with nowhere here.

The format is https://c2sp.org/age, version 1. pyrage encrypts and decrypts for
recipients. What we do ourselves, with the primitives of `cryptography`, is
what pyrage has no call for: looking at a header before anything is computed,
passphrase files of any size without holding them in memory (`age_payload`),
and saying exactly why a file does not open (`envelope`).
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final, Protocol

from autoresumefiller.errors import (
    EncryptedFileDamagedError,
    EncryptedFileTruncatedError,
    NotEncryptedError,
)

INTRO: Final = b"age-encryption.org/v1\n"
MAX_WORK_FACTOR: Final = 20
"""log2 of scrypt's N: at most 1 GiB and a few seconds, one step above what rage picks today."""

_MAX_HEADER_BYTES = 64 * 1024
_COLUMNS = 64
_MAC_LINE = re.compile(rb"--- ([A-Za-z0-9+/]{43})\n")
_STANZA = re.compile(rb"->((?: [!-~]+)+)\n")
_WORK_FACTOR = re.compile(r"[1-9][0-9]?")


class Readable(Protocol):
    """What a header is read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes, b"" at the end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stanza:
    """One lock of the file key: what kind it is, its parameters, the wrapped key."""

    kind: str
    arguments: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header as it stands in a file.

    Attributes:
        stanzas: At least one.
        signed: What the MAC is over: everything up to ``---``.
        mac: 32 bytes.

    """

    stanzas: tuple[Stanza, ...]
    signed: bytes
    mac: bytes

    @property
    def needs_passphrase(self) -> bool:
        """Whether a passphrase opens the file; then nothing else does."""
        return self.stanzas[0].kind == "scrypt"

    def to_bytes(self) -> bytes:
        """Return the header as it stands in the file."""
        return self.signed + b" " + encode(self.mac) + b"\n"


# --- reading -------------------------------------------------------------------


def read_header(file: Readable) -> Header:
    """Read a header, and leave the file where the payload begins.

    Nothing is computed and nothing believed: a work factor beyond
    `MAX_WORK_FACTOR` is refused here, before it costs memory.

    Raises:
        NotEncryptedError: it is no age file.
        EncryptedFileTruncatedError: it ends within its header.
        EncryptedFileDamagedError: the header is malformed, or asks for too much.

    """
    lines = _Lines(file)
    _read_intro(lines)
    stanzas = []
    while not (line := lines.next()).startswith(b"---"):
        stanzas.append(_read_stanza(line, lines))
    if not (match := _MAC_LINE.fullmatch(line)):
        raise damaged("its header ends in a malformed line")
    if not stanzas:
        raise damaged("its header has no recipients")
    _check_passphrase_lock(stanzas)
    signed = lines.seen.removesuffix(line) + b"---"
    return Header(stanzas=tuple(stanzas), signed=signed, mac=decode(match[1]))


class _Lines:
    """Lines of a header, read byte by byte: the payload behind it must stay unread."""

    def __init__(self, file: Readable) -> None:
        self.seen = b""
        self._file = file

    def next(self) -> bytes:
        line = bytearray()
        while not line.endswith(b"\n"):
            byte = self._file.read(1)
            if not byte:
                raise truncated("it ends within its header")
            line += byte
            if len(self.seen) + len(line) > _MAX_HEADER_BYTES:
                raise damaged("its header is longer than any we know")
        self.seen += bytes(line)
        return bytes(line)

    def take(self, size: int) -> bytes:
        data = b""
        while len(data) < size and (more := self._file.read(size - len(data))):
            data += more
        self.seen += data
        return data


def _read_intro(lines: _Lines) -> None:
    intro = lines.take(len(INTRO))
    if intro == INTRO:
        return
    if intro and INTRO.startswith(intro):
        raise truncated("it ends within its first line")
    if intro.startswith(b"age-encryption.org/"):
        raise NotEncryptedError(
            "The file is in a newer version of the age format", hint="Update AutoResumeFiller."
        )
    if intro.startswith(b"-----BEGIN AGE "):  # armor
        raise NotEncryptedError(
            "The file is an age file written as text, which is not read here",
            hint="Decrypt it with 'age -d', then import the result.",
        )
    raise NotEncryptedError("The file is not encrypted with age")


def _read_stanza(line: bytes, lines: _Lines) -> Stanza:
    match = _STANZA.fullmatch(line)
    if not match:
        raise damaged("its header has a malformed line")
    kind, *arguments = match[1].decode("ascii").split()
    encoded = b""
    while True:
        row = lines.next().removesuffix(b"\n")
        if len(row) > _COLUMNS:
            raise damaged("its header has a line that is too long")
        encoded += row
        if len(row) < _COLUMNS:
            break
    return Stanza(kind=kind, arguments=tuple(arguments), body=decode(encoded))


def _check_passphrase_lock(stanzas: list[Stanza]) -> None:
    for stanza in stanzas:
        if stanza.kind != "scrypt":
            continue
        if len(stanzas) != 1:
            raise damaged("its header mixes a passphrase with other locks")
        if len(stanza.arguments) != 2 or not _WORK_FACTOR.fullmatch(stanza.arguments[1]):  # noqa: PLR2004 - salt, factor
            raise damaged("its passphrase lock is malformed")
        factor = int(stanza.arguments[1])
        if factor > MAX_WORK_FACTOR:
            raise EncryptedFileDamagedError(
                f"The file asks for a work factor of {factor}: opening it would take "
                f"{_memory(factor)} of memory, and at most {_memory(MAX_WORK_FACTOR)} "
                "is accepted",
                hint="If you trust its origin, decrypt it with 'age -d', then import the result.",
            )


def _memory(factor: int) -> str:
    size = 1 << factor  # of 1 KiB each: 128 * r bytes, r = 8
    return f"{size >> 20} GiB" if size >> 20 else f"{max(1, size >> 10)} MiB"


def encode(data: bytes) -> bytes:
    """Return base64 as headers have it: without padding."""
    return base64.b64encode(data).rstrip(b"=")


def decode(text: bytes) -> bytes:
    """Read `encode`'s text; EncryptedFileDamagedError if there is any other way to write it."""
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise damaged("its header has malformed base64") from None
    if encode(data) != text:
        raise damaged("its header has malformed base64")
    return data


# --- what is wrong ---------------------------------------------------------------


def truncated(reason: str) -> EncryptedFileTruncatedError:
    """Return the error for a file that ends too early."""
    return EncryptedFileTruncatedError(f"The encrypted file is cut off: {reason}")


def damaged(reason: str) -> EncryptedFileDamagedError:
    """Return the error for a file that was changed after it was written."""
    return EncryptedFileDamagedError(f"The encrypted file is damaged: {reason}")
