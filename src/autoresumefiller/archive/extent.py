"""Whether an archive will be one that every import takes, told from its names before it is made."""

from collections.abc import Iterable
from sys import getsizeof

from autoresumefiller.archive.limits import DEFAULT_LIMITS, Limits

_CENTRAL_BYTES = 46 + 32
"""Of an entry of the central directory, beside the name: the header, and zip64 fields."""

_LISTED_BYTES = 256
"""What metadata.json says of a file takes in memory, beside its paths: sum, date."""

_WIDEST = 4
"""Bytes that a character takes in UTF-8, or in a text with an emoji."""


def is_usual(names: Iterable[tuple[str, str]], limits: Limits = DEFAULT_LIMITS) -> bool:
    """Tell whether names stay within the limits of a reader, whatever it counts; quickly.

    False says nothing: then a reader has to be asked. What the two lists take on the disk
    is known when they are written.

    Args:
        names: Of each member and of what it was made of, in the order of the folders.
        limits: Of the reader.

    """
    entries = central = text = folders = folder_text = 0
    last: tuple[str, list[str]] = ("", [])
    for member, path in names:
        width = 1 if member.isascii() else _WIDEST
        entries += 1
        central += _CENTRAL_BYTES + width * len(member)
        text += _LISTED_BYTES + getsizeof(member) + (0 if path is member else getsizeof(path))
        parent = member.rpartition("/")[0]
        if parent != last[0]:
            steps = parent.split("/")
            shared = _shared(steps, last[1])
            # Each of the others may be a new folder, with the whole of its path.
            folders += len(steps) - shared
            folder_text += width * len(parent) * (len(steps) - shared)
            last = (parent, steps)
    return (
        entries <= limits.max_entries
        and folders <= limits.max_folders
        and central <= limits.max_central_bytes
        and max(text, folder_text) <= limits.max_text_bytes
    )


def _shared(steps: list[str], others: list[str]) -> int:
    count = 0
    for one, other in zip(steps, others, strict=False):
        if one != other:
            break
        count += 1
    return count
