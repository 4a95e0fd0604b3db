"""Encrypted backups: made, opened with other programs, imported; wrong, damaged, cut off, none."""

import io
import os
import sys
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyrage
import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.backup import space
from autoresumefiller.backup.unlocking import Need, Unlocking
from autoresumefiller.backup.unsealing import looks_like_the_end_of_a_zip
from autoresumefiller.encryption import envelope, recovery
from autoresumefiller.encryption.recovery import RecoveryKit
from autoresumefiller.errors import (
    AutoResumeFillerError,
    ConfigError,
    EncryptedFileDamagedError,
    EncryptedFileTruncatedError,
    InvalidArgumentError,
    KeyNotFoundError,
    NotEncryptedError,
    NotEnoughSpaceError,
    OutputExistsError,
    PassphraseRequiredError,
    StorageError,
    WrongKeyError,
)
from autoresumefiller.model.progress import Stage
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.writeback import STEP_BYTES
from tests.backup.conftest import Machine
from tests.support import archives
from tests.support.age_tool import age, age_with_passphrase
from tests.support.kits import WORDS, opens_with
from tests.support.plaintext import PROFILE, found_in
from tests.support.trees import snapshot

SECRET = "sk-planted-secret-0123456789abcdef"
STRANGER = pyrage.x25519.Identity.generate()


@pytest.fixture
def a(machine: Machine, kits: list[RecoveryKit]) -> UserDataManager:
    """Machine A: an encrypted vault with a document and an API key."""
    manager = machine("a")
    manager.save_user_profile(PROFILE)
    manager.encrypt_on(WORDS, kits.append)
    manager.set_setting("ai_providers.openai.api_key", SECRET)
    document = b"%PDF-1.4 planted document" + os.urandom(200_000)  # more than three chunks
    (manager.data_dir / "resumes" / "resume.pdf").write_bytes(document)
    return manager


@pytest.fixture
def backup(a: UserDataManager, tmp_path: Path) -> Path:
    return a.export_all(tmp_path / "out.zip", encrypt=True)["output_path"]


@pytest.mark.skipif(sys.platform != "linux", reason="names what is open by /proc")
def test_what_is_in_clear_on_the_way_is_never_synced(
    a: UserDataManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []

    def noting(call: Callable[[int], None]) -> Callable[[int], None]:
        def note(descriptor: int) -> None:
            synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
            call(descriptor)

        return note

    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, noting(getattr(os, name)))
    (a.data_dir / "resumes" / "large.bin").write_bytes(os.urandom(3 * STEP_BYTES))
    a.export_all(tmp_path / "out.zip", encrypt=True)

    assert not [path for path in synced if path.is_relative_to(VaultLayout(a.data_dir).decrypted)]
    assert len([path for path in synced if path.parent == tmp_path]) >= 2  # early and at the end


def _decrypting(manager: UserDataManager, how: str) -> Callable[..., object]:
    return {
        "validate": manager.validate_backup,
        "import": partial(manager.import_from_backup, confirm=False),
    }[how]


def _words(need: Need) -> Unlocking:
    assert need is Need.PASSPHRASE
    return Unlocking(passphrase=WORDS)


def _in_the_clear(root: Path) -> list[str]:
    """Everything in ``.state`` that should have gone when the operation ended."""
    return [str(path) for path in (root / ".state" / "decrypted").glob("**/*") if path.is_file()]


# --- made ------------------------------------------------------------------------------


def test_the_name_says_that_it_is_encrypted(a: UserDataManager, backup: Path) -> None:
    assert backup.name == "out.zip.age"
    assert backup.stat().st_mode & 0o777 == 0o600
    assert not backup.with_suffix("").exists()
    kept = a.export_all(encrypt=True)
    assert kept["filename"].endswith(".zip.age")
    assert kept["archive_size_bytes"] == kept["output_path"].stat().st_size
    assert kept["filename"] in [entry["filename"] for entry in a.list_backups()]
    for file in (backup, kept["output_path"]):
        assert b"planted document" not in file.read_bytes()
        assert not zipfile.is_zipfile(file)
    assert _in_the_clear(a.data_dir) == []


