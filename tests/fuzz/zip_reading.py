"""Take a ZIP file apart into the parts that tests/vectors puts together.

Nothing is checked, for what comes here was mutated before; what does not come
apart is mutated as bytes.
"""

import zlib
from dataclasses import dataclass
from struct import calcsize, error, unpack_from
from typing import Any

from tests.vectors.zip_parts import (
    CENTRAL_FIELDS,
    DEFLATED,
    END_FIELDS,
    LOCAL_FIELDS,
    Part,
    build,
)

LOCAL = "<4s5H3L2H"
CENTRAL = "<4s6H3L5H2L"
END = "<4s4H2LH"
MOST_PARTS = 40
MOST_CONTENT = 1 << 18
# Of a header, what follows from the part itself unless it is changed.
_DERIVED = {"signature", "name_length", "extra_length", "comment_length", "offset", "attributes"}


@dataclass
class Archive:
    """The parts of an archive and, as keywords of `build`, what stands around them."""

    parts: list[Part]
    around: dict[str, Any]

    def build(self) -> bytes:
        return build(self.parts, **self.around)


def take_apart(data: bytes) -> Archive | None:
    """Return the parts of an archive; None if it is too far from being one."""
    try:
        return _take_apart(data)
    except (error, ValueError, IndexError):
        return None


def _take_apart(data: bytes) -> Archive | None:
    end_at = data.rindex(b"PK\x05\x06")
    end = dict(zip(END_FIELDS, unpack_from(END, data, end_at), strict=True))
    if end["entries"] > MOST_PARTS:
        return None
    parts: list[tuple[int, Part]] = []
    at = end["offset"]
    for _ in range(end["entries"]):
        fields = dict(zip(CENTRAL_FIELDS, unpack_from(CENTRAL, data, at), strict=True))
        at += calcsize(CENTRAL)
        stretches = []
        for key in ("name_length", "extra_length", "comment_length"):
            stretches.append(data[at : at + fields[key]])
            at += fields[key]
        name, extra, comment = stretches
        part = _part(data, name, fields)
        part.central_extra, part.comment = extra, comment
        parts.append((fields["offset"], part))
    parts.sort(key=lambda pair: pair[0])
    _find_descriptors(data, parts, end["offset"])
    around: dict[str, Any] = {"comment": data[end_at + calcsize(END) :]}
    if data[end_at - 20 : end_at - 16] == b"PK\x06\x07":
        around["zip64"] = {}
    return Archive([part for _, part in parts], around)


def _part(data: bytes, name: bytes, central: dict[str, Any]) -> Part:
    at = central["offset"]
    local = dict(zip(LOCAL_FIELDS, unpack_from(LOCAL, data, at), strict=True))
    at += calcsize(LOCAL)
    local_name = data[at : at + local["name_length"]]
    at += local["name_length"]
    local_extra = data[at : at + local["extra_length"]]
    at += local["extra_length"]
    payload = data[at : at + central["compressed"]]
    part = Part(
        name,
        _content(payload, central["method"]),
        method=central["method"],
        flags=central["flags"],
        payload=payload,
        local_name=None if local_name == name else local_name,
        local_extra=local_extra,
        attributes=central["attributes"],
    )
    said = {"made_by": 3 << 8 | 20, "internal": 0, "disk": 0, **part.fields()}
    part.central = {
        key: value for key, value in central.items() if key not in _DERIVED and value != said[key]
    }
    part.local = {
        key: value for key, value in local.items() if key not in _DERIVED and value != said[key]
    }
    return part


def _content(payload: bytes, method: int) -> bytes:
    if method != DEFLATED:
        return payload
    try:
        return zlib.decompressobj(-15).decompress(payload, MOST_CONTENT)
    except zlib.error:
        return b""


def _find_descriptors(data: bytes, parts: list[tuple[int, Part]], directory: int) -> None:
    """Take what stands between a part's data and the next record for its data descriptor."""
    for index, (offset, part) in enumerate(parts):
        following = parts[index + 1][0] if index + 1 < len(parts) else directory
        length = len(part.local_record())
        part.descriptor = data[offset + length : following][:64]
