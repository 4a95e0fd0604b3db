"""Encrypted profiles on their way from one machine to another: never plain on the disk."""

from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.backup.unlocking import Need, Unlocking
from autoresumefiller.encryption import recovery
from autoresumefiller.encryption.recovery import RecoveryKit
from autoresumefiller.errors import (
    AuthenticationFailedError,
    BackupValidationError,
    KeyNotFoundError,
    KeyStoreError,
    ProfileLockedError,
    RecoveryKitError,
    WrongKeyError,
)
from autoresumefiller.vault import staging
from tests.backup.conftest import Machine
from tests.support import archives
from tests.support.kits import WORDS, opens_with
from tests.support.plaintext import PROFILE, found_in
from tests.support.trees import snapshot

ENC = "data/user_profile.json.enc"


@pytest.fixture
def archive(machine: Machine, kits: list[RecoveryKit], tmp_path: Path) -> Path:
    """A backup of an encrypted vault on machine A."""
    a = machine("a")
    a.save_user_profile(PROFILE)
    a.encrypt_on(WORDS, kits.append)
    return a.export_all(tmp_path / "backup.zip")["output_path"]


def _name(manager: UserDataManager) -> str:
    return manager.load_user_profile().personal_info.first_name


def _key_id(manager: UserDataManager) -> str:
    return manager.encryption_status().key_id


def test_another_machine_reads_it_with_the_kit_under_a_key_of_its_own(
    machine: Machine, archive: Path, kits: list[RecoveryKit], tmp_path: Path
) -> None:
    asked: list[Need] = []
    a_key = _key_id(machine("a"))

    def ask(need: Need) -> Unlocking:
        asked.append(need)
        return opens_with(kits[0])(need)

    b = machine("b")
    result = b.import_from_backup(archive, unlock_callback=ask)
    assert result["success"]
    assert asked == [Need.KIT]
    assert not any("not checked" in warning for warning in result["warnings"])
    assert _name(UserDataManager(b.data_dir)) == "Planted-First"
    assert _key_id(b) != a_key
    assert b.get_setting("encryption_enabled") is True
    assert (tmp_path / "b" / "key").exists()
    assert found_in(tmp_path / "b") == []
    # The kit goes on opening it, and so does every later backup.
    assert b.verify_kit(kits[0].text, WORDS).proven_on == "profile"
    b.save_user_profile(PROFILE)
    assert found_in(tmp_path / "b") == []


def test_without_the_key_it_is_refused_and_nothing_is_touched(
    machine: Machine, archive: Path, tmp_path: Path
) -> None:
    b = machine("b")
    before = snapshot(tmp_path / "b" / "vault")
    for callback in (None, lambda _need: None, lambda _need: Unlocking()):
        with pytest.raises(ProfileLockedError, match="not on this machine") as raised:
            b.import_from_backup(archive, unlock_callback=callback)
        assert "--kit" in raised.value.hint
    assert snapshot(tmp_path / "b" / "vault") == before
    assert not (tmp_path / "b" / "key").exists()


def test_a_wrong_kit_or_passphrase_touches_nothing(
    machine: Machine, archive: Path, kits: list[RecoveryKit], tmp_path: Path
) -> None:
    b = machine("b")
    other = recovery.make_kit(WORDS, now=b.vault.now())
    before = snapshot(tmp_path / "b" / "vault")
    for kit, words, error in (
        (kits[0].text, "other words entirely", WrongKeyError),
        (other.text, WORDS, WrongKeyError),
        ("a shopping list", WORDS, RecoveryKitError),
    ):
        given = Unlocking(kit=kit, passphrase=words)
        with pytest.raises(error):
            b.import_from_backup(archive, unlock_callback=lambda _need, given=given: given)
    assert snapshot(tmp_path / "b" / "vault") == before


def test_it_can_be_carried_locked(
    machine: Machine, archive: Path, kits: list[RecoveryKit], tmp_path: Path
) -> None:
    b = machine("b")
    result = b.import_from_backup(archive, carry_locked=True)
    assert any("not checked" in warning for warning in result["warnings"])
    assert (b.data_dir / ENC).read_bytes() == archives.members(archive)[ENC]
    with pytest.raises(KeyNotFoundError):
        b.load_user_profile()
    assert b.verify_kit(kits[0].text, WORDS).proven_on == "profile"
    # And later opened, from the same backup.
    b.import_from_backup(archive, confirm=False, unlock_callback=opens_with(kits[0]))
    assert _name(b) == "Planted-First"


def test_the_machine_that_has_the_key_asks_nobody(machine: Machine, archive: Path) -> None:
    a = machine("a")
    a.save_user_profile(PROFILE | {"summary": "later"})
    a.import_from_backup(archive, confirm=False)
    assert a.load_user_profile().summary is None
    a.undo()
    assert a.load_user_profile().summary == "later"


def test_after_a_new_key_an_old_backup_comes_in_under_the_new_one(
    machine: Machine, archive: Path, tmp_path: Path
) -> None:
    a = machine("a")
    new = a.rotate_key().key_id
    a.import_from_backup(archive, confirm=False)
    assert _key_id(a) == new
    assert _name(a) == "Planted-First"
    a.undo()
    assert _name(a) == "Planted-First"
    assert found_in(tmp_path / "a") == []


