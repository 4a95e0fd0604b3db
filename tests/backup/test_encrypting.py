"""The profile at rest: on, off, new keys, kits; and that its plaintext is nowhere."""

import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.backup import encrypting, kits
from autoresumefiller.encryption.key_places import KeyFile
from autoresumefiller.encryption.recovery import RecoveryKit
from autoresumefiller.errors import (
    AuthenticationFailedError,
    ConfigError,
    InvalidArgumentError,
    KeyNotFoundError,
    KeyStoreError,
    StorageError,
    VaultLayoutError,
    WrongKeyError,
)
from tests.support.archives import members
from tests.support.kits import WORDS
from tests.support.plaintext import PROFILE, found_in
from tests.support.secret_service import in_session
from tests.support.trees import snapshot


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "elsewhere" / "key"
    path.parent.mkdir()
    monkeypatch.setenv("AUTORESUMEFILLER_KEY_FILE", str(path))
    return path


@pytest.fixture
def plain(vault_dir: Path) -> UserDataManager:
    """A vault with the planted profile, in clear, and no backup."""
    manager = UserDataManager(vault_dir)
    manager.save_user_profile(PROFILE)
    return manager


class Kits:
    """Takes delivery of kits."""

    def __init__(self) -> None:
        self.made: list[RecoveryKit] = []

    def __call__(self, kit: RecoveryKit) -> None:
        self.made.append(kit)

    @property
    def last(self) -> str:
        return self.made[-1].text


@pytest.fixture
def delivered() -> Kits:
    return Kits()


@pytest.fixture
def encrypted(plain: UserDataManager, key_file: Path, delivered: Kits) -> UserDataManager:
    plain.encrypt_on(WORDS, delivered)
    return plain


def _name(manager: UserDataManager) -> str:
    return manager.load_user_profile().personal_info.first_name


def _setting(manager: UserDataManager) -> object:
    return manager.get_setting("encryption_enabled")


def _enc(manager: UserDataManager) -> Path:
    return manager.data_dir / "data" / "user_profile.json.enc"


# --- on ---------------------------------------------------------------------------------


def test_turning_it_on_leaves_no_plaintext(
    plain: UserDataManager, key_file: Path, delivered: Kits
) -> None:
    done = plain.encrypt_on(WORDS, delivered)
    assert (done.encrypted, done.warnings) == (True, ())
    assert str(key_file) in done.key_place
    assert found_in(plain.data_dir) == []
    assert not (plain.data_dir / "data" / "user_profile.json").exists()
    assert _enc(plain).stat().st_mode & 0o777 == 0o600
    assert _setting(plain) is True
    assert _name(plain) == "Planted-First"
    assert _name(UserDataManager(plain.data_dir)) == "Planted-First"


def test_the_rest_of_the_settings_stays_as_it_was_typed(
    plain: UserDataManager, key_file: Path, delivered: Kits
) -> None:
    config = plain.data_dir / "config.yaml"
    before = config.read_text()
    plain.encrypt_on(WORDS, delivered)
    assert config.read_text() == before.replace(
        "encryption_enabled: false", "encryption_enabled: true"
    )
    plain.encrypt_off()
    assert config.read_text() == before


def test_saving_and_every_backup_stay_encrypted(encrypted: UserDataManager) -> None:
    for first in ("One", "Two"):
        changed = PROFILE["personal_info"] | {"first_name": f"Planted-First {first}"}
        encrypted.save_user_profile(PROFILE | {"personal_info": changed})
    assert _name(encrypted) == "Planted-First Two"
    made = encrypted.export_all()
    assert made["profile_valid"] is True
    assert "data/user_profile.json.enc" in members(made["output_path"])
    assert found_in(encrypted.data_dir) == []


def test_it_can_be_on_before_there_is_a_profile(
    vault_dir: Path, key_file: Path, delivered: Kits
) -> None:
    manager = UserDataManager(vault_dir)
    manager.encrypt_on(WORDS, delivered)
    assert manager.verify_kit(delivered.last, WORDS).proven_on == "key"
    manager.save_user_profile(PROFILE)
    assert found_in(vault_dir) == []
    assert _name(manager) == "Planted-First"
    assert manager.verify_kit(delivered.last, WORDS).proven_on == "profile"


def test_turning_it_on_twice_is_refused(encrypted: UserDataManager, delivered: Kits) -> None:
    before = snapshot(encrypted.data_dir, without=())
    with pytest.raises(InvalidArgumentError, match="already") as raised:
        encrypted.encrypt_on(WORDS, delivered)
    assert "arf key rotate" in raised.value.hint
    assert len(delivered.made) == 1
    assert snapshot(encrypted.data_dir, without=()) == before


