"""ZIP files put together byte by byte, so that any of them can be wrong."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from struct import pack
from typing import Any

UTF8 = 0x800
DESCRIPTOR = 0x8
STORED = 0
DEFLATED = 8
REGULAR = 0o100644 << 16
STAMP = (0x6000, 0x5B7D)  # 2025-11-29 12:00:00

LOCAL_FIELDS = ("signature", "version", "flags", "method", "time", "date", "crc")
LOCAL_FIELDS += ("compressed", "size", "name_length", "extra_length")
CENTRAL_FIELDS = ("signature", "made_by", *LOCAL_FIELDS[1:], "comment_length", "disk")
CENTRAL_FIELDS += ("internal", "attributes", "offset")
END_FIELDS = ("signature", "disk", "central_disk", "here", "entries", "size", "offset", "comment")


def deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(6, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


def extra(kind: int, content: bytes) -> bytes:
    return pack("<HH", kind, len(content)) + content


def unicode_path(name: bytes, says: str) -> bytes:
    return extra(0x7075, b"\x01" + pack("<L", zlib.crc32(name)) + says.encode())


@dataclass
class Part:
    """One member; ``local`` and ``central`` override the fields of its two headers."""

    name: bytes
    data: bytes = b""
    method: int = DEFLATED
    flags: int = UTF8
    payload: bytes | None = None  # the compressed bytes, if not those of ``data``
    local: dict[str, Any] = field(default_factory=dict)
    central: dict[str, Any] = field(default_factory=dict)
    local_name: bytes | None = None
    local_extra: bytes = b""
    central_extra: bytes = b""
    comment: bytes = b""
    attributes: int = REGULAR
    before: bytes = b""
    descriptor: bytes = b""
    listed: bool = True  # in the central directory
    at: int | None = None  # an offset other than the true one

    def compressed(self) -> bytes:
        if self.payload is not None:
            return self.payload
        return deflate(self.data) if self.method == DEFLATED else self.data

    def fields(self) -> dict[str, Any]:
        return {
            "version": 20,
            "flags": self.flags,
            "method": self.method,
            "time": STAMP[0],
            "date": STAMP[1],
            "crc": zlib.crc32(self.data),
            "compressed": len(self.compressed()),
            "size": len(self.data),
            "name_length": len(self.name),
        }

    def local_record(self) -> bytes:
        name = self.name if self.local_name is None else self.local_name
        fields = {
            "signature": b"PK\x03\x04",
            **self.fields(),
            "name_length": len(name),
            "extra_length": len(self.local_extra),
            **self.local,
        }
        header = pack("<4s5H3L2H", *(fields[key] for key in LOCAL_FIELDS))
        return header + name + self.local_extra + self.compressed() + self.descriptor

    def central_record(self, offset: int) -> bytes:
        fields = {
            "signature": b"PK\x01\x02",
            "made_by": 3 << 8 | 20,
            **self.fields(),
            "extra_length": len(self.central_extra),
            "comment_length": len(self.comment),
            "disk": 0,
            "internal": 0,
            "attributes": self.attributes,
            "offset": offset if self.at is None else self.at,
            **self.central,
        }
        header = pack("<4s6H3L5H2L", *(fields[key] for key in CENTRAL_FIELDS))
        return header + self.name + self.central_extra + self.comment

    def deferred(self, *, signature: bool, wide: bool) -> "Part":
        """Put CRC and sizes off to a data descriptor, in one of its four forms."""
        sizes = pack("<QQ" if wide else "<LL", len(self.compressed()), len(self.data))
        self.descriptor = pack("<L", zlib.crc32(self.data)) + sizes
        if signature:
            self.descriptor = b"PK\x07\x08" + self.descriptor
        self.flags |= DESCRIPTOR
        self.local |= {"crc": 0, "compressed": 0, "size": 0}
        return self


def zip64_end(
    fields: Mapping[str, int], *, at: int, locator: Mapping[str, int] | None = None
) -> bytes:
    record = {"length": 44, "disk": 0, "central_disk": 0, **fields}
    place = {"disk": 0, "offset": at, "disks": 1, **(locator or {})}
    return pack(
        "<4sQ2H2L4Q",
        b"PK\x06\x06",
        record["length"],
        45,
        45,
        record["disk"],
        record["central_disk"],
        record["here"],
        record["entries"],
        record["size"],
        record["offset"],
    ) + pack("<4sLQL", b"PK\x06\x07", place["disk"], place["offset"], place["disks"])


def build(
    parts: Sequence[Part],
    *,
    prefix: bytes = b"",
    shift: int = 0,
    before_directory: bytes = b"",
    after_directory: bytes = b"",
    zip64: Mapping[str, int] | None = None,
    locator: Mapping[str, int] | None = None,
    end: Mapping[str, Any] | None = None,
    comment: bytes = b"",
    trailer: bytes = b"",
    reverse: bool = False,
) -> bytes:
    """Write the records one after the other.

    ``shift`` is added to every offset (for a ``prefix`` that is accounted
    for); ``zip64`` adds the 64-bit end record with these fields changed.
    """
    body = bytearray(prefix)
    offsets = []
    for part in parts:
        body += part.before
        offsets.append(len(body) - len(prefix) + shift)
        body += part.local_record()
    body += before_directory
    listed = [pair for pair in zip(parts, offsets, strict=True) if pair[0].listed]
    directory = b"".join(
        part.central_record(offset) for part, offset in (reversed(listed) if reverse else listed)
    )
    fields: dict[str, Any] = {
        "signature": b"PK\x05\x06",
        "disk": 0,
        "central_disk": 0,
        "here": len(listed),
        "entries": len(listed),
        "size": len(directory),
        "offset": len(body) - len(prefix) + shift,
        "comment": len(comment),
    }
    body += directory
    if zip64 is not None:
        true = {key: fields[key] for key in ("here", "entries", "size", "offset")}
        body += zip64_end({**true, **zip64}, at=len(body) - len(prefix) + shift, locator=locator)
    body += after_directory
    fields |= end or {}
    body += pack("<4s4H2LH", *(fields[key] for key in END_FIELDS)) + comment + trailer
    return bytes(body)