def test_the_age_program_opens_it_with_the_kit_and_it_is_an_ordinary_zip(
    backup: Path, kits: list[RecoveryKit], tmp_path: Path
) -> None:
    identity, plain = tmp_path / "identity.age", tmp_path / "plain.zip"
    identity.write_text(kits[0].block)
    age_with_passphrase(WORDS, "-d", "-i", identity, "-o", plain, backup)
    names = archives.members(plain)
    assert "data/user_profile.json.enc" in names
    assert names["resumes/resume.pdf"].startswith(b"%PDF")
    assert zipfile.ZipFile(plain).testzip() is None


def test_a_passphrase_and_a_foreign_recipient_work_without_any_key(
    machine: Machine, tmp_path: Path
) -> None:
    plain = machine("plain")
    plain.save_user_profile(PROFILE)
    words = plain.export_all(tmp_path / "words.zip", passphrase=WORDS)["output_path"]
    identity = tmp_path / "identity"
    identity.write_text(str(STRANGER))
    other = plain.export_all(tmp_path / "other.zip", recipients=[str(STRANGER.to_public())])
    opened = io.BytesIO(age("-d", "-i", identity, other["output_path"]))
    assert zipfile.ZipFile(opened).testzip() is None
    b = machine("b")
    assert b.import_from_backup(words, unlock_callback=_words)["success"]
    assert b.load_user_profile().personal_info.first_name == "Planted-First"


def test_we_take_what_the_age_program_encrypted(
    a: UserDataManager, machine: Machine, tmp_path: Path
) -> None:
    plain = a.export_all(tmp_path / "plain.zip")["output_path"]
    theirs, recipient = tmp_path / "theirs.zip.age", a.vault.keys.for_writing().device_recipient
    theirs.write_bytes(age("-r", recipient, plain))
    assert a.validate_backup(theirs)["valid"]
    assert a.import_from_backup(theirs, confirm=False)["success"]


def test_the_settings_name_more_recipients(a: UserDataManager, tmp_path: Path) -> None:
    config, identity = a.data_dir / "config.yaml", tmp_path / "identity"
    identity.write_text(str(STRANGER))
    mine = f"\nencryption:\n  recipients: [{STRANGER.to_public()}]\n"
    config.write_text(config.read_text() + mine)
    made = a.export_all(tmp_path / "out.zip", encrypt=True)["output_path"]
    assert zipfile.ZipFile(io.BytesIO(age("-d", "-i", identity, made))).testzip() is None


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ("encryption: {recipients: [age1nonsense]}", InvalidArgumentError),
        ("encryption: {recipients: [5]}", ConfigError),
        ("encryption: {recipients: age1}", ConfigError),
        ("a: [", ConfigError),
    ],
)
def test_recipients_that_are_none_stop_an_encrypted_backup_but_no_save(
    a: UserDataManager, tmp_path: Path, wrong: str, error: type[AutoResumeFillerError]
) -> None:
    (a.data_dir / "config.yaml").write_text(wrong)
    with pytest.raises(error, match=r"recipient|cannot be read"):
        a.export_all(tmp_path / "out.zip", encrypt=True)
    assert [*tmp_path.glob("out*")] == []
    a.save_user_profile(PROFILE | {"summary": "saved"})
    newest = a.list_backups()[0]
    assert newest["filename"].endswith(".zip.age")
    assert a.validate_backup(newest["path"])["valid"]
    assert a.load_user_profile().summary == "saved"
    told = [check.message for check in a.doctor().checks if check.state != "ok"]
    assert any("recipient" in message or "cannot be read" in message for message in told)


def test_another_fault_in_the_settings_keeps_no_recipient_from_a_backup(
    a: UserDataManager, tmp_path: Path
) -> None:
    identity = tmp_path / "identity"
    identity.write_text(str(STRANGER))
    (a.data_dir / "config.yaml").write_text(
        f"backup: {{max_backups: ten}}\nencryption: {{recipients: [{STRANGER.to_public()}]}}\n"
    )
    made = a.export_all(tmp_path / "out.zip", encrypt=True)["output_path"]
    assert zipfile.ZipFile(io.BytesIO(age("-d", "-i", identity, made))).testzip() is None


