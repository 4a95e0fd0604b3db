"""A vault's key: one line of text, wherever it is kept.

``ARF-KEY-1.<secret>.<recovery>``: the secret is 32 bytes in URL-safe base64
without padding; the recovery part is the public half of the recovery kit, an
age recipient (``age1...``), or empty. The two belong together: whoever could
change the recipient alone would be handed the key at the next save.

What follows from the secret and is never stored:

- the key id, by which a file says which key it needs: the first 8 bytes of
  SHA-256 over a label and the secret;
- the device's age identity, which opens this vault's encrypted backups without
  a passphrase: HKDF-SHA-256 of the secret (RFC 5869), taken as an X25519 key.
"""

import base64
import binascii
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Final, Self

from autoresumefiller.encryption.bech32 import encode_bech32
from autoresumefiller.errors import KeyStoreError

SECRET_BYTES: Final = 32
KEY_ID_BYTES: Final = 8

_PREFIX = "ARF-KEY-1"
_ID_LABEL = b"autoresumefiller key id v1\0"
_DEVICE_LABEL = b"autoresumefiller age device identity v1"
_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultKey:
    """The key of a vault's profile.

    Attributes:
        secret: 32 random bytes; never shown by ``repr``.
        recovery: The age recipient of the recovery kit, or "".

    """

    secret: bytes = field(repr=False)
    recovery: str

    def __post_init__(self) -> None:
        if len(self.secret) != SECRET_BYTES:
            raise AssertionError("a key has 32 bytes")

    @classmethod
    def generate(cls, *, recovery: str) -> Self:
        """Return a new random key, recoverable by the kit of this recipient."""
        return cls(secret=secrets.token_bytes(SECRET_BYTES), recovery=recovery)

    @property
    def key_id(self) -> str:
        """Which key this is, 16 hexadecimal digits; tells nothing about the secret."""
        return hashlib.sha256(_ID_LABEL + self.secret).digest()[:KEY_ID_BYTES].hex()

    @property
    def device_identity(self) -> str:
        """The age identity of machines that have this key (``AGE-SECRET-KEY-1...``)."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        scalar = HKDF(SHA256(), SECRET_BYTES, salt=None, info=_DEVICE_LABEL).derive(self.secret)
        return encode_bech32("age-secret-key-", scalar).upper()

    @property
    def device_recipient(self) -> str:
        """The public half of `device_identity` (``age1...``)."""
        from pyrage import x25519

        return str(x25519.Identity.from_str(self.device_identity).to_public())

    def to_text(self) -> str:
        """Return the line that `parse` reads; it is the secret itself."""
        encoded = base64.urlsafe_b64encode(self.secret).decode().rstrip("=")
        return f"{_PREFIX}.{encoded}.{self.recovery}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key's line.

        Raises:
            KeyStoreError: it is none. The message never quotes it.

        """
        prefix, _, rest = text.strip().partition(".")
        encoded, dot, recovery = rest.partition(".")
        if prefix != _PREFIX or not dot:
            raise _no_key(f"it does not have the form {_PREFIX}.SECRET.RECIPIENT")
        if recovery and not _RECIPIENT.fullmatch(recovery):
            raise _no_key("its last part is no age recipient")
        try:
            secret = base64.b64decode(f"{encoded}=", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _no_key("its middle part is no base64") from None
        if len(secret) != SECRET_BYTES:
            raise _no_key("its secret does not have 32 bytes")
        return cls(secret=secret, recovery=recovery)


def _no_key(reason: str) -> KeyStoreError:
    return KeyStoreError(
        f"What was found in the key's place is no key of ours: {reason}",
        hint="Restore the key there, or import a backup with your recovery kit.",
    )
