"""A file encrypted with age: for recipients, or for a passphrase; never both.

Streams both ways: memory does not grow with the file. For recipients pyrage
does the work. It has no streaming for passphrases, so these files are written
and read here (`age_payload`), and so is the search for the reason when a file
does not open. Interoperable with the ``age`` program in every direction.

Plaintext comes out before the end proves that nothing is missing: who
decrypts must keep the output private and throw it away on any error.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from autoresumefiller.encryption.age_header import (
    MAX_WORK_FACTOR,
    Header,
    Readable,
    damaged,
    read_header,
)
from autoresumefiller.encryption.age_locks import (
    FILE_KEY_BYTES,
    SALT_BYTES,
    open_with_identity,
    open_with_passphrase,
    passphrase_header,
    prove,
)
from autoresumefiller.encryption.age_payload import (
    NONCE_BYTES,
    LooksComplete,
    Writable,
    decrypt_payload,
    encrypt_payload,
)
from autoresumefiller.encryption.age_streams import Counted, Guard, Nowhere, OnBytes, PyrageFailed
from autoresumefiller.encryption.bech32 import decode_bech32
from autoresumefiller.errors import (
    EncryptionError,
    InvalidArgumentError,
    PassphraseRequiredError,
    WrongKeyError,
)

WORK_FACTOR: Final = 18
"""log2 of scrypt's N for what we write, as in age: 256 MiB and 0.7 s (docs/encryption.md)."""

