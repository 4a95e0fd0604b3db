"""Encrypted backups, made: an ordinary archive goes into an age file.

The archive is put together in a private file in the vault's
``.state/decrypted`` that has no name where the system allows that; it is gone
when the operation ends, however it ends. The encrypted file appears under its
name only when it was read back and decrypted again, or not at all.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from autoresumefiller.backup.entering import Unchanged
from autoresumefiller.backup.envelopes import NOT_MADE, Envelope
from autoresumefiller.backup.space import require_space
from autoresumefiller.errors import EncryptionError, InvalidArgumentError, StorageError
from autoresumefiller.vault.draft import draft_in
from autoresumefiller.vault.durable import storage

if TYPE_CHECKING:
    from autoresumefiller.backup.target import Target
    from autoresumefiller.encryption.envelope import Keys

SUFFIX: Final = ".age"

_PULSE_BYTES = 8 * 1024 * 1024


def seal(
    archive: BinaryIO,
    target: "Target",
    envelope: Envelope,
    *,
    alive: Callable[[], None],
    ready: Callable[[], None],
) -> tuple[Path, int]:
    """Write an archive as an age file under the first free of the target's names plus ``.age``.

    Args:
        archive: In clear, open for reading.
        target: Where it goes.
        envelope: How it is encrypted.
        alive: Called every few megabytes; an exception cancels.
        ready: Called when all is proven, before the file gets its name.

    Returns its path and size.

    Raises:
        OutputExistsError: no name was free.
        StorageError: it could not be written, or did not read back.

    """
    from autoresumefiller.encryption.envelope import encrypt

    archive.seek(0, 2)
    require_space(target.directory, archive.tell() + archive.tell() // 4096 + 4096, "The backup")
    archive.seek(0)
    with draft_in(target.directory) as draft:

        def beat() -> None:
            alive()
            draft.wrote(draft.file.tell())

        source = _Hashing(archive)
        with (
            Unchanged(_Pulse(beat)) as told,
            storage("write", target.directory, consequence=NOT_MADE),
        ):
            encrypt(source, draft.file, envelope.lock, on_bytes=told)
        draft.sync()
        _prove(draft.file, envelope.proof, source.digest, alive)
        size = draft.file.seek(0, 2)
        ready()
        return draft.publish(_encrypted_names(target.names)), size


def _encrypted_names(names: Iterable[str]) -> Iterator[str]:
    return (name if name.endswith(SUFFIX) else f"{name}{SUFFIX}" for name in names)


def _prove(file: BinaryIO, proof: "Keys | None", digest: bytes, alive: Callable[[], None]) -> None:
    """Decrypt what was written and compare it; without a key here, only the header is read."""
    from autoresumefiller.encryption.envelope import decrypt, needs_passphrase

    sink = _Hash()
    try:
        with (
            Unchanged(_Pulse(alive)) as told,
            storage("read", "the encrypted backup", consequence=NOT_MADE),
        ):
            if proof is None:
                needs_passphrase(file)
                return
            decrypt(file, sink, proof, on_bytes=told)
    except EncryptionError as error:
        raise _misread(error.message) from error
    if sink.digest != digest:
        raise _misread("its content differs")


def _misread(reason: str) -> StorageError:
    return StorageError(
        f"The encrypted backup did not read back as it was written: {reason}",
        consequence=f"{NOT_MADE} Your vault was only read.",
        hint="Check the disk, and the memory of this computer, then try again.",
    )


def refuse_misleading_name(target: "Target") -> None:
    """See that a file in clear does not get the name of an encrypted one.

    Raises:
        InvalidArgumentError: it would.

    """
    if isinstance(target.names, tuple) and any(name.endswith(SUFFIX) for name in target.names):
        raise InvalidArgumentError(
            f"A name that ends in {SUFFIX} is for encrypted backups",
            consequence=NOT_MADE,
            hint="Add --encrypt, or choose a name that ends in .zip.",
        )


class _Pulse:
    """Calls back now and then while bytes go by."""

    def __init__(self, alive: Callable[[], None]) -> None:
        self._alive = alive
        self._next = 0

    def __call__(self, count: int) -> None:
        if count >= self._next:
            self._next = count + _PULSE_BYTES
            self._alive()


class _Hashing:
    """A source that hashes what is read from it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(size)
        self._hash.update(data)
        return data

    @property
    def digest(self) -> bytes:
        return self._hash.digest()


class _Hash:
    """A target that only hashes."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def write(self, data: bytes, /) -> object:
        self._hash.update(data)
        return len(data)

    @property
    def digest(self) -> bytes:
        return self._hash.digest()
