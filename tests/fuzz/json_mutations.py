"""Mutations of metadata.json that stay JSON, and of lines of text that stay lines."""

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

Scramble = Callable[[bytes], bytes]

TEXTS = (
    "", "a", "\x1b[2J", "\u202e", "\ud83d", "\U0001f600", "\x00", "../x", "resumes/a", "é", "%61",
    "resumes/a:b", "resumes/\udcff", "2025-11-29T12:00:00Z", "2025-02-30", "0001-01-01T00:00:00",
    "9999-12-31T23:59:59-23:59", "1.0.0", "2!1", "1.0.0.dev0+x", "0" * 64, "g" * 64, "full", "data",
    "a" * 3000, "metadata.json", "config.yaml", "data/user_profile.json", "true", "NaN", "²",
)  # fmt: skip
VALUES = (
    None, True, False, 0, 1, -1, 1.0, 1e308, 2**63, 10**25, [], {}, [[]], {"": None}, ["a"],
    [{"path": "a", "reason": "b"}], [{"path": "a"}], *TEXTS,
)  # fmt: skip
KEYS = (
    "export_timestamp", "app_version", "total_size_bytes", "files", "format_version", "file_count",
    "backup_type", "scope", "profile_valid", "missing_directories", "redacted", "skipped", "notes",
    "path", "size_bytes", "checksum_sha256", "modified", "original_path", "reason", "x", "",
)  # fmt: skip
RAW = (
    b"NaN", b"Infinity", b"-0", b"1E400", b"1e5", b'"\\ud83d"', b'"\\ud83d\\ude00"',
    b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xff", b'"\\u0000"', b'"\t"', b"[]", b"{}",
    b"[" * 40, b"{\"a\":" * 40, b",", b"//", b"'", b"\x0b", b"\xc2\xa0", b'{"a": 1, "a": 1}',
    b"9" * 30, b"01", b"+1", b".5", b"tru",
)  # fmt: skip


def mutate_metadata(data: bytes, rng: Random, scramble: Scramble) -> bytes:
    """Return JSON with values, keys or list items changed; or changed as bytes."""
    if rng.random() < 0.2:
        return mutate_text(data, rng, scramble)
    try:
        fields: Any = json.loads(data)
    except (ValueError, RecursionError):
        return scramble(data)
    for _ in range(rng.choice((1, 1, 2, 3))):
        holder, depth = fields, 0
        while isinstance(holder, dict | list) and holder and rng.random() < 0.6 and depth < 9:
            inner = holder[_some_key(holder, rng)]
            if not isinstance(inner, dict | list):
                break
            holder, depth = inner, depth + 1
        if isinstance(holder, dict):
            _change_dict(holder, rng)
        elif isinstance(holder, list):
            _change_list(holder, rng)
    try:
        text = json.dumps(
            fields,
            ensure_ascii=rng.random() < 0.7,
            indent=rng.choice((None, None, 0, 2)),
            separators=rng.choice((None, (",", ":"))),
        )
    except (ValueError, RecursionError):
        return data
    return text.encode("utf-8", "surrogatepass")


def _some_value(rng: Random) -> Any:
    return deepcopy(rng.choice(VALUES))  # the next mutation may change it


def _some_key(holder: Any, rng: Random) -> Any:
    return rng.choice([*holder]) if isinstance(holder, dict) else rng.randrange(len(holder))


def _change_dict(holder: dict[str, Any], rng: Random) -> None:
    if holder and rng.random() < 0.5:
        key = rng.choice([*holder])
        if rng.random() < 0.2:
            del holder[key]
            return
    else:
        key = rng.choice(KEYS)
    holder[key] = _some_value(rng)


def _change_list(holder: list[Any], rng: Random) -> None:
    choice = rng.randrange(5)
    if choice == 0 or not holder:
        holder.insert(rng.randrange(len(holder) + 1), _some_value(rng))
    elif choice == 1:
        del holder[rng.randrange(len(holder))]
    elif choice == 2:
        holder.append(rng.choice(holder))
    elif choice == 3:
        holder[rng.randrange(len(holder))] = _some_value(rng)
    else:
        holder *= 2
        del holder[1000:]


def mutate_text(
    data: bytes, rng: Random, scramble: Scramble, pieces: Sequence[bytes] = RAW
) -> bytes:
    """Return a text with a stretch cut out, repeated, moved, or something put in."""
    if not data or rng.random() < 0.3:
        return scramble(data)
    first, second = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    choice = rng.randrange(5)
    if choice == 0:
        return data[:first] + data[min(second, first + 40) :]
    if choice == 1:
        return data[:second] + data[first:second][:200] + data[second:]
    if choice == 2:
        return data[:first] + rng.choice(pieces) + data[first:]
    if choice == 3:
        return data[:first] + rng.choice(pieces) + data[min(len(data), first + rng.randrange(9)) :]
    lines = data.split(b"\n")
    rng.shuffle(lines)
    return b"\n".join(lines)
