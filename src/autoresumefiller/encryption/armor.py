"""ASCII armor: an age file as text (https://c2sp.org/age, a strict PEM)."""

import base64
import binascii
import re
from typing import Final

from autoresumefiller.errors import EncryptedFileDamagedError

BEGIN: Final = "-----BEGIN AGE ENCRYPTED FILE-----"
END: Final = "-----END AGE ENCRYPTED FILE-----"

_COLUMNS = 64
_BLOCK = re.compile(re.escape(BEGIN) + r"(?P<body>.*?)" + re.escape(END), re.DOTALL)


def enarmor(data: bytes) -> str:
    """Return an age file as text, lines of 64 characters."""
    encoded = base64.b64encode(data).decode()
    rows = [encoded[at : at + _COLUMNS] for at in range(0, len(encoded), _COLUMNS)]
    return "\n".join([BEGIN, *rows, END, ""])


def dearmor(text: str) -> bytes | None:
    """Return the age file within a text, or None if the text has none.

    White space does not matter, nor where the lines end: the text may have been
    typed from paper, or wrapped anew by a mail program.

    Raises:
        EncryptedFileDamagedError: what is between the marks is no base64.

    """
    match = _BLOCK.search(text)
    if match is None:
        return None
    try:
        return base64.b64decode("".join(match["body"].split()), validate=True)
    except (binascii.Error, ValueError):
        raise EncryptedFileDamagedError(
            "The text between the two dashed lines is not complete",
            hint="Compare it with the paper, letter by letter.",
        ) from None
