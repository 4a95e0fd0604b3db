"""The locks in the header of an age file: a passphrase's, and an X25519 recipient's.

Each wraps the file key, 16 random bytes from which all else in a file follows
(https://c2sp.org/age).
"""

import hmac
from typing import Final

from autoresumefiller.encryption.age_header import INTRO, Header, Stanza, damaged, decode, encode

FILE_KEY_BYTES: Final = 16
SALT_BYTES: Final = 16

_POINT_BYTES = 32
_TAG_BYTES = 16
_SCRYPT_LABEL = b"age-encryption.org/v1/scrypt"
_X25519_LABEL = b"age-encryption.org/v1/X25519"


def prove(header: Header, file_key: bytes) -> None:
    """Check that the header was made by who knew the file key.

    Raises:
        EncryptedFileDamagedError: it was changed since.

    """
    if not hmac.compare_digest(_mac(header.signed, file_key), header.mac):
        raise damaged("its header was changed")


def open_with_passphrase(header: Header, passphrase: str) -> bytes | None:
    """Return the file key, or None if the passphrase is wrong (or its lock was changed)."""
    stanza = header.stanzas[0]
    salt = decode(stanza.arguments[0].encode())
    if len(salt) != SALT_BYTES:
        raise damaged("its passphrase lock is malformed")
    return _unwrap(_stretch(passphrase, salt, int(stanza.arguments[1])), stanza.body)


def open_with_identity(header: Header, secret: bytes) -> bytes | None:
    """Return the file key, or None if no lock is for this X25519 secret of 32 bytes."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import (
        X25519PrivateKey,
        X25519PublicKey,
    )

    private = X25519PrivateKey.from_private_bytes(secret)
    own = private.public_key().public_bytes_raw()
    for stanza in header.stanzas:
        if stanza.kind != "X25519" or len(stanza.arguments) != 1:
            continue
        share = decode(stanza.arguments[0].encode())
        if len(share) != _POINT_BYTES:
            raise damaged("one of its locks is malformed")
        try:
            shared = private.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError:  # a point of low order: nobody encrypts to that
            continue
        wrapping = derive(shared, salt=share + own, info=_X25519_LABEL)
        if (file_key := _unwrap(wrapping, stanza.body)) is not None:
            return file_key
    return None


def passphrase_header(file_key: bytes, passphrase: str, salt: bytes, work_factor: int) -> Header:
    """Make the header of a file that a passphrase opens.

    Args:
        file_key: 16 random bytes.
        passphrase: As the person types it.
        salt: 16 random bytes.
        work_factor: log2 of scrypt's N.

    """
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    wrapping = ChaCha20Poly1305(_stretch(passphrase, salt, work_factor))
    body = wrapping.encrypt(bytes(12), file_key, None)
    arguments = (encode(salt).decode(), str(work_factor))
    stanza = Stanza(kind="scrypt", arguments=arguments, body=body)
    lock = f"-> scrypt {' '.join(arguments)}\n".encode() + encode(body) + b"\n"
    signed = INTRO + lock + b"---"
    return Header(stanzas=(stanza,), signed=signed, mac=_mac(signed, file_key))


def derive(secret: bytes, *, salt: bytes | None, info: bytes) -> bytes:
    """Return 32 bytes by HKDF-SHA-256 (RFC 5869)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, salt=salt, info=info).derive(secret)


def _mac(signed: bytes, file_key: bytes) -> bytes:
    return hmac.digest(derive(file_key, salt=None, info=b"header"), signed, "sha256")


def _stretch(passphrase: str, salt: bytes, work_factor: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    stretching = Scrypt(salt=_SCRYPT_LABEL + salt, length=32, n=1 << work_factor, r=8, p=1)
    # A lone surrogate cannot be UTF-8 and no keyboard makes one; it opens nothing.
    return stretching.derive(passphrase.encode("utf-8", "backslashreplace"))


def _unwrap(key: bytes, body: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    if len(body) != FILE_KEY_BYTES + _TAG_BYTES:  # a longer key would make the lock ambiguous
        raise damaged("one of its locks is malformed")
    try:
        return ChaCha20Poly1305(key).decrypt(bytes(12), body, None)
    except InvalidTag:
        return None