def test_recipients_never_come_out_of_an_archive(
    a: UserDataManager, machine: Machine, tmp_path: Path
) -> None:
    archive = a.export_all(tmp_path / "plain.zip")["output_path"]
    foe = f"encryption:\n  recipients: [{STRANGER.to_public()}]\ngui:\n  theme: dark\n".encode()
    forged = archives.with_content(archive, tmp_path / "forged.zip", {"config.yaml": foe})
    a.import_from_backup(forged, confirm=False)
    assert a.get_setting("gui.theme") == "dark"
    assert str(STRANGER.to_public()) not in (a.data_dir / "config.yaml").read_text()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"encrypt": True}, InvalidArgumentError),
        ({"passphrase": ""}, InvalidArgumentError),
        ({"recipients": ["age1nonsense"]}, InvalidArgumentError),
        ({"recipients": [str(STRANGER.to_public())], "passphrase": WORDS}, InvalidArgumentError),
        ({"include_secrets": True}, InvalidArgumentError),
    ],
)
def test_without_a_good_lock_there_is_no_file(
    machine: Machine, tmp_path: Path, options: dict[str, object], error: type[Exception]
) -> None:
    plain = machine("plain")
    plain.save_user_profile(PROFILE)
    (tmp_path / "out").mkdir()
    for output in (tmp_path / "out" / "x.zip", tmp_path / "out", None):
        with pytest.raises(error):
            plain.export_all(output, **options)  # type: ignore[arg-type]
    assert list((tmp_path / "out").iterdir()) == []
    assert plain.list_backups() == []


def test_a_lost_key_makes_no_file_rather_than_one_for_fewer(
    a: UserDataManager, tmp_path: Path
) -> None:
    (tmp_path / "a" / "key").unlink()
    with pytest.raises(KeyNotFoundError):
        UserDataManager(a.data_dir).export_all(tmp_path / "x.zip", encrypt=True)
    assert not list(tmp_path.glob("x.zip*"))


def test_a_file_in_clear_never_gets_an_encrypted_name(a: UserDataManager, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match="for encrypted backups"):
        a.export_all(tmp_path / "x.zip.age")
    assert not (tmp_path / "x.zip.age").exists()


def test_an_existing_file_is_never_overwritten(a: UserDataManager, tmp_path: Path) -> None:
    (tmp_path / "x.zip.age").write_text("mine")
    with pytest.raises(OutputExistsError):
        a.export_all(tmp_path / "x.zip", encrypt=True)
    assert (tmp_path / "x.zip.age").read_text() == "mine"
    assert _in_the_clear(a.data_dir) == []


