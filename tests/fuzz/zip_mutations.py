"""Mutations that know ZIP records: what they change, they make consistent again.

A byte flipped at random fails the first check; a name, a size or a stream that
was changed in both headers, with offsets, CRCs and the metadata following,
gets to the last.
"""

import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from random import Random
from struct import error as field_error
from struct import pack
from typing import Any

from tests.fuzz.json_mutations import mutate_metadata, mutate_text
from tests.fuzz.zip_reading import MOST_PARTS, Archive, take_apart
from tests.vectors.hostile import VECTORS
from tests.vectors.zip_parts import (
    DEFLATED,
    DESCRIPTOR,
    STORED,
    UTF8,
    Part,
    deflate,
    extra,
    unicode_path,
)

Scramble = Callable[[bytes], bytes]

NUMBERS = (0, 1, 2, 3, 4, 8, 0x14, 0x800, 0x808, 0x7FFF, 0xFFFE, 0xFFFF)
WIDE = (*NUMBERS, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
FIELDS = {
    "version": NUMBERS,
    "flags": (*NUMBERS, 1, 6, 0x20, 0x2000, 0x40),
    "method": (0, 8, 1, 9, 12, 14, 93, 99, 0xFFFF),
    "time": NUMBERS,
    "date": NUMBERS,
    "crc": WIDE,
    "compressed": WIDE,
    "size": WIDE,
}
END_FIELDS = ("disk", "central_disk", "here", "entries", "size", "offset", "comment")
ATTRIBUTES = tuple(
    kind << 16 | dos
    for kind in (0, 0o100644, 0o040755, 0o120777, 0o010644, 0o060600)
    for dos in (0, 0x08, 0x10, 0x20, 0x400)
)
NAMES = (
    b"resumes/", b"resumes/a", b"resumes/A", b"resumes/a/b", b"resumes/a%3Ab", b"resumes/%61",
    b"resumes/%_/x", b"resumes/a%_/b", b"resumes/%uD800", b"resumes/%2E%2E/x", b"resumes/a%00",
    b"../x", b"/x", b"resumes/../x", b"resumes\\x", b"C:x", b"resumes/CON", b"resumes/a.",
    "resumes/\u202ex".encode(), "resumes/é".encode(), "resumes/e\u0301".encode(),
    b"resumes/\xff", b"resumes/\x1b[2J", b"data/user_profile.json", b"data/user_profile%2Ejson",
    b"data/user_profile.json.enc", b"config.yaml", b"metadata.json", b"SHA256SUMS", b"data/",
    b"backups/x.zip", b".state/journal.jsonl", b"logs/x", b"data", b"cover_letters/x",
)  # fmt: skip


def mutate(data: bytes, rng: Random, scramble: Scramble) -> bytes:
    """Return the archive with one to four things changed.

    Args:
        data: An archive, or anything.
        rng: Decides.
        scramble: Changes bytes that have no structure.

    """
    archive = take_apart(data)
    if archive is None:
        if rng.random() < 0.7:
            return scramble(data)
        archive = take_apart(rng.choice([*VECTORS.values()]).make())
    if archive is None or not archive.parts:
        return scramble(data)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        rng.choice(MUTATIONS)(archive, rng, scramble)
        if not archive.parts:
            break
    if rng.random() < 0.75:
        make_consistent(archive)
    try:
        mutated = archive.build()
    except (field_error, OverflowError):  # a field too small for its value
        return scramble(data)
    return scramble(mutated) if rng.random() < 0.05 else mutated


# --- what is changed -----------------------------------------------------------


def _field(archive: Archive, rng: Random, scramble: Scramble) -> None:
    part = rng.choice(archive.parts)
    key = rng.choice([*FIELDS])
    value = rng.choice(FIELDS[key])
    true = part.fields()[key]
    if rng.random() < 0.5:
        value = max(0, true + rng.choice((-1, 1, 2, -2, 256)))
    value &= 0xFFFFFFFF if key in {"crc", "compressed", "size"} else 0xFFFF
    side = rng.choice(("local", "central", "both"))
    if side != "central":
        part.local[key] = value
    if side != "local":
        part.central[key] = value


def _name(archive: Archive, rng: Random, scramble: Scramble) -> None:
    part = rng.choice(archive.parts)
    choice = rng.randrange(5)
    if choice == 0:
        name = scramble(part.name)
    elif choice == 1:
        name = rng.choice(archive.parts).name
    elif choice == 2:
        name = part.name + rng.choice((b"/", b"/x", b".", b" ", b"\0", b"%_", b"%_/x", b"a" * 250))
    elif choice == 3:
        name = part.name.swapcase()
    else:
        name = rng.choice(NAMES)
    part.name = name[: 1 << 15]
    if rng.random() < 0.1:
        part.local_name = rng.choice(NAMES)


def _content(archive: Archive, rng: Random, scramble: Scramble) -> None:
    part = rng.choice(archive.parts)
    part.data = scramble(part.data)
    _renew(part)


def _renew(part: Part) -> None:
    """Let the headers follow from the content again."""
    part.payload = None
    if part.method not in {STORED, DEFLATED}:
        part.method = STORED
    for fields in (part.local, part.central):
        for key in ("crc", "compressed", "size", "method"):
            fields.pop(key, None)
    if part.flags & DESCRIPTOR:
        part.deferred(signature=True, wide=False)
    else:
        part.descriptor = b""


def _payload(archive: Archive, rng: Random, scramble: Scramble) -> None:
    part = rng.choice(archive.parts)
    choice = rng.randrange(4)
    if choice == 0:
        part.payload = scramble(part.compressed())
    elif choice == 1:
        part.payload = part.compressed() + rng.choice((b"\0", b"x", deflate(b""), deflate(b"x")))
    elif choice == 2:
        part.payload = part.compressed()[: -1 - rng.randrange(8)]
    else:
        # Stored blocks, empty blocks: the same content in other bytes.
        stream = zlib.compressobj(rng.choice((0, 1, 9)), zlib.DEFLATED, -15)
        part.payload = stream.compress(part.data) + stream.flush(zlib.Z_FULL_FLUSH) + stream.flush()
        part.method = DEFLATED


def _method(archive: Archive, rng: Random, scramble: Scramble) -> None:
    part = rng.choice(archive.parts)
    part.method = DEFLATED if part.method == STORED else STORED
    _renew(part)


def _flags(archive: Archive, rng: Random, scramble: Scramble) -> None:
    part = rng.choice(archive.parts)
    part.flags ^= rng.choice((UTF8, UTF8, 2, 4, 1, 0x20, 0x40, 0x2000, DESCRIPTOR, 1 << 15))


def _descriptor(archive: Archive, rng: Random, scramble: Scramble) -> None:
    part = rng.choice(archive.parts)
    part.deferred(signature=rng.random() < 0.5, wide=rng.random() < 0.5)
    if rng.random() < 0.3:
        part.descriptor = scramble(part.descriptor)[:64]


def _extra(archive: Archive, rng: Random, scramble: Scramble) -> None:
    part = rng.choice(archive.parts)
    sizes = pack("<QQ", len(part.data), len(part.compressed()))
    block = rng.choice(
        (
            extra(1, sizes),
            extra(1, sizes[:8]),
            unicode_path(part.name, part.name.decode("utf-8", "replace")),
            unicode_path(part.name, "resumes/other"),
            extra(0x5455, b"\x03" + bytes(8)),
            extra(rng.randrange(1 << 16), scramble(bytes(8))[:100]),
            scramble(extra(1, sizes))[:100],
        )
    )
    if rng.random() < 0.5:
        full = {"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF}
        part.local, part.central = {**part.local, **full}, {**part.central, **full}
    if rng.random() < 0.7:
        part.local_extra = block
    if rng.random() < 0.7:
        part.central_extra = block


def _attributes(archive: Archive, rng: Random, scramble: Scramble) -> None:
    rng.choice(archive.parts).attributes = rng.choice(ATTRIBUTES)


def _parts(archive: Archive, rng: Random, scramble: Scramble) -> None:
    parts = archive.parts
    index = rng.randrange(len(parts))
    choice = rng.randrange(6)
    if choice == 0 and len(parts) < MOST_PARTS:
        part = parts[index]
        twin = replace(part, local={**part.local}, central={**part.central})
        parts.insert(rng.randrange(len(parts) + 1), twin)
    elif choice == 1:
        del parts[index]
    elif choice == 2:
        parts.insert(rng.randrange(len(parts)), parts.pop(index))
    elif choice == 3:
        parts[index].listed = False
    elif choice == 4 and len(parts) < MOST_PARTS:
        parts.append(Part(rng.choice(NAMES), rng.choice((b"", b"text", b"x" * 5000))))
    elif choice == 5:
        parts[index].at = rng.choice((0, 1, 5, 0xFFFFFFFF))


def _around(archive: Archive, rng: Random, scramble: Scramble) -> None:
    around = archive.around
    choice = rng.randrange(8)
    if choice == 0:
        around["end"] = {rng.choice(END_FIELDS): rng.choice(NUMBERS)}
    elif choice == 1:
        around["zip64"] = {}
        if rng.random() < 0.5:
            full = {"here": 0xFFFF, "entries": 0xFFFF, "size": 0xFFFFFFFF, "offset": 0xFFFFFFFF}
            key = rng.choice([*full])
            around["end"] = rng.choice((full, {key: full[key]}))
    elif choice == 2:
        key = rng.choice(("length", "disk", "central_disk", "here", "entries", "size", "offset"))
        around["zip64"] = {key: rng.choice(WIDE) << rng.choice((0, 0, 31))}
    elif choice == 3:
        around["zip64"] = {}
        around["locator"] = {rng.choice(("disk", "offset", "disks")): rng.choice(NUMBERS)}
    elif choice == 4:
        around["comment"] = scramble(around.get("comment", b""))[:0xFFFF]
    elif choice == 5:
        key = rng.choice(("prefix", "before_directory", "after_directory", "trailer"))
        around[key] = rng.choice((b"x", bytes(16), b"PK\x05\x06" + bytes(18), b"PK\x03\x04"))
    elif choice == 6:
        around["shift"] = rng.choice((0, 1, -1, 16))
    else:
        around["reverse"] = rng.random() < 0.5


def _metadata(archive: Archive, rng: Random, scramble: Scramble) -> None:
    for part in archive.parts:
        if part.name == b"metadata.json":
            part.data = mutate_metadata(part.data, rng, scramble)
            _renew(part)


def _sums(archive: Archive, rng: Random, scramble: Scramble) -> None:
    for part in archive.parts:
        if part.name == b"SHA256SUMS":
            part.data = mutate_text(part.data, rng, scramble)
            _renew(part)
            return
    archive.parts.append(Part(b"SHA256SUMS", b""))


Mutation = Callable[[Archive, Random, Scramble], None]
MUTATIONS: tuple[Mutation, ...] = (
    _field, _field, _name, _name, _content, _content, _payload, _method, _flags, _descriptor,
    _extra, _attributes, _parts, _parts, _around, _metadata, _metadata, _metadata, _sums,
)  # fmt: skip


# --- what follows from it --------------------------------------------------------


def make_consistent(archive: Archive) -> None:
    """Let metadata.json and SHA256SUMS say what the parts now hold."""
    lists = {b"metadata.json", b"SHA256SUMS"}
    files = {
        part.name.decode("utf-8", "replace"): part.data
        for part in archive.parts
        if part.name not in lists and not part.name.endswith(b"/")
    }
    for part in archive.parts:
        if part.name == b"metadata.json":
            part.data = _agreeing(part.data, files)
            files["metadata.json"] = part.data
            _renew(part)
    for part in archive.parts:
        if part.name == b"SHA256SUMS":
            lines = [f"{sha256(data).hexdigest()}  {name}\n" for name, data in files.items()]
            part.data = "".join(lines).encode()
            _renew(part)


def _agreeing(data: bytes, files: dict[str, bytes]) -> bytes:
    try:
        fields: Any = json.loads(data)
    except (ValueError, RecursionError):
        return data
    if not isinstance(fields, dict):
        return data
    listed = fields.get("files")
    known = {
        record["path"]: record
        for record in (listed if isinstance(listed, list) else [])
        if isinstance(record, dict) and isinstance(record.get("path"), str)
    }
    fields["files"] = [
        known.get(name, {})
        | {"path": name, "size_bytes": len(data), "checksum_sha256": sha256(data).hexdigest()}
        for name, data in files.items()
    ]
    fields["total_size_bytes"] = sum(map(len, files.values()))
    if "file_count" in fields:
        fields["file_count"] = len(files)
    return json.dumps(fields).encode()
