"""Replace spans of a text; every character outside them stays."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple


class Splice(NamedTuple):
    """Put ``text`` in the place of the characters ``start`` up to, not including, ``end``."""

    start: int
    end: int
    text: str


def outside(splices: Iterable[Splice], others: Iterable[Splice]) -> list[Splice]:
    """Return those of ``others`` that do not begin within one of ``splices``."""
    ordered = sorted(splices, key=lambda item: (item.start, item.end))
    starts = [splice.start for splice in ordered]
    return [
        other
        for other in others
        if not (at := bisect_right(starts, other.start)) or ordered[at - 1].end <= other.start
    ]


def apply(text: str, splices: Iterable[Splice]) -> str:
    """Apply splices that do not overlap; several at one point go in the order given.

    Raises ValueError if two overlap.
    """
    out: list[str] = []
    position = 0
    for splice in sorted(splices, key=lambda item: (item.start, item.end)):
        if splice.start < position:
            raise ValueError("two edits overlap")
        out += (text[position : splice.start], splice.text)
        position = splice.end
    out.append(text[position:])
    return "".join(out)