def test_the_setting_alone_encrypts_at_the_next_save(
    encrypted: UserDataManager, delivered: Kits
) -> None:
    encrypted.encrypt_off()
    config = encrypted.data_dir / "config.yaml"
    config.write_text(config.read_text().replace("enabled: false", "enabled: true", 1))
    encrypted.save_user_profile(PROFILE)
    assert _enc(encrypted).exists()
    assert found_in(encrypted.data_dir) == []
    assert encrypted.verify_kit(delivered.last, WORDS).proven_on == "profile"


def test_the_setting_alone_without_a_key_saves_nothing_in_clear(plain: UserDataManager) -> None:
    config = plain.data_dir / "config.yaml"
    config.write_text(
        config.read_text().replace("encryption_enabled: false", "encryption_enabled: true")
    )
    before = snapshot(plain.data_dir)
    with pytest.raises(KeyNotFoundError, match="No key was made") as raised:
        plain.save_user_profile(PROFILE)
    assert "arf encrypt on" in raised.value.hint
    assert snapshot(plain.data_dir) == before


@pytest.mark.parametrize("value", [True, False])
def test_the_setting_is_not_set_by_itself(plain: UserDataManager, value: bool) -> None:
    with pytest.raises(ConfigError) as raised:
        plain.set_setting("encryption_enabled", value)
    assert "arf encrypt on" in raised.value.hint


def test_old_backups_in_clear_are_named(
    plain: UserDataManager, key_file: Path, delivered: Kits
) -> None:
    old = plain.export_all()["filename"]
    (warning,) = plain.encrypt_on(WORDS, delivered).warnings
    assert old in warning
    assert "in clear" in warning


def test_an_undo_that_would_keep_plaintext_is_given_up_and_told(
    plain: UserDataManager, key_file: Path, delivered: Kits, tmp_path: Path
) -> None:
    archive = plain.export_all(tmp_path / "a.zip")["output_path"]
    plain.save_user_profile(PROFILE)
    plain.import_from_backup(archive, confirm=False, backup_existing=False)
    assert found_in(plain.data_dir / ".state" / "undo") != []
    warnings = plain.encrypt_on(WORDS, delivered).warnings
    assert any("can no longer be undone" in warning for warning in warnings)
    assert plain.undo_plan() is None
    assert found_in(plain.data_dir / ".state") == []


# --- a key that cannot be kept, a step that fails: nothing has changed ------------------


def test_without_a_keyring_nothing_is_changed(plain: UserDataManager, delivered: Kits) -> None:
    before = snapshot(plain.data_dir, without=())
    with pytest.raises(KeyStoreError, match="There is no keyring"):
        plain.encrypt_on(WORDS, delivered)
    assert snapshot(plain.data_dir, without=()) == before
    assert delivered.made == []


@pytest.mark.parametrize("folder", ["data", "resumes", "backups", "."])
def test_a_key_file_in_the_vault_is_refused(
    plain: UserDataManager, delivered: Kits, folder: str
) -> None:
    before = snapshot(plain.data_dir)
    with pytest.raises(KeyStoreError, match="in every backup"):
        plain.encrypt_on(WORDS, delivered, key_file=plain.data_dir / folder / "key")
    assert snapshot(plain.data_dir) == before
    assert delivered.made == []


def test_a_kit_that_cannot_be_delivered_stops_everything(
    plain: UserDataManager, key_file: Path
) -> None:
    def fail(_kit: RecoveryKit) -> None:
        raise StorageError("the printer is on fire")

    before = snapshot(plain.data_dir)
    with pytest.raises(StorageError, match="printer"):
        plain.encrypt_on(WORDS, fail)
    assert snapshot(plain.data_dir) == before
    assert _name(plain) == "Planted-First"
    # Nor is that key ever used: of what it encrypts, nobody would have the kit.
    with pytest.raises(InvalidArgumentError, match="no recipient"):
        plain.export_all(encrypt=True)
    assert plain.vault.keys.listed().ids == ()


def test_a_short_passphrase_makes_no_key(
    plain: UserDataManager, key_file: Path, delivered: Kits
) -> None:
    with pytest.raises(InvalidArgumentError, match="10 characters"):
        plain.encrypt_on("short", delivered)
    assert not key_file.exists()


def test_a_key_that_is_lost_while_it_is_turned_on_is_noticed_in_time(
    plain: UserDataManager, key_file: Path
) -> None:
    def lose(_kit: RecoveryKit) -> None:
        key_file.unlink()

    before = snapshot(plain.data_dir)
    with pytest.raises(KeyNotFoundError):
        plain.encrypt_on(WORDS, lose)
    assert snapshot(plain.data_dir) == before


# --- the key is gone, the file is damaged --------------------------------------------------


