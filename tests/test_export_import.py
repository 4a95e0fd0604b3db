"""The unit tests that the story's task 9 lists, by its names, on real documents."""

import hashlib
import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.errors import (
    BackupNotFoundError,
    BackupValidationError,
    ProfileInvalidError,
)
from autoresumefiller.version import __version__
from tests.support import archives
from tests.support.trees import snapshot
from tools.comparison import differences, files_of, setting_differences
from tools.sample_content import CONFIG, FAKE_SECRETS

EXPORT_NAME = re.compile(r"autoresumefiller_backup_[0-9]{8}_[0-9]{6}\.zip")


@pytest.fixture
def manager(sample_vault: Path) -> UserDataManager:
    return UserDataManager(sample_vault)


@pytest.fixture
def archive(manager: UserDataManager, tmp_path: Path) -> Path:
    return manager.export_all(tmp_path / "export.zip")["output_path"]


def test_export_all_complete(manager: UserDataManager, sample_vault: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    result = manager.export_all()

    assert EXPORT_NAME.fullmatch(result["filename"])
    assert result["output_path"] == sample_vault / "backups" / result["filename"]
    assert result["archive_size_bytes"] == result["output_path"].stat().st_size
    assert result["warnings"] == []
    assert before <= datetime.fromisoformat(result["export_timestamp"]) <= datetime.now(UTC)

    members = archives.members(result["output_path"])
    assert members.keys() == {
        *files_of(sample_vault),
        "config.yaml",
        "metadata.json",
        "SHA256SUMS",
    }
    for path in files_of(sample_vault):
        assert members[path] == (sample_vault / path).read_bytes(), path


def test_export_missing_directories(
    manager: UserDataManager, sample_vault: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(sample_vault / "cover_letters")

    result = manager.export_all()

    assert "cover_letters/ directory not found, skipping" in result["warnings"]
    assert "cover_letters/ directory not found, skipping" in caplog.messages
    assert archives.metadata_of(result["output_path"])["missing_directories"] == ["cover_letters"]
    assert result["missing_directories"] == ["cover_letters"]
    assert manager.validate_backup(result["output_path"])["valid"]
    assert not (sample_vault / "cover_letters").exists()


def test_generate_metadata(manager: UserDataManager, sample_vault: Path) -> None:
    result = manager.export_all()
    members = archives.members(result["output_path"])
    metadata = json.loads(members["metadata.json"])

    assert metadata["format_version"] == 1
    assert metadata["app_version"] == __version__
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", metadata["export_timestamp"])
    assert metadata["backup_type"] == "manual"
    assert metadata["scope"] == "full"
    assert metadata["profile_valid"] is True
    assert metadata["missing_directories"] == []
    assert metadata["skipped"] == []
    assert "API keys redacted for security" in metadata["notes"]
    listed = {entry["path"]: entry for entry in metadata["files"]}
    assert len(listed) == len(metadata["files"]) == metadata["file_count"]
    assert listed.keys() == members.keys() - set(archives.UNLISTED)
    for path, entry in listed.items():
        assert entry["size_bytes"] == len(members[path])
        assert entry["checksum_sha256"] == hashlib.sha256(members[path]).hexdigest()
    assert metadata["total_size_bytes"] == sum(e["size_bytes"] for e in metadata["files"])
    # What the caller gets is what the archive says.
    assert {key: result[key] for key in metadata} == metadata


def test_redact_config(manager: UserDataManager) -> None:
    result = manager.export_all()
    members = archives.members(result["output_path"])
    exported = members["config.yaml"].decode()

    expected = CONFIG
    # A value is replaced whole, a URL with a password in it too.
    for secret in (f"http://alex:{FAKE_SECRETS[4]}@proxy.example.org:8080", *FAKE_SECRETS[:4]):
        expected = expected.replace(secret, "**REDACTED**")
    first, rest = exported.split("\n", 1)
    assert first == "# API keys redacted for security"
    assert _unquoted(rest) == _unquoted(expected)
    for path in ("ai_providers.openai.api_key", "ai_providers.anthropic.api_key"):
        assert path in result["redacted"]
    for name, content in members.items():
        for secret in FAKE_SECRETS:
            assert secret.encode() not in content, name


def test_validate_backup_success(manager: UserDataManager, archive: Path) -> None:
    result = manager.validate_backup(archive)

    assert result["valid"] is True
    assert result["errors"] == []
    assert result["warnings"] == []
    assert result["metadata"] == archives.metadata_of(archive)


@pytest.mark.parametrize("damage", ["truncated", "bit flipped", "not a ZIP", "empty"])
def test_validate_backup_corrupted(
    manager: UserDataManager, archive: Path, sample_vault: Path, damage: str
) -> None:
    content = bytearray(archive.read_bytes())
    if damage == "truncated":
        del content[len(content) // 2 :]
    elif damage == "bit flipped":
        content[len(content) // 2] ^= 1
    elif damage == "not a ZIP":
        content = bytearray(b"%PDF-1.4 pretends to be a backup")
    else:
        content.clear()
    archive.write_bytes(content)
    before = snapshot(sample_vault)

    result = manager.validate_backup(archive)

    assert result["valid"] is False
    assert result["errors"][0].startswith(
        ("Backup is corrupted (ZIP error)", "Checksum mismatch for")
    )
    with pytest.raises(BackupValidationError) as caught:
        manager.import_from_backup(archive, confirm=False)
    assert caught.value.errors == result["errors"]
    assert snapshot(sample_vault) == before


@pytest.mark.parametrize(
    ("app_version", "message"),
    [
        ("2.0", "Version mismatch: backup v2.0, current v1.0"),
        ("2.0.0", "Version mismatch: backup v2.0, current v1.0"),
        ("1.1.0", "Version mismatch: backup v1.1, current v1.0"),
    ],
)
def test_validate_backup_version_mismatch(
    manager: UserDataManager, archive: Path, tmp_path: Path, app_version: str, message: str
) -> None:
    newer = archives.with_metadata(archive, tmp_path / "newer.zip", app_version=app_version)

    result = manager.validate_backup(newer)

    assert result["valid"] is False
    assert len(result["errors"]) == 1
    assert result["errors"][0].startswith(message)
    with pytest.raises(BackupValidationError, match="Version mismatch"):
        manager.import_from_backup(newer, confirm=False)


@pytest.mark.parametrize(
    ("app_version", "warns"), [("1.0.9", True), ("1.0.0", False), ("0.9.3", False), ("1.0", False)]
)
def test_a_newer_patch_is_a_warning_and_an_older_version_is_none(
    manager: UserDataManager, archive: Path, tmp_path: Path, app_version: str, warns: bool
) -> None:
    other = archives.with_metadata(archive, tmp_path / "other.zip", app_version=app_version)

    result = manager.validate_backup(other)

    assert result["valid"] is True
    assert any(w.startswith("Version mismatch (minor)") for w in result["warnings"]) is warns


def test_a_newer_format_is_refused_in_the_same_words(
    manager: UserDataManager, archive: Path, tmp_path: Path
) -> None:
    newer = archives.with_metadata(archive, tmp_path / "newer.zip", format_version=2)

    errors = manager.validate_backup(newer)["errors"]

    assert len(errors) == 1
    assert errors[0].startswith("Version mismatch: ")


def test_validate_backup_checksum_fail(
    manager: UserDataManager, archive: Path, tmp_path: Path
) -> None:
    profile = archives.members(archive)["data/user_profile.json"]
    other = profile.replace(b"Alex", b"Axel")
    changed = archives.with_members(
        archive, tmp_path / "changed.zip", {"data/user_profile.json": other}
    )

    result = manager.validate_backup(changed)

    assert result["valid"] is False
    assert any(e.startswith("Checksum mismatch for user_profile.json") for e in result["errors"])


def test_all_faults_are_found_not_only_the_first(
    manager: UserDataManager, archive: Path, tmp_path: Path
) -> None:
    members = archives.members(archive)
    profile = members["data/user_profile.json"].replace(b"Alex", b"Axel")
    letter = members["cover_letters/ideas.md"].upper()
    changed = archives.with_members(
        archive,
        tmp_path / "changed.zip",
        {"data/user_profile.json": profile, "cover_letters/ideas.md": letter},
    )
    worse = archives.with_metadata(changed, tmp_path / "worse.zip", app_version="3.1")

    errors = manager.validate_backup(worse)["errors"]

    for start in (
        "Version mismatch: backup v3.1, current v1.0",
        "Checksum mismatch for user_profile.json",
        "Checksum mismatch for ideas.md",
    ):
        assert any(error.startswith(start) for error in errors), (start, errors)


def test_import_with_confirmation(
    manager: UserDataManager, sample_vault: Path, archive: Path, tmp_path: Path
) -> None:
    (sample_vault / "resumes" / "software_engineer.pdf").write_bytes(b"spoilt")
    asked = []

    def yes(plan: object) -> bool:
        asked.append(plan)
        return True

    result = manager.import_from_backup(archive, confirm_callback=yes)

    assert len(asked) == 1
    assert result["success"] is True
    restored = archives.members(archive)["resumes/software_engineer.pdf"]
    assert (sample_vault / "resumes" / "software_engineer.pdf").read_bytes() == restored


def test_import_declined_changes_nothing(
    manager: UserDataManager, sample_vault: Path, archive: Path
) -> None:
    (sample_vault / "resumes" / "software_engineer.pdf").write_bytes(b"newer")
    before = snapshot(sample_vault)

    result = manager.import_from_backup(archive, confirm_callback=lambda _plan: False)

    assert result["success"] is False
    assert result["cancelled"] is True
    assert result["files_restored"] == 0
    assert result["backup_created"] is None
    assert snapshot(sample_vault) == before


def test_import_backup_existing(
    manager: UserDataManager, sample_vault: Path, archive: Path, tmp_path: Path
) -> None:
    (sample_vault / "resumes" / "software_engineer.pdf").write_bytes(b"what I had")
    (sample_vault / "cover_letters" / "new one.txt").write_bytes(b"and this")

    result = manager.import_from_backup(archive, confirm=False, backup_existing=True)

    assert re.fullmatch(
        r"backups/pre_import_backup_[0-9]{8}_[0-9]{6}\.zip", result["backup_created"]
    )
    saved = sample_vault / result["backup_created"]
    assert archives.members(saved)["resumes/software_engineer.pdf"] == b"what I had"
    assert archives.members(saved)["cover_letters/new one.txt"] == b"and this"
    assert manager.validate_backup(saved)["valid"]
    # Without the wish there is none, and without existing data there is nothing to back up.
    assert (
        manager.import_from_backup(archive, confirm=False, backup_existing=False)["backup_created"]
        is None
    )
    fresh = UserDataManager(tmp_path / "fresh")
    assert fresh.import_from_backup(archive)["backup_created"] is None


def test_list_backups(manager: UserDataManager, sample_vault: Path, archive: Path) -> None:
    names = {
        "autoresumefiller_backup_20251129_120000.zip": "manual",
        "auto_backup_20251130_080000.zip": "auto",
        "pre_import_backup_20251128_235959.zip": "pre_import",
        "autoresumefiller_backup_20251129_120000_2.zip": "manual",
        "before-the-interview_backup_20251127_000000.zip": "manual",
    }
    for name in names:
        (sample_vault / "backups" / name).write_bytes(archive.read_bytes())

    listed = manager.list_backups()

    assert [(entry["filename"], entry["created"]) for entry in listed] == [
        ("auto_backup_20251130_080000.zip", "2025-11-30T08:00:00Z"),
        ("autoresumefiller_backup_20251129_120000_2.zip", "2025-11-29T12:00:00Z"),
        ("autoresumefiller_backup_20251129_120000.zip", "2025-11-29T12:00:00Z"),
        ("pre_import_backup_20251128_235959.zip", "2025-11-28T23:59:59Z"),
        ("before-the-interview_backup_20251127_000000.zip", "2025-11-27T00:00:00Z"),
    ]
    for entry in listed:
        assert entry["type"] == names[entry["filename"]]
        assert entry["path"] == sample_vault / "backups" / entry["filename"]
        assert entry["size_bytes"] == archive.stat().st_size
        assert entry["metadata"] == archives.metadata_of(archive)


def test_delete_backup(manager: UserDataManager, sample_vault: Path) -> None:
    by_path, by_name = manager.export_all(), manager.export_all()

    assert manager.delete_backup(by_path["output_path"]) == {
        "deleted": True,
        "filename": by_path["filename"],
    }
    assert manager.delete_backup(by_name["filename"])["deleted"] is True

    assert list((sample_vault / "backups").iterdir()) == []
    with pytest.raises(BackupNotFoundError):
        manager.delete_backup(by_name["filename"])


@pytest.mark.parametrize(
    "target", ["../data/user_profile.json", "config.yaml", "/etc/hostname", "..", ""]
)
def test_nothing_but_a_listed_backup_is_deleted(
    manager: UserDataManager, sample_vault: Path, target: str
) -> None:
    before = snapshot(sample_vault)
    with pytest.raises(BackupNotFoundError):
        manager.delete_backup(target)
    assert snapshot(sample_vault) == before


def test_cleanup_old_backups(manager: UserDataManager, sample_vault: Path, archive: Path) -> None:
    backups = sample_vault / "backups"
    autos = [f"auto_backup_202511{day:02}_120000.zip" for day in range(1, 16)]
    manuals = [f"autoresumefiller_backup_202510{day:02}_120000.zip" for day in range(1, 13)]
    for name in (*autos, *manuals):
        (backups / name).write_bytes(archive.read_bytes())

    assert manager.cleanup_old_backups(max_backups=10, keep_manual=True) == 5
    assert {p.name for p in backups.iterdir()} == {*autos[5:], *manuals}

    assert manager.cleanup_old_backups(max_backups=10, keep_manual=False) == 2
    assert {p.name for p in backups.iterdir()} == {*autos[5:], *manuals[2:]}

    assert manager.cleanup_old_backups() == 0


def test_export_progress_callback(manager: UserDataManager, sample_vault: Path) -> None:
    calls: list[tuple[int, int, str]] = []

    result = manager.export_all(None, lambda *call: calls.append(call))

    currents = [current for current, _, _ in calls]
    assert currents == sorted(currents)
    assert len({total for _, total, _ in calls}) == 1
    total = calls[0][1]
    assert total > 0
    assert calls[-1][0] == total
    assert {name for _, _, name in calls} >= {entry["path"] for entry in result["files"]}


def test_settings_are_merged_and_this_machines_keys_stay(
    manager: UserDataManager, sample_vault: Path, archive: Path
) -> None:
    config = sample_vault / "config.yaml"
    config.write_text(CONFIG.replace("theme: dark", "theme: light").replace("8765", "9999"))
    before = sample_vault.parent / "before.yaml"
    before.write_bytes(config.read_bytes())

    result = manager.import_from_backup(archive, confirm=False)

    # The archive's leaf wins, but for what never comes from an archive.
    assert setting_differences(before, config) == {"gui.theme": ("light", "dark")}
    assert config.read_text() == CONFIG.replace("8765", "9999")
    assert any(
        w.startswith("API keys not imported (preserved existing)") for w in result["warnings"]
    )


def test_on_a_new_machine_the_keys_are_empty_and_asked_for(
    archive: Path, sample_vault: Path, vault_dir: Path, tmp_path: Path
) -> None:
    new = UserDataManager(tmp_path / "new")

    result = new.import_from_backup(archive)

    config = tmp_path / "new" / "config.yaml"
    assert "**REDACTED**" not in config.read_text()
    changed = setting_differences(sample_vault / "config.yaml", config)
    assert changed["ai_providers.openai.api_key"] == (FAKE_SECRETS[0], "")
    assert changed.keys() == set(archives.metadata_of(archive)["redacted"])
    assert any("ai_providers.openai.api_key" in warning for warning in result["warnings"])
    assert differences(sample_vault, tmp_path / "new") == []


def _unquoted(text: str) -> str:
    # A placeholder needs quotes where the secret had none: `**` begins an alias.
    return text.replace('"**REDACTED**"', "**REDACTED**").replace("'**REDACTED**'", "**REDACTED**")


@pytest.mark.parametrize(
    "extra",
    [
        {"summary": "x" * 17_000_000},
        {"skills": ["s"] * 600_000},
        {"x": float("nan")},
        {"x": float("-inf")},
        {"x": object()},
        {"x": b"\xff"},
        {"x": 10**5000},
    ],
    ids=["too long", "too many", "nan", "infinite", "an object", "bytes", "too large"],
)
def test_a_profile_that_could_not_be_loaded_again_is_not_saved(
    manager: UserDataManager, extra: dict[str, object]
) -> None:
    before = snapshot(manager.data_dir)
    profile = manager.load_user_profile().model_dump(mode="json")
    with pytest.raises(ProfileInvalidError):
        manager.save_user_profile(profile | extra)
    assert snapshot(manager.data_dir) == before


def test_a_loaded_profile_that_was_spoiled_is_not_saved(manager: UserDataManager) -> None:
    before = snapshot(manager.data_dir)
    profile = manager.load_user_profile()
    profile.work_experience.append({"company": "x"})  # type: ignore[arg-type]
    with pytest.raises(ProfileInvalidError, match="work_experience"):
        manager.save_user_profile(profile)
    assert snapshot(manager.data_dir) == before


def test_a_profile_that_contains_itself_is_not_saved(manager: UserDataManager) -> None:
    profile = manager.load_user_profile().model_dump(mode="json")
    profile["x"] = profile
    with pytest.raises(ProfileInvalidError):
        manager.save_user_profile(profile)
