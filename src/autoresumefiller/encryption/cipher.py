"""The encrypted profile: the format ``.enc``, version 1, and its cipher.

======  ======  =============================================================
offset  length  content
======  ======  =============================================================
0       4       ``ARFE``
4       1       version, 1
5       8       key id (`VaultKey.key_id`): which key opens it
13      12      nonce, fresh random bytes for every write
25      2       length of the recovery slot, big-endian, 0 if there is none
27      n       recovery slot: an age file that holds the key's line, for the
                recovery kit's recipient; so the kit opens every copy of the
                file, wherever it went
27 + n  rest    AES-256-GCM ciphertext, its tag of 16 bytes last
======  ======  =============================================================

Associated data: the purpose, a zero byte, and everything before the
ciphertext. So no bit of the header can be changed, and a file encrypted for
one purpose is not taken for another. Random nonces of 96 bits are safe for
2**32 writes with one key (NIST SP 800-38D, section 8.3).
"""

import os
import struct
from dataclasses import dataclass
from typing import Final, Self

from autoresumefiller.encryption.vault_key import KEY_ID_BYTES, VaultKey
from autoresumefiller.errors import AuthenticationFailedError, KeyNotFoundError

MAGIC: Final = b"ARFE"
VERSION: Final = 1
NONCE_BYTES: Final = 12
PROFILE_PURPOSE: Final = b"autoresumefiller user_profile"

_FIXED = struct.Struct(f">4sB{KEY_ID_BYTES}s{NONCE_BYTES}sH")
_TAG_BYTES = 16
TAMPERED: Final = "Authentication failed. File may be corrupted or tampered."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A parsed ``.enc``; nothing in it is proven before `open_sealed`.

    Attributes:
        key_id: Which key it needs.
        recovery_slot: An age file with that key's line, or b"".

    """

    key_id: str
    recovery_slot: bytes
    nonce: bytes
    header: bytes
    ciphertext: bytes

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Take an encrypted file apart.

        Raises:
            AuthenticationFailedError: it is not in this format, or cut off.

        """
        if len(data) < _FIXED.size + _TAG_BYTES:
            raise _unreadable("it is too short")
        magic, version, key_id, nonce, slot_length = _FIXED.unpack_from(data)
        if magic != MAGIC:
            raise _unreadable("it does not begin as an encrypted profile does")
        if version != VERSION:
            raise AuthenticationFailedError(
                f"The encrypted profile has version {version}, and this program knows {VERSION}",
                hint="Update AutoResumeFiller, or import a backup.",
            )
        start = _FIXED.size + slot_length
        if len(data) < start + _TAG_BYTES:
            raise _unreadable("it is too short")
        return cls(
            key_id=key_id.hex(),
            recovery_slot=data[_FIXED.size : start],
            nonce=nonce,
            header=data[:start],
            ciphertext=data[start:],
        )


def encrypt(
    plaintext: bytes, key: VaultKey, *, recovery_slot: bytes = b"", nonce: bytes | None = None
) -> bytes:
    """Return ``plaintext`` as an encrypted profile.

    Args:
        plaintext: The profile's JSON.
        key: The key to use.
        recovery_slot: Made by `recovery.seal_key` for this key.
        nonce: Only known-answer tests give one.

    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES) if nonce is None else nonce
    key_id = bytes.fromhex(key.key_id)
    header = _FIXED.pack(MAGIC, VERSION, key_id, nonce, len(recovery_slot)) + recovery_slot
    return header + AESGCM(key.secret).encrypt(nonce, plaintext, _associated(header))


def open_sealed(sealed: Sealed, key: VaultKey) -> bytes:
    """Return the plaintext.

    Raises:
        KeyNotFoundError: ``key`` is not the one it was encrypted with.
        AuthenticationFailedError: it is not what was written.

    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if key.key_id != sealed.key_id:
        raise key_not_found(sealed.key_id)
    try:
        return AESGCM(key.secret).decrypt(
            sealed.nonce, sealed.ciphertext, _associated(sealed.header)
        )
    except InvalidTag:
        raise AuthenticationFailedError(TAMPERED) from None


def key_not_found(key_id: str) -> KeyNotFoundError:
    """Return the error for a key that is not here; ``key_id`` helps to find the right one."""
    return KeyNotFoundError(
        f"Encryption key not found. Cannot decrypt data. The key's id is {key_id}"
    )


def _associated(header: bytes) -> bytes:
    return PROFILE_PURPOSE + b"\0" + header


def _unreadable(reason: str) -> AuthenticationFailedError:
    return AuthenticationFailedError(f"{TAMPERED} {reason.capitalize()}")