def test_a_plain_backup_comes_into_an_encrypted_vault_encrypted(
    machine: Machine, kits: list[RecoveryKit], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = machine("plain")
    plain.save_user_profile(PROFILE)
    archive = plain.export_all(tmp_path / "plain.zip")["output_path"]
    b = machine("b")
    b.encrypt_on(WORDS, kits.append)
    seen: list[str] = []
    sync = staging.StagingArea.sync

    def look_and_sync(area: staging.StagingArea) -> None:
        seen.append("looked")
        assert found_in(tmp_path / "b") == []
        sync(area)

    monkeypatch.setattr(staging.StagingArea, "sync", look_and_sync)
    b.import_from_backup(archive, confirm=False)
    assert seen
    assert _name(b) == "Planted-First"
    assert not (b.data_dir / "data/user_profile.json").exists()
    assert found_in(tmp_path / "b") == []
    b.undo()
    assert found_in(tmp_path / "b") == []
    b.undo()
    assert _name(b) == "Planted-First"


def test_an_encrypted_backup_makes_a_vault_in_clear_an_encrypted_one(
    machine: Machine, archive: Path, kits: list[RecoveryKit]
) -> None:
    b = machine("b")
    b.save_user_profile(PROFILE | {"summary": "in clear"})
    b.import_from_backup(archive, confirm=False, unlock_callback=opens_with(kits[0]))
    assert b.get_setting("encryption_enabled") is True
    assert not (b.data_dir / "data/user_profile.json").exists()
    assert (b.data_dir / ENC).exists()
    b.undo()
    assert b.get_setting("encryption_enabled") is False
    assert b.load_user_profile().summary == "in clear"


def test_a_machine_without_a_place_for_a_key_is_left_alone(
    machine: Machine,
    archive: Path,
    kits: list[RecoveryKit],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    b = machine("b")
    monkeypatch.delenv("AUTORESUMEFILLER_KEY_FILE")
    before = snapshot(b.data_dir)
    with pytest.raises(KeyStoreError, match="no keyring"):
        b.import_from_backup(archive, unlock_callback=opens_with(kits[0]))
    assert snapshot(b.data_dir) == before


def test_a_locked_vault_is_replaced_with_the_kit(
    machine: Machine, archive: Path, kits: list[RecoveryKit], tmp_path: Path
) -> None:
    a = machine("a")
    (tmp_path / "a" / "key").unlink()
    again = UserDataManager(a.data_dir)
    with pytest.raises(KeyNotFoundError):
        again.load_user_profile()
    again.import_from_backup(archive, confirm=False, unlock_callback=opens_with(kits[0]))
    assert _name(UserDataManager(a.data_dir)) == "Planted-First"


def test_a_damaged_encrypted_profile_is_refused(
    machine: Machine, archive: Path, kits: list[RecoveryKit], tmp_path: Path
) -> None:
    data = bytearray(archives.members(archive)[ENC])
    data[-1] ^= 1
    spoilt = archives.with_content(archive, tmp_path / "spoilt.zip", {ENC: bytes(data)})
    for manager, callback in ((machine("b"), opens_with(kits[0])), (machine("a"), None)):
        before = snapshot(manager.data_dir)
        with pytest.raises(AuthenticationFailedError):
            manager.import_from_backup(spoilt, confirm=False, unlock_callback=callback)
        assert snapshot(manager.data_dir) == before


def test_an_encrypted_profile_that_breaks_the_schema_is_refused(
    machine: Machine, kits: list[RecoveryKit], tmp_path: Path
) -> None:
    a = machine("a")
    a.save_user_profile(PROFILE)
    (a.data_dir / "data/user_profile.json").write_text("{}")
    a.encrypt_on(WORDS, kits.append)
    made = a.export_all(tmp_path / "invalid.zip")
    assert made["profile_valid"] is False
    before = snapshot(a.data_dir)
    with pytest.raises(BackupValidationError, match="Invalid user profile schema"):
        a.import_from_backup(made["output_path"], confirm=False)
    assert snapshot(a.data_dir) == before


def test_the_recipient_in_an_archive_is_never_trusted(
    machine: Machine, archive: Path, kits: list[RecoveryKit], tmp_path: Path
) -> None:
    """A slot that names another kit as the key's would be handed the new key."""
    import io
    import json

    from autoresumefiller.encryption import cipher
    from autoresumefiller.encryption.envelope import Recipients, encrypt
    from autoresumefiller.encryption.recovery import open_kit
    from autoresumefiller.encryption.vault_key import VaultKey

    foe = recovery.make_kit(WORDS, now=machine("b").vault.now())
    key = VaultKey.generate(recovery=foe.recipient)
    slot = io.BytesIO()
    lock = Recipients(recipients=(kits[0].recipient,))
    encrypt(io.BytesIO(key.to_text().encode()), slot, lock)
    data = cipher.encrypt(json.dumps(PROFILE).encode(), key, recovery_slot=slot.getvalue())
    forged = archives.with_content(archive, tmp_path / "forged.zip", {ENC: data})
    b = machine("b")
    b.import_from_backup(forged, unlock_callback=opens_with(kits[0]))
    assert b.vault.keys.for_writing().recovery == kits[0].recipient
    with pytest.raises(WrongKeyError):
        b.verify_kit(foe.text, WORDS)
    assert open_kit(foe.text, WORDS)
