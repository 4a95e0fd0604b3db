"""The part of the face that is about the profile's encryption: `UserDataManager` has it all."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autoresumefiller.backup.context import Vault
    from autoresumefiller.backup.new_keys import Deliver
    from autoresumefiller.model.encryption import EncryptionChange, EncryptionStatus, KitProof


class EncryptionFace:
    """What can be done with the encryption of one vault's profile."""

    _vault: "Vault"

    def encryption_status(self) -> "EncryptionStatus":
        """Say how the profile is kept, and whether its key is here."""
        from autoresumefiller.backup.kits import encryption_status

        return encryption_status(self._vault)

    def encrypt_on(
        self,
        passphrase: str | None,
        deliver: "Deliver",
        *,
        key_file: Path | None = None,
    ) -> "EncryptionChange":
        """Keep the profile encrypted from now on.

        Args:
            passphrase: Of the recovery kit, ten characters or more.
            deliver: Called with the `RecoveryKit` before the profile is
                encrypted, to save or print it; an exception stops everything.
            key_file: Keep the key in this file instead of the system's keyring.

        Raises:
            InvalidArgumentError: it is encrypted already; a passphrase too short.
            KeyStoreError: the key cannot be kept.
            StorageError: the system failed; the profile is as it was.

        """
        from autoresumefiller.backup.encrypting import turn_on

        return turn_on(self._vault, passphrase=passphrase, deliver=deliver, key_file=key_file)

    def encrypt_off(self) -> "EncryptionChange":
        """Keep the profile as plain JSON from now on.

        Raises:
            InvalidArgumentError: it is not encrypted.
            EncryptionError: it cannot be decrypted.
            StorageError: the system failed; the profile is as it was.

        """
        from autoresumefiller.backup.encrypting import turn_off

        return turn_off(self._vault)

    def rotate_key(
        self, *, passphrase: str | None = None, deliver: "Deliver | None" = None
    ) -> "EncryptionChange":
        """Encrypt the profile with a new key; with a passphrase, make a new recovery kit too.

        Raises:
            InvalidArgumentError: the profile is not encrypted.
            EncryptionError: it cannot be decrypted, or the new key cannot be kept.
            StorageError: the system failed; the profile is as it was.

        """
        from autoresumefiller.backup.encrypting import rotate

        return rotate(self._vault, passphrase=passphrase, deliver=deliver)

    def verify_kit(self, kit: str, passphrase: str | None) -> "KitProof":
        """Prove that a recovery kit's text opens this vault, without the key that is here.

        Raises:
            RecoveryKitError: that is no kit.
            WrongKeyError: the passphrase is wrong, or the kit is of another vault.
            PassphraseRequiredError: the kit needs one.

        """
        from autoresumefiller.backup.kits import verify_kit

        return verify_kit(self._vault, kit, passphrase)