def test_without_its_key_nothing_is_read_written_or_lost(
    encrypted: UserDataManager, key_file: Path
) -> None:
    key_file.rename(key_file.with_name("stick"))
    again = UserDataManager(encrypted.data_dir)
    before = snapshot(again.data_dir)
    for use in (
        again.load_user_profile,
        lambda: again.save_user_profile(PROFILE),
        again.encrypt_off,
        again.rotate_key,
    ):
        with pytest.raises(KeyNotFoundError) as raised:
            use()
        assert raised.value.message.startswith("Encryption key not found. Cannot decrypt data.")
        assert "recovery kit" in raised.value.hint
    assert snapshot(again.data_dir) == before
    assert again.encryption_status().key_found is False
    # It can be backed up all the same: that is when it is needed most.
    assert again.export_all()["profile_valid"] is None
    key_file.with_name("stick").rename(key_file)
    assert _name(again) == "Planted-First"


def test_a_damaged_profile_is_told(encrypted: UserDataManager) -> None:
    data = bytearray(_enc(encrypted).read_bytes())
    data[-20] ^= 1
    _enc(encrypted).write_bytes(data)
    with pytest.raises(AuthenticationFailedError) as raised:
        encrypted.load_user_profile()
    assert raised.value.message == "Authentication failed. File may be corrupted or tampered."
    made = encrypted.export_all()
    assert made["profile_valid"] is False
    assert any(
        "cannot be" in warning or "Authentication" in warning for warning in made["warnings"]
    )


def test_a_lost_list_of_keys_does_not_matter(encrypted: UserDataManager) -> None:
    (encrypted.data_dir / ".state" / "keys.json").unlink()
    again = UserDataManager(encrypted.data_dir)
    assert _name(again) == "Planted-First"
    again.save_user_profile(PROFILE)
    again.rotate_key()
    assert _name(UserDataManager(again.data_dir)) == "Planted-First"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2, "key_file": null, "ids": []}'])
def test_a_list_of_keys_that_is_not_ours_is_told(encrypted: UserDataManager, text: str) -> None:
    (encrypted.data_dir / ".state" / "keys.json").write_text(text)
    with pytest.raises(VaultLayoutError, match=r"keys\.json"):
        UserDataManager(encrypted.data_dir).load_user_profile()


# --- off ----------------------------------------------------------------------------------


def test_turning_it_off_gives_the_very_text_back(
    plain: UserDataManager, key_file: Path, delivered: Kits
) -> None:
    path = plain.data_dir / "data" / "user_profile.json"
    text = json.dumps(PROFILE, separators=(",", ":")).encode()
    path.write_bytes(text)
    plain.encrypt_on(WORDS, delivered)
    plain.encrypt_off()
    assert path.read_bytes() == text
    assert path.stat().st_mode & 0o777 == 0o600
    assert not _enc(plain).exists()
    assert _setting(plain) is False
    with pytest.raises(InvalidArgumentError, match="not encrypted"):
        plain.encrypt_off()


# --- new keys, new kits ----------------------------------------------------------------------


def test_a_new_key_keeps_the_kit_and_the_old_key(
    encrypted: UserDataManager, key_file: Path, delivered: Kits
) -> None:
    old = encrypted.encryption_status().key_id
    done = encrypted.rotate_key()
    assert done.key_id != old
    assert encrypted.encryption_status().key_id == done.key_id
    assert KeyFile(key_file).find(old) is not None
    assert _name(encrypted) == "Planted-First"
    assert encrypted.verify_kit(delivered.last, WORDS).proven_on == "profile"
    assert found_in(encrypted.data_dir) == []


def test_a_new_kit_makes_the_old_one_useless(encrypted: UserDataManager, delivered: Kits) -> None:
    encrypted.rotate_key(passphrase="other words for tests", deliver=delivered)
    first, second = (kit.text for kit in delivered.made)
    assert encrypted.verify_kit(second, "other words for tests").proven_on == "profile"
    with pytest.raises(WrongKeyError):
        encrypted.verify_kit(first, WORDS)


def test_a_vault_in_clear_has_no_key_to_renew(plain: UserDataManager) -> None:
    with pytest.raises(InvalidArgumentError, match="not encrypted"):
        plain.rotate_key()


def test_a_kit_opens_the_vault_without_its_key(
    encrypted: UserDataManager, key_file: Path, delivered: Kits
) -> None:
    key_file.unlink()
    proof = UserDataManager(encrypted.data_dir).verify_kit(delivered.last, WORDS)
    assert (proof.proven_on, proof.recipient) == ("profile", delivered.made[0].recipient)
    with pytest.raises(WrongKeyError):
        encrypted.verify_kit(delivered.last, "not the words")


