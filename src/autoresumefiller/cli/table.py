"""Tables that break no name: a path that is cut or wrapped cannot be copied."""

import io
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

Row: TypeAlias = Sequence[Text]

_UNLIMITED = 100_000  # columns of the screen; more than any table has


def print_table(console: Console, headings: Row, rows: Sequence[Row]) -> None:
    """Print a table on a terminal.

    Where that is too narrow each row becomes two lines: the first cell, and
    then the others. A heading that starts with ``>`` sets its column flush right.
    """
    table = _table(headings, rows)
    unlimited = console.options.update(width=_UNLIMITED)
    if Measurement.get(console, unlimited, table).maximum <= console.width:
        console.print(table)
        return
    for first, *others in rows:
        console.print(first, soft_wrap=True)
        console.print("   ", *(cell for cell in others if cell), soft_wrap=True)


def lines_of_table(headings: Row, rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of a table for a file or a pipe: as wide as it is, nothing padded."""
    drawn = io.StringIO()
    Console(file=drawn, width=_UNLIMITED, force_terminal=False).print(_table(headings, rows))
    for line in drawn.getvalue().splitlines():
        if stripped := line.rstrip():
            yield f"{stripped}\n"


def _table(headings: Row, rows: Sequence[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for heading in headings:
        right = heading.plain.startswith(">")
        table.add_column(heading[1:] if right else heading, justify="right" if right else "left")
    for row in rows:
        table.add_row(*row)
    return table
