"""What the encryption of a vault says of itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionChange:
    """What was done.

    Attributes:
        encrypted: Whether the profile is kept encrypted now.
        key_id: The key that it is encrypted with, or "".
        key_place: Where that key lives, in words.
        warnings: What the person should know or do.

    """

    encrypted: bool
    key_id: str
    key_place: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionStatus:
    """How things stand.

    Attributes:
        enabled: What the settings say.
        encrypted: Whether there is an encrypted profile.
        in_clear: Whether there is one in clear.
        key_id: Its key, or "" (also if it does not say, being damaged or another program's).
        key_place: Where keys live, in words.
        key_found: Whether that key is there; None where it is not needed.
        problem: Why it cannot be looked for, or opened, or "".

    """

    enabled: bool
    encrypted: bool
    in_clear: bool
    key_id: str
    key_place: str
    key_found: bool | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KitProof:
    """A kit that opens this vault.

    Attributes:
        recipient: The kit's public key.
        proven_on: ``profile`` (it was decrypted with nothing but the kit) or
            ``key`` (there is no profile yet; the kit belongs to the key).

    """

    recipient: str
    proven_on: str
