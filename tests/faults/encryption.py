"""Turning the profile's encryption on and off, renewing its key, saving: under every fault.

The keys that exist are in a key file, here in ``.state`` so that it is copied
with the vault. What an encrypted
profile is compared by is what those keys make of it, and which key it needs:
its bytes differ with every write. A profile that they do not open is neither
the old nor the new one, so the judge condemns it.
"""

import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from autoresumefiller import UserDataManager
from autoresumefiller.backup import new_keys
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.envelopes import envelope_for
from autoresumefiller.backup.export import export
from autoresumefiller.backup.target import Target
from autoresumefiller.backup.unlocking import Unlocking
from autoresumefiller.encryption import recovery
from autoresumefiller.encryption.envelope import Keys, decrypt
from autoresumefiller.encryption.key_places import FILE_VARIABLE, KeyFile
from autoresumefiller.encryption.vault_key import VaultKey
from autoresumefiller.errors import AutoResumeFillerError
from autoresumefiller.model.profile import PersonalInfo, UserProfile
from autoresumefiller.vault import draft
from autoresumefiller.vault.creation import create_vault
from autoresumefiller.vault.durable import replace_file, storage
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.lock import VaultLock
from autoresumefiller.vault.profile_store import encrypted, read_profile_text, write_profile
from autoresumefiller.vault.vault_keys import VaultKeys
from tests.faults.old_disks import no_nameless_files

KEYS_IN_STATE = {"key", ".key.adding", "decrypted"}
NOW = datetime(2025, 11, 29, 12, 0, tzinfo=UTC)
KIT = recovery.make_kit("four words for tests", now=NOW, work_factor=2)
OLD = VaultKey(secret=b"o" * 32, recovery=KIT.recipient)
NEW = VaultKey(secret=b"n" * 32, recovery=KIT.recipient)


def key_file(root: Path) -> Path:
    """Where the keys of a vault are."""
    return VaultLayout(root).state / "key"


def prepare(root: Path) -> None:
    """Make a filled vault an encrypted one, by other means than those that are tested."""
    layout = VaultLayout(root)
    KeyFile(key_file(root)).add(OLD)
    replace_file(layout.encrypted_profile, encrypted(layout.profile.read_bytes(), OLD))
    layout.profile.unlink()
    text = layout.config.read_text()
    layout.config.write_text(text.replace("encryption_enabled: false", "encryption_enabled: true"))


def readable(root: Path) -> object:
    """Say what the keys that exist make of the encrypted profile; None if there is none."""
    layout = VaultLayout(root)
    with _keys_of(root):
        keys = VaultKeys(layout)
        try:
            sealed = keys.sealed_profile()
            return None if sealed is None else (sealed.key_id, read_profile_text(layout, keys))
        except AutoResumeFillerError as error:
            return None if error.code == "profile_locked" else f"UNREADABLE: {error}"


def is_whole(backup: Path) -> bool:
    """Whether an encrypted backup decrypts to its end; its bytes differ with every run."""
    try:
        with backup.open("rb") as file:
            decrypt(file, io.BytesIO(), Keys(identities=(OLD.device_identity,)))
    except AutoResumeFillerError:
        return False
    return True


def turn_on(root: Path) -> None:
    """Turn it on, the kit saved as `arf` saves it: under the first free name beside the vault."""
    with _manager(root) as manager:
        manager.encrypt_on("four words for tests", _save_kit(root))


def turn_off(root: Path) -> None:
    with _manager(root) as manager:
        manager.encrypt_off()


def rotate(root: Path) -> None:
    with _manager(root) as manager:
        manager.rotate_key()


def renew_kit(root: Path) -> None:
    with _manager(root) as manager:
        manager.rotate_key(passphrase="four words for tests", deliver=_save_kit(root))


def save(root: Path) -> None:
    person = PersonalInfo(first_name="Test", last_name="Person", email="t@example.org")
    with _manager(root) as manager:
        manager.save_user_profile(UserProfile(personal_info=person))


def export_encrypted(root: Path) -> None:
    with _manager(root) as manager:
        manager.export_all(encrypt=True)


def export_encrypted_named(root: Path) -> None:
    """The same where the archive in clear has a name, which a kill leaves: it must be swept."""
    with no_nameless_files():
        export_encrypted(root)


def _save_kit(root: Path) -> Callable[[recovery.RecoveryKit], None]:
    def deliver(kit: recovery.RecoveryKit) -> None:
        with draft.draft_in(root.parent) as new:
            with storage("write", root.parent):
                new.file.write(kit.text.encode())
            new.publish([f"kit{number}.txt" for number in range(100)])

    return deliver


def prepare_move(root: Path) -> None:
    """Put an encrypted backup of another machine beside the vault's own; its key is not here."""
    other = root.with_name("other machine")
    create_vault(VaultLayout(other))
    person = PersonalInfo(first_name="Other", last_name="Person", email="o@example.org")
    with _vault(other) as vault:
        VaultKeys(vault.layout).store(OLD)
        write_profile(vault.layout, UserProfile(personal_info=person), NOW, key=OLD)
        (vault.layout.resumes / "a.pdf").write_text("another a" * 50)
        made = export(
            vault,
            Target(directory=VaultLayout(root).backups, names=("moved.zip",)),
            envelope=envelope_for(vault),
        )
    assert made["filename"] == "moved.zip.age"
    shutil.rmtree(other)


def move_in(root: Path) -> None:
    """Import it with the kit: a new key for this machine, and a vault that is encrypted then."""
    given = Unlocking(kit=KIT.block, passphrase="four words for tests")
    with _manager(root) as manager:
        manager.import_from_backup(
            "moved.zip.age",
            confirm=False,
            backup_existing=False,
            unlock_callback=lambda _need: given,
        )


@contextmanager
def _manager(root: Path) -> Iterator[UserDataManager]:
    with _keys_of(root):
        manager = UserDataManager(root)
        manager._vault = replace(manager.vault, now=lambda: NOW)
        yield manager


@contextmanager
def _vault(root: Path) -> Iterator[Vault]:
    layout = VaultLayout(root)
    with _keys_of(root):
        yield Vault(layout=layout, lock=VaultLock(layout), now=lambda: NOW)


@contextmanager
def _keys_of(root: Path) -> Iterator[None]:
    before = os.environ.get(FILE_VARIABLE)
    generate, make = VaultKey.generate, new_keys.make_kit
    os.environ[FILE_VARIABLE] = str(key_file(root))
    # The same key in every run, so that runs can be compared.
    VaultKey.generate = lambda recovery: NEW  # type: ignore[method-assign,assignment,misc]
    new_keys.make_kit = lambda passphrase, now: KIT  # type: ignore[assignment,attr-defined]
    try:
        yield
    finally:
        VaultKey.generate, new_keys.make_kit = generate, make  # type: ignore[method-assign,attr-defined]
        os.environ.pop(FILE_VARIABLE)
        if before is not None:
            os.environ[FILE_VARIABLE] = before
