"""A private place on the vault's disk for an archive that somebody sends."""

from contextlib import ExitStack
from typing import BinaryIO

from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.space import require_space
from autoresumefiller.vault.staging import staging_area

_NAME = "upload.zip"


class _Undated:
    modified = None


class Upload:
    """An archive on its way in.

    The file is 0600 in a staging area of the vault: it goes when ``resources``
    are closed, and a process that is killed leaves it to the next sweep. The
    sender's name for it is never used on the disk.

    Attributes:
        path: Where it is.
        file: To be written to, then closed with `seal`.
        resources: To be closed by whoever uses the archive last.

    """

    def __init__(self, vault: Vault) -> None:
        """Make the place.

        Raises:
            StorageError: the system refused.

        """
        with ExitStack() as stack:
            area = stack.enter_context(staging_area(vault.layout))
            self.file: BinaryIO = stack.enter_context(area.open(_Undated(), _NAME))
            self.path = area.tree / _NAME
            self.resources = stack.pop_all()

    def seal(self) -> None:
        """Say that the archive is complete.

        Raises:
            StorageError: the last of it could not be written.

        """
        self.file.close()


def require_space_for(vault: Vault, size_bytes: int) -> None:
    """Make sure that an upload of this size fits the vault's disk.

    Raises:
        NotEnoughSpaceError: it does not.

    """
    require_space(vault.layout.root, size_bytes, "The upload")