def test_the_kit_of_another_vault_is_told_even_without_a_profile(
    vault_dir: Path, tmp_path: Path, key_file: Path, delivered: Kits
) -> None:
    one, other = UserDataManager(vault_dir), UserDataManager(tmp_path / "other")
    for manager in (one, other):
        manager.encrypt_on(WORDS, delivered)
    with pytest.raises(WrongKeyError, match="another vault"):
        one.verify_kit(delivered.last, WORDS)


# --- where keys live ---------------------------------------------------------------------------


def test_two_vaults_share_a_place_and_nothing_else(
    encrypted: UserDataManager, tmp_path: Path, key_file: Path, delivered: Kits
) -> None:
    other = UserDataManager(tmp_path / "other")
    other.save_user_profile(PROFILE)
    other.encrypt_on(WORDS, delivered)
    assert other.encryption_status().key_id != encrypted.encryption_status().key_id
    other.rotate_key()
    other.encrypt_off()
    assert _name(UserDataManager(encrypted.data_dir)) == "Planted-First"


def test_a_chosen_key_file_is_remembered_and_warned_of(
    plain: UserDataManager, tmp_path: Path, delivered: Kits
) -> None:
    chosen = tmp_path / "stick"
    done = plain.encrypt_on(WORDS, delivered, key_file=chosen)
    assert any("The key is in a file" in warning for warning in done.warnings)
    assert chosen.stat().st_mode & 0o777 == 0o600
    again = UserDataManager(plain.data_dir)
    assert _name(again) == "Planted-First"
    again.rotate_key()
    assert len(chosen.read_text().splitlines()) == 3


def test_a_command_gives_the_key_and_nothing_is_made_here(
    plain: UserDataManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delivered: Kits
) -> None:
    safe = tmp_path / "safe"
    command = [sys.executable, "-c", "import sys; print(open(sys.argv[1]).read())", str(safe)]
    monkeypatch.setenv("AUTORESUMEFILLER_KEY_COMMAND", shlex.join(command))
    now = plain.vault.now()
    safe.write_text("")
    assert not encrypting.makes_kit(plain.vault)
    with pytest.raises(KeyStoreError, match="cannot be added") as raised:
        plain.encrypt_on(None, delivered)
    assert "arf key new" in raised.value.hint
    safe.write_text(kits.new_key(passphrase=WORDS, deliver=delivered, now=now))
    plain.encrypt_on(None, delivered)
    assert len(delivered.made) == 1
    assert plain.verify_kit(delivered.last, WORDS).proven_on == "profile"
    with pytest.raises(KeyStoreError, match="cannot be added"):
        plain.rotate_key()
    line = kits.new_key(passphrase=WORDS, deliver=delivered, now=now)
    safe.write_text(f"{safe.read_text()}\n{line}")
    plain.rotate_key()
    assert plain.verify_kit(delivered.last, WORDS).proven_on == "profile"
    assert _name(UserDataManager(plain.data_dir)) == "Planted-First"


IN_KEYRING = """
import sys
from autoresumefiller import UserDataManager
from autoresumefiller.encryption import recovery
recovery.make_kit.__kwdefaults__["work_factor"] = 2
manager, made = UserDataManager(sys.argv[1]), []
if manager.encryption_status().encrypted:
    manager.rotate_key()
else:
    manager.encrypt_on("four words for tests", made.append)
status = manager.encryption_status()
print(manager.load_user_profile().personal_info.first_name, status.key_found, status.key_place)
"""


def test_a_real_keyring_keeps_the_key_from_login_to_login(
    plain: UserDataManager, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    for _login in range(3):
        said = in_session(home, IN_KEYRING, plain.data_dir)
        assert said.strip() == "Planted-First True the system's keyring"
    assert found_in(plain.data_dir, home) == []
    # Another person, or another machine: no entry, so no profile.
    script = (
        "import sys\n"
        "from autoresumefiller import UserDataManager\n"
        "from autoresumefiller.errors import KeyNotFoundError\n"
        "try: UserDataManager(sys.argv[1]).load_user_profile()\n"
        "except KeyNotFoundError as error: print(error.message[:25])\n"
    )
    said = in_session(tmp_path / "other home", script, plain.data_dir)
    assert said.strip() == "Encryption key not found."


def test_nothing_of_the_key_is_in_the_vault(encrypted: UserDataManager, key_file: Path) -> None:
    secrets = [line.split(".")[1] for line in key_file.read_text().splitlines()[1:]]
    for path in encrypted.data_dir.rglob("*"):
        if path.is_file():
            for secret in secrets:
                assert secret.encode() not in path.read_bytes()
    assert secrets
    assert os.environ["AUTORESUMEFILLER_KEY_FILE"] not in repr(encrypted.vault)
