"""Texts behind base64, which hides nothing from whoever holds the archive."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

# Shorter, it could hold nothing that is known by its form. RFC 4648, both alphabets.
_RUN = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,}={0,2}(?![A-Za-z0-9+/_=-])")
_URL_SAFE = str.maketrans("-_", "+/")


class Encoded(NamedTuple):
    """A run of base64 from ``start`` up to, not including, ``end``, and the text behind it."""

    start: int
    end: int
    text: str


def encoded_texts(text: str) -> Iterator[Encoded]:
    """Find what reads as base64 and is a text when decoded."""
    for run in _RUN.finditer(text):
        if behind := _decoded(run.group()):
            yield Encoded(*run.span(), behind)


def _decoded(run: str) -> str:
    body = run.rstrip("=").translate(_URL_SAFE)
    try:
        behind = base64.b64decode(body + "=" * (-len(body) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return behind if "".join(behind.split()).isprintable() else ""
