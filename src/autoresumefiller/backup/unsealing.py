"""Encrypted backups, opened: the archive in an age file is laid open for as long as it is read.

It lies in a private file that has no name where the system allows that, and is
gone when the operation ends, however it ends.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from autoresumefiller.backup.entering import Entering, Unchanged
from autoresumefiller.backup.sealing import SUFFIX
from autoresumefiller.backup.space import require_space
from autoresumefiller.errors import NotEncryptedError, PassphraseRequiredError, WrongKeyError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.draft import draft_in
from autoresumefiller.vault.durable import make_private_directory, storage

if TYPE_CHECKING:
    from autoresumefiller.backup.unlocking import Unlocker

_INTRO = b"age-encryption.org/"
# What the end record of a ZIP file looks like when it has no comment: offset from
# the end, byte. Most of it is enough: one byte may be the damaged one.
_END_RECORD = {-22: 0x50, -21: 0x4B, -20: 5, -19: 6, -18: 0, -17: 0, -16: 0, -15: 0, -2: 0, -1: 0}
_ENOUGH = 8


def is_sealed(file: BinaryIO, path: Path) -> bool:
    """Whether a file is an encrypted backup, by its content or by its name."""
    with storage("read", path):
        file.seek(0)
        begin = file.read(len(_INTRO))
        file.seek(0)
    return begin == _INTRO or path.name.endswith(SUFFIX)


Watch = Callable[[int], Callable[[int], None]]
"""Is told how large a file is before it is decrypted; what it returns, how much of it is done."""


def laid_open(
    file: BinaryIO,
    path: Path,
    unlocker: "Unlocker",
    directory: Path,
    *,
    watch: Watch = lambda _size: lambda _done: None,
) -> AbstractContextManager[BinaryIO]:
    """Give the archive in a file: itself, or decrypted into a private one until the block ends.

    Args:
        file: Open for reading.
        path: Its name, for messages.
        unlocker: Has the keys, or asks for them.
        directory: For the private file; made if it is not there.
        watch: Called if there is something to decrypt; an exception cancels.

    Raises:
        WrongKeyError, PassphraseRequiredError: it could not be opened.
        NotEncryptedError: its name says that it is encrypted, and it is not.
        EncryptedFileDamagedError, EncryptedFileTruncatedError: it is not whole.
        StorageError: there is no room to decrypt it, or the disk fails.

    """
    if not is_sealed(file, path):
        return nullcontext(file)

    def enter(stack: ExitStack) -> BinaryIO:
        with storage("read", path):
            size = file.seek(0, 2)
        make_private_directory(directory)
        require_space(directory, size, "The decrypted backup")
        draft = stack.enter_context(draft_in(directory))
        _decrypt(file, draft.file, path, unlocker, watch(size))
        draft.file.seek(0)
        return draft.file

    return Entering(enter)


def _decrypt(
    file: BinaryIO,
    target: BinaryIO,
    path: Path,
    unlocker: "Unlocker",
    on_bytes: Callable[[int], None],
) -> None:
    from autoresumefiller.encryption.envelope import Keys, decrypt, needs_passphrase

    def try_with(keys: Keys) -> None:
        with Unchanged(on_bytes) as told, storage("decrypt", path):
            target.seek(0)
            target.truncate()
            decrypt(file, target, keys, looks_complete=looks_like_the_end_of_a_zip, on_bytes=told)
            target.flush()

    try:
        with storage("read", path):
            wants_passphrase = needs_passphrase(file)
        if wants_passphrase:
            passphrase = unlocker.passphrase()
            if passphrase is None:
                raise PassphraseRequiredError(
                    f"{printable(path.name)} is encrypted with a passphrase"
                )
            try_with(Keys(passphrase=passphrase))
            return
        identities = unlocker.device_identities()
        try:
            try_with(Keys(identities=identities))
        except WrongKeyError:
            kit = unlocker.kit_identity()
            if kit is None:
                raise _locked(path, unlocker) from None
            try_with(Keys(identities=(kit,)))
    except NotEncryptedError as error:
        raise NotEncryptedError(
            f"{printable(path.name)} cannot be read as an encrypted backup: "
            f"{error.message[0].lower()}{error.message[1:]}",
            hint=error.hint,
        ) from None


def _locked(path: Path, unlocker: "Unlocker") -> WrongKeyError:
    trouble = f" ({unlocker.trouble})" if unlocker.trouble else ""
    return WrongKeyError(
        f"{printable(path.name)} is encrypted, and no key on this machine opens it{trouble}",
        hint="Give your recovery kit: --kit FILE.",
    )


def looks_like_the_end_of_a_zip(end: bytes) -> bool:
    """Whether bytes, a few of them wrong perhaps, are the end of a whole archive."""
    there = {at: byte for at, byte in _END_RECORD.items() if -at <= len(end)}
    right = sum(end[at] == byte for at, byte in there.items())
    return right >= min(_ENOUGH, len(there)) and len(there) > _ENOUGH // 2
