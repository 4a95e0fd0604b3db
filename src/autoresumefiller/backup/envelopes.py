"""Encrypted backups: an ordinary archive inside an age file, and back again.

The archive is put together, or laid open, in a private file in the vault's
``.state/decrypted`` that has no name where the system allows that; it is gone
when the operation ends, however it ends. An encrypted file appears under its
name only when it was read back and decrypted again, or not at all.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from autoresumefiller.backup.entering import Entering, Unchanged
from autoresumefiller.backup.space import require_space
from autoresumefiller.errors import (
    ConfigError,
    EncryptionError,
    InvalidArgumentError,
    NotEncryptedError,
    PassphraseRequiredError,
    StorageError,
    WrongKeyError,
)
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.draft import draft_in
from autoresumefiller.vault.durable import is_there, make_private_directory, storage

if TYPE_CHECKING:
    from autoresumefiller.backup.context import Vault
    from autoresumefiller.backup.target import Target
    from autoresumefiller.backup.unlocking import Unlocker
    from autoresumefiller.encryption.envelope import Keys, Passphrase, Recipients

logger = logging.getLogger(__name__)

SUFFIX: Final = ".age"

_INTRO = b"age-encryption.org/"
_NOT_MADE = "No file was made."
# What the end record of a ZIP file looks like when it has no comment: offset from
# the end, byte. Most of it is enough: one byte may be the damaged one.
_END_RECORD = {-22: 0x50, -21: 0x4B, -20: 5, -19: 6, -18: 0, -17: 0, -16: 0, -15: 0, -2: 0, -1: 0}
_ENOUGH = 8
_PULSE_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """How an archive is encrypted.

    Attributes:
        lock: For recipients, or for a passphrase.
        proof: What can open it again here, to prove it; None if nothing can.
        include_secrets: Whether API keys go in, which they never do in clear.

    """

    lock: "Recipients | Passphrase"
    proof: "Keys | None"
    include_secrets: bool = False


def envelope_for(
    vault: "Vault",
    *,
    passphrase: str | None = None,
    recipients: Iterable[str] = (),
    include_secrets: bool = False,
) -> Envelope:
    """Return how to encrypt: with the passphrase, or for the vault and these recipients.

    Without a passphrase the recipients are this device and the recovery kit,
    if the vault has a key, those of the settings, and the ones given.

    Raises:
        InvalidArgumentError: there is nobody to encrypt for, or both are given.
        ConfigError: the settings do not say who their recipients are.
        KeyNotFoundError, KeyStoreError: the vault's key is not here.

    """
    from autoresumefiller.backup.settings_file import read_recipients
    from autoresumefiller.encryption.envelope import (
        Keys,
        Passphrase,
        Recipients,
        check_recipients,
    )

    given = tuple(recipients)
    if passphrase is not None:
        if given:
            raise InvalidArgumentError(
                "A backup is encrypted with a passphrase or for recipients, not both",
                consequence=_NOT_MADE,
            )
        if not passphrase:
            raise InvalidArgumentError("The passphrase is empty", consequence=_NOT_MADE)
        return Envelope(
            lock=Passphrase(passphrase=passphrase),
            proof=Keys(passphrase=passphrase),
            include_secrets=include_secrets,
        )
    own, proof = _own(vault)
    lock = Recipients(recipients=check_recipients([*own, *read_recipients(vault), *given]))
    return Envelope(lock=lock, proof=proof, include_secrets=include_secrets)


def envelope_for_automatic(vault: "Vault") -> Envelope:
    """Return how to encrypt an automatic backup of a vault that has a key.

    As `envelope_for`; but settings that name nobody who could be a recipient
    must not keep the person from saving: it is for the vault alone then.
    """
    from autoresumefiller.encryption.envelope import Recipients

    try:
        return envelope_for(vault)
    except (ConfigError, InvalidArgumentError) as error:
        logger.warning("An automatic backup is for this vault only: %s", error.message)
    own, proof = _own(vault)
    return Envelope(lock=Recipients(recipients=own), proof=proof)


def _own(vault: "Vault") -> "tuple[tuple[str, ...], Keys | None]":
    """Return the recipients of the vault, and what opens a file for them here."""
    from autoresumefiller.encryption.envelope import Keys

    with storage("look at", vault.layout.data):
        encrypted = is_there(vault.layout.encrypted_profile)
    if not (encrypted or vault.keys.listed().ids):
        return (), None
    key = vault.keys.for_writing()
    own = tuple(recipient for recipient in (key.device_recipient, key.recovery) if recipient)
    return own, Keys(identities=(key.device_identity,))


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
        source = _Hashing(archive)
        with (
            Unchanged(_Pulse(alive)) as told,
            storage("write", target.directory, consequence=_NOT_MADE),
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
            storage("read", "the encrypted backup", consequence=_NOT_MADE),
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
        consequence=f"{_NOT_MADE} Your vault was only read.",
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
            consequence=_NOT_MADE,
            hint="Add --encrypt, or choose a name that ends in .zip.",
        )


# --- opening ---------------------------------------------------------------------


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
            f"{printable(path.name)} is named like an encrypted backup, but it is none: "
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
