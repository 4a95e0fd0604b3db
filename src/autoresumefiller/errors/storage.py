"""The disk."""

from autoresumefiller.errors.base import AutoResumeFillerError


class StorageError(AutoResumeFillerError):
    """The operating system refused or failed to read or write.

    Attributes:
        path: The path the operation was about, as text for people.
        errno: The system's error number, or None.

    """

    code = "storage_failed"

    def __init__(
        self,
        message: str,
        *,
        path: str = "",
        errno: int | None = None,
        consequence: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, consequence=consequence, hint=hint)
        self.path = path
        self.errno = errno


class NotEnoughSpaceError(StorageError):
    """The disk, or this account's share of it, is full or would become so."""

    code = "not_enough_space"
    default_hint = "Free some space and try again."


class AccessDeniedError(StorageError):
    """The system does not let this account read or write there."""

    code = "access_denied"
    default_hint = "Check who owns the file and its permissions, then try again."


class OutputExistsError(StorageError):
    """The file to be written is there already; nothing is ever overwritten."""

    code = "output_exists"
    default_consequence = "The existing file was not changed."
    default_hint = "Choose another name, or move that file away first."