# A lock says neither for whom it is nor that it is whole: nothing in it can be
# proven before it opens.
_LOOKS_THE_SAME = (
    "If that is the right one, the beginning of the file is damaged: try another copy."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """Encrypt for each of these: ``age1...`` or an SSH public key; at least one."""

    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passphrase:
    """Encrypt for whoever knows this."""

    passphrase: str = field(repr=False)
    work_factor: int = WORK_FACTOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What there is to open a file with.

    Attributes:
        identities: ``AGE-SECRET-KEY-1...``, tried one after the other.
        passphrase: Or None; only for a file that a passphrase opens.

    """

    identities: tuple[str, ...] = field(default=(), repr=False)
    passphrase: str | None = field(default=None, repr=False)


def check_recipients(recipients: Iterable[str]) -> tuple[str, ...]:
    """Return the recipients, each once.

    Raises:
        InvalidArgumentError: one of them is none, or there are none.

    """
    unique = tuple(dict.fromkeys(text.strip() for text in recipients))
    if not unique:
        raise InvalidArgumentError(
            "There is no recipient and no passphrase to encrypt for",
            consequence="No file was made.",
            hint="Name a recipient or a passphrase, or turn on the vault's encryption: "
            "'arf encrypt on' makes a key and a recovery kit.",
        )
    for text in unique:
        _recipient(text)
    return unique


def encrypt(
    source: Readable,
    target: Writable,
    lock: Recipients | Passphrase,
    *,
    on_bytes: OnBytes | None = None,
) -> None:
    """Write ``source`` as an age file.

    Raises:
        InvalidArgumentError: no recipient or passphrase, or a malformed one;
            nothing was written.
        OSError: of the two files, as it is.

    """
    if isinstance(lock, Passphrase):
        _encrypt_for_passphrase(Counted(source, on_bytes), target, lock)
        return
    import pyrage

    recipients = [_recipient(text) for text in check_recipients(lock.recipients)]
    with Guard(Counted(source, on_bytes), target) as guard:
        pyrage.encrypt_io(guard.reader, guard.writer, recipients)


def needs_passphrase(file: BinaryIO) -> bool:
    """Look whether a file asks for a passphrase; leaves it at its beginning.

    Raises:
        NotEncryptedError, EncryptedFileTruncatedError, EncryptedFileDamagedError:
            as `decrypt`.

    """
    file.seek(0)
    try:
        return read_header(file).needs_passphrase
    finally:
        file.seek(0)


def decrypt(
    source: BinaryIO,
    target: Writable,
    keys: Keys,
    *,
    looks_complete: LooksComplete = lambda _end: False,
    on_bytes: OnBytes | None = None,
) -> None:
    """Write the plaintext of an age file; if this raises, throw away what was written.

    Args:
        source: Seekable; read from its beginning.
        target: Takes the plaintext.
        keys: What to try.
        looks_complete: See `decrypt_payload`.
        on_bytes: Told of progress.

    Raises:
        NotEncryptedError: it is no age file.
        WrongKeyError: nothing in ``keys`` opens it.
        PassphraseRequiredError: it asks for a passphrase, and there is none.
        EncryptedFileTruncatedError: it ends too early.
        EncryptedFileDamagedError: it was changed, or claims too much.
        OSError: of the two files, as it is.

    """
    source.seek(0)
    header = read_header(source)
    if header.needs_passphrase:
        file_key = _opened(header, keys)
        payload = Counted(source, on_bytes)
        decrypt_payload(file_key, payload, target, looks_complete=looks_complete)
        return
    source.seek(0)
    _decrypt_for_recipients(source, target, keys, looks_complete, on_bytes)


def _encrypt_for_passphrase(source: Readable, target: Writable, lock: Passphrase) -> None:
    if not _typed(lock.passphrase):
        raise InvalidArgumentError(
            "The passphrase is empty", consequence="No file was made.", hint="Choose a longer one."
        )
    if lock.work_factor > MAX_WORK_FACTOR:
        raise AssertionError("what we write, we must be able to read")
    file_key = os.urandom(FILE_KEY_BYTES)
    salt = os.urandom(SALT_BYTES)
    header = passphrase_header(file_key, _typed(lock.passphrase), salt, lock.work_factor)
    target.write(header.to_bytes())
    encrypt_payload(file_key, os.urandom(NONCE_BYTES), source, target)


def _typed(passphrase: str) -> str:
    """Give a passphrase as it can be typed: an editor may have put a byte order mark before it."""
    return passphrase.removeprefix("\ufeff")


def _decrypt_for_recipients(
    source: BinaryIO,
    target: Writable,
    keys: Keys,
    looks_complete: LooksComplete,
    on_bytes: OnBytes | None,
) -> None:
    import pyrage

    identities = [_identity(text) for text in keys.identities]
    try:
        with Guard(Counted(source, on_bytes), target) as guard:
            pyrage.decrypt_io(guard.reader, guard.writer, identities)
    except PyrageFailed as failed:
        raise _explain(source, keys, looks_complete, str(failed)) from None


def _explain(
    source: BinaryIO, keys: Keys, looks_complete: LooksComplete, reason: str
) -> EncryptionError:
    """Go through a file that pyrage could not open, to say what is wrong with it."""
    source.seek(0)
    try:
        header = read_header(source)
        decrypt_payload(_opened(header, keys), source, Nowhere(), looks_complete=looks_complete)
    except EncryptionError as error:
        return error
    return damaged(f"it could not be decrypted ({reason})")


def _opened(header: Header, keys: Keys) -> bytes:
    """Return the proven file key."""
    if header.needs_passphrase:
        if keys.passphrase is None:
            raise PassphraseRequiredError("The file is encrypted with a passphrase")
        file_key = open_with_passphrase(header, _typed(keys.passphrase))
        if file_key is None:
            raise WrongKeyError(
                "The passphrase is wrong",
                hint="Mind capital letters and the keyboard's language, and try again. "
                + _LOOKS_THE_SAME,
            )
    else:
        file_key = _first(header, keys)
        if file_key is None:
            raise WrongKeyError(
                "None of the keys that are here opens this file",
                hint="Give the recovery kit of the vault that it was made from. " + _LOOKS_THE_SAME,
            )
    prove(header, file_key)
    return file_key


def _first(header: Header, keys: Keys) -> bytes | None:
    for text in keys.identities:
        file_key = open_with_identity(header, decode_bech32(text)[1])
        if file_key is not None:
            return file_key
    return None


def _recipient(text: str) -> object:
    import pyrage

    kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
    try:
        return kind.Recipient.from_str(text)
    except (pyrage.RecipientError, UnicodeEncodeError):
        # Quoted only where it begins as a public key does: it may be the secret one.
        public = text.startswith(("age1", "ssh-"))
        shown = repr(text[:80]) if public else f"What begins with {text[:4]!r}"
        raise InvalidArgumentError(
            f"{shown} is no recipient of age",
            consequence="No file was made.",
            hint="A recipient is a public key: it begins with age1, ssh-ed25519 or ssh-rsa.",
        ) from None


def _identity(text: str) -> object:
    import pyrage

    try:
        return pyrage.x25519.Identity.from_str(text)
    except (pyrage.IdentityError, UnicodeEncodeError):
        # Never quoted: it may be a secret with a typing error.
        raise WrongKeyError("What was given as a key is no identity of age") from None
