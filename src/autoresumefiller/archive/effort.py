"""How hard to try: the last percents are worth their time where they are percents of the archive.

Of a vault of PDF and DOCX a tenth may shrink, yet level 6 takes half of an
export's processor time on that tenth. libdeflate's level 5 halves it and makes
letters up to 4 % larger (a log file 9 %), which is 0.1 % of such an archive.
Where most of the vault is text, 4 % are 4 %.
"""

from collections.abc import Iterable
from enum import Enum

MOST_TEXT = 0.2
"""With this share of text `Effort.BRISK` costs 0.3 % of the archive."""

_SUFFIXES = """
    pdf docx docm dotx xlsx xlsm pptx ppsx odt ods odp epub pages
    png jpg jpeg jpe gif webp heic heif avif jxl
    mp3 m4a aac ogg oga opus flac wma mp4 m4v mov mkv webm avi wmv 3gp
    zip gz tgz bz2 xz txz zst lz4 7z rar jar apk cab age enc gpg woff woff2
"""
_PACKED = frozenset(_SUFFIXES.split())
"""Of formats that are compressed, or encrypted, in themselves."""


class Effort(Enum):
    """What counts when something shrinks."""

    SMALLEST = "smallest"
    BRISK = "brisk"


def effort_for(files: Iterable[tuple[str, int]]) -> Effort:
    """Choose for a whole archive.

    Names are believed here, because a wrong one costs a little time or space;
    what is compressed at all is for `sampling` to tell, from the bytes.

    Args:
        files: The path and the size in bytes of each.

    """
    total = text = 0
    for path, size in files:
        total += size
        if path.rpartition(".")[2].lower() not in _PACKED:
            text += size
    return Effort.BRISK if text <= MOST_TEXT * total else Effort.SMALLEST
