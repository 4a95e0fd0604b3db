"""Tables that break no name: a path that is cut or wrapped cannot be copied.

Laid out here rather than by Rich, whose import and drawing are a third of the
whole time of ``arf list`` (85 of 270 ms, profiled on a slow machine).
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

Part: TypeAlias = str | tuple[str, str]
"""Text, or text and a Rich style."""

_MARGIN, _BETWEEN = " ", "   "
_HEADING = "bold"


def lay_out(
    headings: Sequence[str], rows: Sequence[Sequence[Part]], *, rule: str
) -> list[list[Part]]:
    """Return the lines of a table, each as wide as it has to be and nothing at its end.

    Args:
        headings: One that starts with ``>`` sets its column flush right.
        rows: Of text that may be shown as it is.
        rule: The character of the line below the headings.

    """
    names = [heading.removeprefix(">") for heading in headings]
    table = [[(name, _HEADING) for name in names], *rows]
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    flush_right = [heading.startswith(">") for heading in headings]
    lines = [[*_line(row, widths, flush_right)] for row in table]
    across = sum(widths) + len(_BETWEEN) * (len(widths) - 1)
    lines.insert(1, [_MARGIN, rule * across])
    return lines


def two_lines(row: Sequence[Part]) -> tuple[list[Part], list[Part]]:
    """Return a row for a terminal that is too narrow: the first cell, and below it the others."""
    first, *others = row
    below: list[Part] = ["  "]
    for cell in others:
        if text_of(cell):
            below += ["  ", cell]
    return [first], below


def width_of(line: Sequence[Part]) -> int:
    """Return how many columns of a terminal a line takes."""
    return sum(map(_width, line))


def _line(
    row: Sequence[Part], widths: Sequence[int], flush_right: Sequence[bool]
) -> Iterator[Part]:
    room = _MARGIN
    for cell, width, right in zip(row, widths, flush_right, strict=True):
        blank = " " * (width - _width(cell))
        if not text_of(cell):
            room += blank + _BETWEEN
            continue
        yield room + blank if right else room
        yield cell
        room = _BETWEEN if right else blank + _BETWEEN


def text_of(cell: Part) -> str:
    """Return the text of a part, without its style."""
    return cell if isinstance(cell, str) else cell[0]


def _width(cell: Part) -> int:
    text = text_of(cell)
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
