"""The secret that a program shows to be let in by the server.

From ``AUTORESUMEFILLER_TOKEN``, else from ``.state/api-token`` (0600), which is
made when it is first needed. Making it is one exclusive link: of two servers
that start at once both read the same token, and a kill leaves none or all.
"""

import os
import re
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

from autoresumefiller.errors import InvalidArgumentError, OutputExistsError, VaultLayoutError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.draft import draft_in
from autoresumefiller.vault.durable import make_private_directory, remove_file, storage
from autoresumefiller.vault.layout import VaultLayout

VARIABLE = "AUTORESUMEFILLER_TOKEN"
TOKEN_FILE = "api-token"  # noqa: S105 - the name of a file
# What an Authorization header can carry: RFC 6750, section 2.1 (b64token).
# 22 of these characters hold the 128 bits that cannot be guessed.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{22,512}={0,2}")
MAX_CHARACTERS: Final = 514
_READ_LIMIT_BYTES = 1024


def access_token(layout: VaultLayout, environ: Mapping[str, str] = os.environ) -> str:
    """Return the token, making one if there is none.

    Raises:
        InvalidArgumentError: the one in the environment is too short or cannot be sent.
        VaultLayoutError: something that is no regular file has the token's name.
        StorageError: the system refused.

    """
    given = environ.get(VARIABLE)
    if given:
        if not _TOKEN.fullmatch(given):
            raise InvalidArgumentError(
                f"{VARIABLE} must be 22 to 512 characters of A-Z, a-z, 0-9, - . _ ~ + /",
                consequence="The server was not started.",
                hint="For instance: python3 -c 'import secrets; print(secrets.token_urlsafe())'",
            )
        return given
    path = layout.state / TOKEN_FILE
    return _read(path) or _make(path)


def _make(path: Path) -> str:
    token = token_urlsafe(32)
    make_private_directory(path.parent)
    with draft_in(path.parent) as draft:
        draft.file.write(f"{token}\n".encode())
        try:
            draft.publish([path.name])
        except OutputExistsError:
            other = _read(path)  # another server was faster
            if other is None:
                raise
            return other
    return token


def _read(path: Path) -> str | None:
    """Return the token in the file; None, and no file, where there is no good one."""
    with storage("read", path):
        try:
            descriptor = os.open(
                path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
            )
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise VaultLayoutError(
                    f"{printable(str(path))} is there, but it is not a file",
                    hint="Move it away, then start the server again.",
                )
            token = file.read(_READ_LIMIT_BYTES).decode("ascii", "replace").strip()
    # One that others could read is no secret any more.
    exposed = sys.platform != "win32" and status.st_mode & 0o077
    if exposed or not _TOKEN.fullmatch(token):
        remove_file(path)
        return None
    return token