def test_what_does_not_read_back_gets_no_name(
    a: UserDataManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypt = envelope.encrypt

    def spoil(source: object, target: io.BytesIO, lock: object, **options: object) -> None:
        encrypt(source, target, lock, **options)  # type: ignore[arg-type]
        target.seek(-40, 2)
        (byte,) = target.read(1)
        target.seek(-40, 2)
        target.write(bytes([byte ^ 1]))

    monkeypatch.setattr(envelope, "encrypt", spoil)
    with pytest.raises(StorageError, match="did not read back"):
        a.export_all(tmp_path / "x.zip", encrypt=True)
    assert not list(tmp_path.glob("x.zip*"))


def test_who_cancels_leaves_nothing(a: UserDataManager, tmp_path: Path) -> None:
    def stop(_current: int, _total: int, _file: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        a.export_all(tmp_path / "x.zip", stop, encrypt=True)
    assert not list(tmp_path.glob("x.zip*"))
    assert _in_the_clear(a.data_dir) == []


def test_automatic_backups_are_encrypted_where_the_profile_is(a: UserDataManager) -> None:
    for _ in range(12):
        a.save_user_profile(PROFILE)
    autos = [entry for entry in a.list_backups() if entry["type"] == "auto"]
    assert len(autos) == 10
    newest = autos[0]["path"]
    assert newest.name.endswith(".zip.age")
    assert a.validate_backup(newest)["valid"]
    (a.data_dir / "config.yaml").write_text(
        "encryption_enabled: true\nencryption:\n  encrypt_auto_backups: false\n"
    )
    a.save_user_profile(PROFILE)
    plain = a.list_backups()[0]["path"]
    assert plain.name.endswith(".zip")
    assert found_in(a.data_dir) == []


def test_what_is_kept_before_an_import_is_encrypted_too(
    a: UserDataManager, backup: Path, tmp_path: Path
) -> None:
    kept = a.import_from_backup(backup, confirm=False)["backup_created"]
    assert kept.endswith(".zip.age")
    assert a.validate_backup(a.data_dir / kept)["valid"]
    # Without the key an import is what helps: it must not fail for the sake of its backup.
    (tmp_path / "a" / "key").rename(tmp_path / "away")
    plain = a.export_all(tmp_path / "plain.zip")["output_path"]
    a.vault.keys.forget_memory()
    kept = a.import_from_backup(plain, confirm=False, carry_locked=True)["backup_created"]
    assert kept.endswith(".zip")
    assert found_in(a.data_dir) == []


def test_a_clean_up_knows_which_encrypted_backup_is_good(
    a: UserDataManager, machine: Machine
) -> None:
    good, bad = (a.export_all(encrypt=True)["output_path"] for _ in range(2))
    bad.write_bytes(bad.read_bytes()[:-7])
    a.cleanup_old_backups(max_backups=0, keep_manual=False)
    assert good.exists()
    assert not bad.exists()


@pytest.mark.parametrize("error", [OSError("mine"), StopIteration("mine"), KeyboardInterrupt()])
@pytest.mark.parametrize("calls", [1, 3])
@pytest.mark.parametrize("how", ["validate", "import"])
def test_what_a_callback_raises_while_it_is_decrypted_comes_out_unchanged(
    a: UserDataManager, backup: Path, error: BaseException, *, calls: int, how: str
) -> None:
    before = snapshot(a.data_dir)
    told: list[str] = []

    def stop(_current: int, _total: int, name: str) -> None:
        told.append(name)
        if len(told) == calls:
            raise error

    with pytest.raises(type(error)) as raised:
        _decrypting(a, how)(backup, progress_callback=stop)
    assert raised.value is error
    assert {*told} == {backup.name}
    assert snapshot(a.data_dir) == before
    assert _in_the_clear(a.data_dir) == []


@pytest.mark.parametrize("error", [OSError("mine"), StopIteration("mine")])
def test_what_a_callback_raises_while_it_is_encrypted_comes_out_unchanged(
    a: UserDataManager, tmp_path: Path, error: Exception
) -> None:
    stage: list[Stage] = []

    def stop(*_: object) -> None:
        if stage[-1] is Stage.VERIFYING:
            raise error

    with pytest.raises(type(error)) as raised:
        a.export_all(tmp_path / "x.zip", stop, stage_callback=stage.append, encrypt=True)
    assert raised.value is error
    assert not [*tmp_path.glob("x.zip*")]


@pytest.mark.parametrize("how", ["validate", "import"])
def test_progress_begins_with_the_decrypting(a: UserDataManager, tmp_path: Path, how: str) -> None:
    (a.data_dir / "resumes" / "long.bin").write_bytes(os.urandom(3_000_000))
    backup = a.export_all(tmp_path / "out.zip", encrypt=True)["output_path"]
    told: list[tuple[int, int, str]] = []
    _decrypting(a, how)(backup, progress_callback=lambda *call: told.append(call))
    currents, totals, names = zip(*told, strict=True)
    first = [current for current, _, name in told if name == backup.name]
    assert len(first) > 10
    assert names[: len(first)] == (backup.name,) * len(first)
    assert first[-1] == backup.stat().st_size
    assert [*currents] == sorted(currents)
    assert {*totals} == {currents[-1]}
    assert "resumes/long.bin" in names


@pytest.mark.parametrize("stage", [Stage.VERIFYING, Stage.COMMITTING])
def test_it_can_be_cancelled_while_it_is_encrypted(
    a: UserDataManager, tmp_path: Path, stage: Stage
) -> None:
    stages: list[Stage] = []
    after = 0

    def progress(current: int, total: int, _file: str) -> None:
        nonlocal after
        if stage in stages:
            after += 1
            raise KeyboardInterrupt

    def enter(entered: Stage) -> None:
        stages.append(entered)
        if entered is Stage.COMMITTING:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        a.export_all(tmp_path / "x.zip", progress, stage_callback=enter, encrypt=True)
    assert after == (stage is Stage.VERIFYING)
    assert not list(tmp_path.glob("x.zip*"))
    assert _in_the_clear(a.data_dir) == []


def test_the_progress_of_an_encrypted_export_ends_at_its_total(
    a: UserDataManager, tmp_path: Path
) -> None:
    calls: list[tuple[int, int]] = []
    a.export_all(
        tmp_path / "x.zip", lambda now, total, _file: calls.append((now, total)), encrypt=True
    )
    assert calls == sorted(calls)
    assert {total for _, total in calls} == {calls[-1][0]}
    assert [now for now, _ in calls].count(calls[-1][0]) == 1


# --- taken -------------------------------------------------------------------------------


def test_the_machine_that_made_it_needs_nothing(a: UserDataManager, backup: Path) -> None:
    assert a.validate_backup(backup)["valid"]
    (a.data_dir / "resumes" / "resume.pdf").unlink()
    assert a.import_from_backup(backup, confirm=False)["success"]
    assert (a.data_dir / "resumes" / "resume.pdf").exists()
    a.rotate_key()
    assert a.validate_backup(backup)["valid"]
    assert _in_the_clear(a.data_dir) == []


def test_another_machine_asks_for_the_kit_once(
    machine: Machine, backup: Path, kits: list[RecoveryKit], tmp_path: Path
) -> None:
    asked: list[Need] = []

    def ask(need: Need) -> Unlocking:
        asked.append(need)
        return opens_with(kits[0])(need)

    b = machine("b")
    b.import_from_backup(backup, unlock_callback=ask)
    assert asked == [Need.KIT]
    assert b.load_user_profile().personal_info.first_name == "Planted-First"
    assert found_in(tmp_path / "b") == []
    assert _in_the_clear(b.data_dir) == []


def test_without_kit_or_passphrase_nothing_is_touched(
    machine: Machine, backup: Path, a: UserDataManager, tmp_path: Path
) -> None:
    words = a.export_all(tmp_path / "words.zip", passphrase=WORDS)["output_path"]
    b = machine("b")
    before = snapshot(b.data_dir)
    for file, error in ((backup, WrongKeyError), (words, PassphraseRequiredError)):
        for use in (b.import_from_backup, b.validate_backup):
            with pytest.raises(error) as raised:
                use(file)
            assert raised.value.hint
    with pytest.raises(WrongKeyError, match="passphrase is wrong"):
        b.import_from_backup(words, unlock_callback=lambda _need: Unlocking(passphrase="no"))
    assert snapshot(b.data_dir) == before
    assert _in_the_clear(b.data_dir) == []


def test_wrong_damaged_cut_off_and_none_are_four_answers(
    a: UserDataManager, machine: Machine, backup: Path, tmp_path: Path
) -> None:
    data = backup.read_bytes()
    payload = data.index(b"\n", data.index(b"\n--- ") + 1) + 1 + 16
    file = tmp_path / "other.zip.age"

    def refused(content: bytes) -> AutoResumeFillerError:
        file.write_bytes(content)
        verdict = a.validate_backup(file)
        with pytest.raises(AutoResumeFillerError) as raised:
            a.import_from_backup(file, confirm=False)
        assert verdict == {
            "valid": False,
            "errors": [raised.value.message],
            "warnings": [],
            "metadata": None,
        }
        return raised.value

    assert len(data) > payload + 65552, "more than one chunk, or the test proves less"
    for at in (payload + 5, payload + 65552 + 5, len(data) - 1, len(data) - 200):
        changed = bytearray(data)
        changed[at] ^= 1
        assert isinstance(refused(bytes(changed)), EncryptedFileDamagedError), at
    for end in (40, payload - 20, payload, payload + 65552, payload + 65553, len(data) - 1):
        assert isinstance(refused(data[:end]), EncryptedFileTruncatedError), end
    plain = a.export_all(tmp_path / "plain.zip")["output_path"]
    for none in (b"", b"hello", plain.read_bytes()):
        assert isinstance(refused(none), NotEncryptedError)
    with pytest.raises(WrongKeyError):
        machine("b").import_from_backup(backup)


@pytest.mark.parametrize(
    ("end", "whole"),
    [
        (b"PK\5\6" + bytes(18), True),
        (b"PK\5\6" + b"\0\0\0\0abcdefghijkl\0\0", True),
        (b"PX\5\6" + b"\0\0\0\0abcdefghijkl\0\0", True),
        (b"x" * 22, False),
        (b"", False),
        (b"\0\0", False),
    ],
)
def test_the_end_of_a_whole_archive_is_known(end: bytes, whole: bool) -> None:
    assert looks_like_the_end_of_a_zip(end) is whole


# --- API keys ------------------------------------------------------------------------------


def test_api_keys_go_in_only_when_asked_and_fill_gaps(
    a: UserDataManager, machine: Machine, kits: list[RecoveryKit], tmp_path: Path
) -> None:
    without = a.export_all(tmp_path / "without.zip", encrypt=True)["output_path"]
    made = a.export_all(tmp_path / "with.zip", encrypt=True, include_secrets=True)
    assert made["redacted"] == []
    b = machine("b")
    told = b.import_from_backup(without, unlock_callback=opens_with(kits[0]))["warnings"]
    assert any("ai_providers.openai.api_key" in warning for warning in told)
    assert b.get_setting("ai_providers.openai.api_key") == ""
    b.import_from_backup(made["output_path"], confirm=False, unlock_callback=opens_with(kits[0]))
    assert b.get_setting("ai_providers.openai.api_key") == SECRET
    c = machine("c")
    c.set_setting("ai_providers.openai.api_key", "sk-of-this-machine-0123456789")
    c.import_from_backup(made["output_path"], confirm=False, unlock_callback=opens_with(kits[0]))
    assert c.get_setting("ai_providers.openai.api_key") == "sk-of-this-machine-0123456789"


def test_decrypted_by_hand_its_api_keys_are_not_taken(
    a: UserDataManager, machine: Machine, kits: list[RecoveryKit], tmp_path: Path
) -> None:
    made = a.export_all(tmp_path / "with.zip", encrypt=True, include_secrets=True)
    identity, plain = tmp_path / "identity", tmp_path / "plain.zip"
    identity.write_text(recovery.open_kit(kits[0].text, WORDS))
    plain.write_bytes(age("-d", "-i", identity, made["output_path"]))
    b = machine("b")
    told = b.import_from_backup(plain, unlock_callback=opens_with(kits[0]))["warnings"]
    assert b.get_setting("ai_providers.openai.api_key") == ""
    assert not any(SECRET in warning for warning in told)


@pytest.mark.parametrize("short", ["x", " " * 20, "ninechars"])
def test_a_passphrase_that_could_be_guessed_makes_no_backup(
    machine: Machine, tmp_path: Path, short: str
) -> None:
    vault = machine("plain")
    with pytest.raises(InvalidArgumentError, match="10 characters"):
        vault.export_all(tmp_path / "a.zip.age", passphrase=short)
    assert [*tmp_path.glob("*.age")] == []


def test_a_disk_with_no_room_for_both_in_clear_and_encrypted_is_told_before_anything_is_written(
    a: UserDataManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is in clear stays until all of it is encrypted, here on the same disk.
    size = 3 << 20
    (a.data_dir / "resumes" / "large.bin").write_bytes(os.urandom(size))
    monkeypatch.setattr(space, "free_bytes", lambda _: size * 3 // 2)
    told: list[object] = []
    with pytest.raises(NotEnoughSpaceError, match="a margin of"):
        a.export_all(
            tmp_path / "out.zip",
            lambda *call: told.append(call),
            encrypt=True,
            stage_callback=told.append,
        )
    assert told == [Stage.PREPARING]
    assert [*tmp_path.glob("out*")] == _in_the_clear(a.data_dir) == []

    monkeypatch.setattr(space, "free_bytes", lambda _: size * 3)
    a.export_all(tmp_path / "out.zip", encrypt=True)
