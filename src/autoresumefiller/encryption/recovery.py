"""The recovery kit: an age identity on paper, protected by a passphrase.

Its public half goes into the vault's key (`VaultKey.recovery`), and with every
write into the encrypted profile (`cipher`, recovery slot): so the kit opens
every copy of the profile, on any machine. The private half is nowhere but in
the kit. The kit's block of text is an armored age file with a passphrase that
holds an identity file: ``age -d -i`` takes it as it is.
"""

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from autoresumefiller.encryption.armor import BEGIN, dearmor, enarmor
from autoresumefiller.encryption.bech32 import decode_bech32
from autoresumefiller.encryption.cipher import TAMPERED, Sealed, open_sealed
from autoresumefiller.encryption.envelope import (
    WORK_FACTOR,
    Keys,
    Passphrase,
    Recipients,
    decrypt,
    encrypt,
)
from autoresumefiller.encryption.passphrases import require_usable
from autoresumefiller.encryption.vault_key import VaultKey
from autoresumefiller.errors import (
    AuthenticationFailedError,
    EncryptionError,
    KeyStoreError,
    RecoveryKitError,
    WrongKeyError,
)

MAX_KIT_CHARACTERS: Final = 64 * 1024
"""More than any kit has; what is longer is another file."""

_IDENTITY = "AGE-SECRET-KEY-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryKit:
    """A kit as it is handed out.

    Attributes:
        recipient: Its public half (``age1...``).
        block: The armored age file, ends with a newline.
        created: When it was made, UTC.

    """

    recipient: str
    block: str = field(repr=False)
    created: datetime

    @property
    def text(self) -> str:
        """The kit as a text file to keep or print."""
        return f"""\
RECOVERY KIT of an AutoResumeFiller vault
made {self.created:%Y-%m-%d} (UTC), public key
{self.recipient}

With this text AND its passphrase you can read your encrypted profile and your
encrypted backups on any computer. Without them, and without the computer that
holds the key, nobody can: not even the makers of the program.

Keep it away from the computer: on paper, or on a stick in a drawer. The
passphrase is not written here on purpose.

{self.block}
To test it:       arf key verify-kit THIS_FILE
On a new machine: arf import BACKUP --kit THIS_FILE
Without arf:      put the block above, dashed lines included, into a file
                  identity.age, then: age -d -i identity.age BACKUP.zip.age
"""


def make_kit(passphrase: str, *, now: datetime, work_factor: int = WORK_FACTOR) -> RecoveryKit:
    """Make a new kit.

    Raises:
        InvalidArgumentError: the passphrase is shorter than `passphrases.MIN_PASSPHRASE`.

    """
    import pyrage

    require_usable(passphrase)
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    created = now.astimezone(UTC)
    inside = f"# created: {created:%Y-%m-%dT%H:%M:%SZ}\n# public key: {recipient}\n{identity}\n"
    locked = io.BytesIO()
    lock = Passphrase(passphrase=passphrase, work_factor=work_factor)
    encrypt(io.BytesIO(inside.encode()), locked, lock)
    return RecoveryKit(recipient=recipient, block=enarmor(locked.getvalue()), created=created)


def needs_passphrase(kit: str) -> bool:
    """Whether a kit's text asks for a passphrase; a bare identity does not."""
    return BEGIN in kit


def open_kit(kit: str, passphrase: str | None) -> str:
    """Return the identity in a kit's text (``AGE-SECRET-KEY-1...``).

    Takes the whole text, the block alone, or a bare identity.

    Raises:
        RecoveryKitError: it is no kit, or not all of it.
        WrongKeyError: the passphrase is wrong.
        PassphraseRequiredError: it is needed, and there is none.

    """
    if len(kit) > MAX_KIT_CHARACTERS:
        raise _no_kit("it is far too long")
    try:
        locked = dearmor(kit)
        inside = kit if locked is None else _unlock(locked, passphrase)
    except EncryptionError as error:
        if isinstance(error, (WrongKeyError, RecoveryKitError)) or error.code == (
            "passphrase_required"
        ):
            raise
        raise _no_kit(f"its block is not whole ({error.message})") from None
    identities = [line for line in map(str.strip, inside.splitlines()) if _is_identity(line)]
    if not identities:
        raise _no_kit("there is no key in it")
    return identities[0].upper()


def recipient_of(identity: str) -> str:
    """Return the public half of an identity."""
    import pyrage

    return str(pyrage.x25519.Identity.from_str(identity).to_public())


def seal_key(key: VaultKey) -> bytes:
    """Return the recovery slot of a key, b"" if it has no kit."""
    if not key.recovery:
        return b""
    slot = io.BytesIO()
    encrypt(io.BytesIO(key.to_text().encode()), slot, Recipients(recipients=(key.recovery,)))
    return slot.getvalue()


def recover_key(sealed: Sealed, identity: str) -> VaultKey:
    """Return the key of an encrypted profile by means of a kit, proven on the profile.

    Raises:
        WrongKeyError: the kit is of another vault, or of an earlier kit.
        AuthenticationFailedError: the profile is damaged.

    """
    if not sealed.recovery_slot:
        raise WrongKeyError("This profile was encrypted without a recovery kit")
    found = io.BytesIO()
    try:
        decrypt(io.BytesIO(sealed.recovery_slot), found, Keys(identities=(identity,)))
        key = VaultKey.parse(found.getvalue().decode())
    except WrongKeyError:
        raise WrongKeyError(
            "This recovery kit does not open the profile",
            hint="It is the kit of another vault, or one that was replaced since: "
            "try the one that was made last.",
        ) from None
    except (EncryptionError, KeyStoreError, UnicodeDecodeError):
        raise AuthenticationFailedError(TAMPERED) from None
    if key.key_id != sealed.key_id:
        raise AuthenticationFailedError(TAMPERED)
    open_sealed(sealed, key)
    return key


def _unlock(locked: bytes, passphrase: str | None) -> str:
    inside = io.BytesIO()
    try:
        decrypt(
            io.BytesIO(locked),
            inside,
            Keys(passphrase=passphrase),
            looks_complete=lambda end: end.endswith(b"\n"),
        )
    except WrongKeyError as error:
        raise WrongKeyError(
            error.message,
            hint="Mind capital letters and the keyboard's language. If the kit was typed off "
            "paper, compare its first lines too: a wrong letter there looks the same.",
        ) from None
    return inside.getvalue().decode("utf-8", "replace")


def _is_identity(line: str) -> bool:
    if not line.upper().startswith(_IDENTITY):
        return False
    try:
        prefix, secret = decode_bech32(line)
    except ValueError as error:
        raise _no_kit(f"its key has a typing error ({error})") from None
    return prefix == "age-secret-key-" and len(secret) == 32  # noqa: PLR2004 - X25519


def _no_kit(reason: str) -> RecoveryKitError:
    return RecoveryKitError(
        f"That is no recovery kit: {reason}",
        hint="A kit has a block between two lines of dashes; copy all of it, both lines too.",
    )
