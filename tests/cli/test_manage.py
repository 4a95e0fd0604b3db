"""init, import, undo, delete, cleanup, doctor: what changes the vault, and what asks before."""

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import RunHere
from tests.support.archives import story_archive, with_members, with_metadata
from tests.support.command_line import arf
from tests.support.trees import snapshot


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """Where a second vault may be made: the new computer."""
    return tmp_path / "new computer" / "vault"


def _make_backups(vault: Path, archive: Path, *names: str) -> None:
    for name in names:
        shutil.copyfile(archive, vault / "backups" / name)


def _backups(vault: Path) -> list[str]:
    return sorted(path.name for path in (vault / "backups").iterdir())


# --- init -------------------------------------------------------------------


def test_init_makes_a_vault_and_only_once(here: RunHere, vault_dir: Path) -> None:
    done = here("init", vault=vault_dir)
    assert done.status == 0
    assert str(vault_dir) in done.out
    (vault_dir / "resumes").rmdir()  # a folder that its owner removed stays removed
    again = here("init", "--json", vault=vault_dir)
    assert (again.status, again.result["created"]) == (0, False)
    assert not (vault_dir / "resumes").exists()


def test_init_where_a_file_is(here: RunHere, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = here("init", vault=tmp_path / "file")
    assert done.status == 1
    assert (tmp_path / "file").read_text() == "x"


# --- import -----------------------------------------------------------------


def test_an_import_on_a_new_computer_makes_the_vault_and_names_the_keys(
    here: RunHere, exported: Path, fresh: Path
) -> None:
    done = here("import", exported, vault=fresh)
    assert done.status == 3
    assert "Imported 19 files" in done.out
    assert "    arf config set ai_providers.openai.api_key\n" in done.out
    assert (fresh / "data" / "user_profile.json").exists()


def test_an_import_that_changes_nothing_does_not_offer_the_undo_of_an_earlier_one(
    here: RunHere, vault_dir: Path, tmp_path: Path
) -> None:
    here("init", vault=vault_dir)
    here("export", tmp_path / "settings.zip", vault=vault_dir)
    resume = vault_dir / "resumes" / "a.txt"
    resume.write_text("old")
    here("export", tmp_path / "resume.zip", vault=vault_dir)
    resume.write_text("new")
    done = here("import", "--yes", tmp_path / "resume.zip", vault=vault_dir)
    assert "To take this import back: arf undo" in done.out
    done = here("import", "--yes", tmp_path / "settings.zip", vault=vault_dir)
    assert done.status == 0
    assert "Nothing had to be changed" in done.out
    assert "arf undo" not in done.out


def test_the_result_of_an_import_in_json(here: RunHere, exported: Path, fresh: Path) -> None:
    done = here("import", exported, "--json", vault=fresh)
    result = done.result
    assert done.status == 3
    assert result["success"] is True
    assert result["files_restored"] == 19
    assert result["backup_created"] is None  # there was nothing to back up
    assert "ai_providers.openai.api_key" in result["keys_to_type_in_again"]
    assert isinstance(result["duration_ms"], int)


def test_an_import_on_the_same_computer_keeps_the_keys(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    config = (sample_vault / "config.yaml").read_bytes()
    done = here("import", exported, "--yes", vault=sample_vault)
    assert done.status == 0
    assert (sample_vault / "config.yaml").read_bytes() == config
    (backup,) = _backups(sample_vault)
    assert backup.startswith("pre_import_backup_")
    assert f"kept in backups/{backup}" in done.out


def test_an_import_without_a_backup_when_told(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    done = here("import", exported, "--yes", "--no-backup", vault=sample_vault)
    assert done.status == 0
    assert _backups(sample_vault) == []


def test_the_settings_say_whether_to_back_up_first(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    assert (
        here("config", "set", "backup.backup_before_import", "false", vault=sample_vault).status
        == 0
    )
    before = _backups(sample_vault)
    assert here("import", exported, "--yes", vault=sample_vault).status == 0
    assert _backups(sample_vault) == before
    assert here("import", exported, "--yes", "--backup", vault=sample_vault).status == 0
    assert len(_backups(sample_vault)) == len(before) + 1


def test_where_nobody_can_be_asked_nothing_is_replaced(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    before = snapshot(sample_vault)
    done = here("import", exported, vault=sample_vault, typed="y\ny\n")
    assert done.status == 2
    assert "--yes" in done.err
    assert snapshot(sample_vault) == before
    assert here("import", exported, "--json", vault=sample_vault).error["code"] == (
        "confirmation_required"
    )


def test_mirror_makes_the_folders_equal_to_the_backup(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    extra = sample_vault / "resumes" / "newer.txt"
    extra.write_text("x")
    here("import", exported, "--yes", vault=sample_vault)
    assert extra.exists()
    here("import", exported, "--yes", "--mode", "mirror", vault=sample_vault)
    assert not extra.exists()


@pytest.mark.parametrize("existing", [True, False], ids=["a vault", "no vault"])
def test_an_invalid_archive_changes_nothing_and_every_fault_is_named(
    here: RunHere, sample_vault: Path, fresh: Path, tmp_path: Path, existing: bool
) -> None:
    sound = story_archive(tmp_path / "a.zip", {"resumes/a.txt": b"a", "resumes/b.txt": b"b"})
    broken = with_members(sound, tmp_path / "b.zip", {"resumes/a.txt": b"A", "resumes/b.txt": b"B"})
    vault = sample_vault if existing else fresh
    before = snapshot(vault) if existing else {}
    done = here("import", broken, "--yes", vault=vault)
    assert done.status == 5
    assert "Checksum mismatch for a.txt" in done.err
    assert "Checksum mismatch for b.txt" in done.err
    assert (snapshot(vault) if existing else {}) == before
    told = here("import", broken, "--yes", "--json", vault=vault)
    assert told.error["code"] == "backup_invalid"
    assert len(told.error["errors"]) == len(told.error["codes"]) == 2


def test_what_is_no_archive_makes_no_vault(here: RunHere, fresh: Path, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no zip")
    assert here("import", tmp_path / "x.zip", vault=fresh).status == 5
    assert not fresh.exists()


def test_a_broken_archive_makes_no_vault(
    here: RunHere, fresh: Path, exported: Path, tmp_path: Path
) -> None:
    broken = with_members(exported, tmp_path / "broken.zip", {"config.yaml": b"# another\n"})
    assert here("import", broken, vault=fresh).status == 5
    assert not fresh.exists()


def test_an_archive_of_a_newer_version_is_refused(
    here: RunHere, exported: Path, fresh: Path, tmp_path: Path
) -> None:
    newer = with_metadata(exported, tmp_path / "new.zip", app_version="2.0.0")
    done = here("import", newer, vault=fresh)
    assert done.status == 5
    assert "Version mismatch: backup v2.0, current v1.0" in done.err


def test_a_listed_backup_is_imported_by_its_name(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    _make_backups(sample_vault, exported, "mine.zip")
    assert here("import", "mine.zip", "--yes", vault=sample_vault).status == 0


def test_settings_that_cannot_be_read_stay_and_do_not_stop_an_import(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    broken = b"a: [\n\t- b"
    (sample_vault / "config.yaml").write_bytes(broken)
    done = here("import", exported, "--yes", vault=sample_vault)
    assert done.status in {0, 3}
    assert "Warning: " in done.err
    assert (sample_vault / "config.yaml").read_bytes() == broken


def test_progress_of_an_import_in_json(here: RunHere, exported: Path, fresh: Path) -> None:
    *progress, _ = here("import", exported, "--json", vault=fresh).events
    stages = list(dict.fromkeys(event["stage"] for event in progress))
    assert stages[0] == "validating"
    assert stages[-2:] == ["committing", "done"]
    measured = [event for event in progress if "current_bytes" in event]
    assert measured[-1]["current_bytes"] == measured[-1]["total_bytes"]


# --- undo -------------------------------------------------------------------


def test_an_undo_puts_back_exactly_what_was_there_and_can_be_undone(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    (sample_vault / "resumes" / "cv.txt").write_text("the newer one")
    profile = sample_vault / "data" / "user_profile.json"
    profile.write_bytes(profile.read_bytes().replace(b"{", b"{ ", 1))
    before = snapshot(sample_vault, without=(".state", "logs", "backups"))
    here("import", exported, "--yes", vault=sample_vault)
    imported = snapshot(sample_vault, without=(".state", "logs", "backups"))
    assert imported != before
    done = here("undo", "--yes", vault=sample_vault)
    assert done.status == 0
    assert "Undone: " in done.out
    assert snapshot(sample_vault, without=(".state", "logs", "backups")) == before
    assert here("undo", "--yes", "--json", vault=sample_vault).result["undone"] is True
    assert snapshot(sample_vault, without=(".state", "logs", "backups")) == imported


def test_nothing_to_undo(here: RunHere, vault_dir: Path) -> None:
    here("init", vault=vault_dir)
    done = here("undo", "--yes", "--json", vault=vault_dir)
    assert (done.status, done.error["code"]) == (1, "nothing_to_undo")


def test_an_undo_is_refused_where_nobody_can_be_asked(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    here("import", exported, "--yes", vault=sample_vault)
    before = snapshot(sample_vault)
    assert here("undo", vault=sample_vault).status == 2
    assert snapshot(sample_vault) == before


# --- delete and cleanup -----------------------------------------------------


def test_delete_removes_what_is_named(here: RunHere, exported: Path, sample_vault: Path) -> None:
    _make_backups(sample_vault, exported, "a.zip", "b.zip", "c.zip")
    done = here("delete", "a.zip", "c.zip", "a.zip", "--yes", vault=sample_vault)
    assert done.status == 0
    assert _backups(sample_vault) == ["b.zip"]
    assert here("delete", "b.zip", "--yes", "--json", vault=sample_vault).result["deleted"] == [
        "b.zip"
    ]


def test_delete_is_refused_where_nobody_can_be_asked(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    _make_backups(sample_vault, exported, "a.zip")
    done = here("delete", "a.zip", vault=sample_vault, typed="y\n")
    assert done.status == 2
    assert "cannot be brought back" in done.err
    assert _backups(sample_vault) == ["a.zip"]


def test_if_one_name_is_not_listed_none_is_deleted(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    _make_backups(sample_vault, exported, "a.zip")
    for other in ("absent.zip", "../config.yaml", str(exported), "../../etc/passwd"):
        done = here("delete", "a.zip", other, "--yes", vault=sample_vault)
        assert (done.status, _backups(sample_vault)) == (1, ["a.zip"])
    assert exported.exists()


AUTOS = [f"auto_backup_202401{day:02}_120000.zip" for day in range(1, 13)]


def test_cleanup_keeps_ten_by_default_and_says_why(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    _make_backups(sample_vault, exported, *AUTOS, "mine.zip")
    done = here("cleanup", "--yes", vault=sample_vault)
    assert done.status == 0
    assert _backups(sample_vault) == sorted([*AUTOS[2:], "mine.zip"])
    rows = [line.split(maxsplit=2) for line in done.out.splitlines()]
    assert ["goes", AUTOS[0], "older than the newest 10 auto backups"] in rows
    assert ["stays", "mine.zip", "manual backups are kept"] in rows


def test_a_dry_run_deletes_nothing_and_asks_nobody(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    _make_backups(sample_vault, exported, *AUTOS)
    done = here("cleanup", "--max", "3", "--dry-run", "--json", vault=sample_vault)
    assert done.status == 0
    assert done.result["deleted"] == 0
    going = [row["filename"] for row in done.result["plan"] if not row["keep"]]
    assert sorted(going) == AUTOS[:-3]
    assert _backups(sample_vault) == AUTOS


def test_cleanup_takes_the_number_from_the_settings(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    _make_backups(sample_vault, exported, *AUTOS)
    here("config", "set", "backup.max_backups", "4", vault=sample_vault)
    plan = here("cleanup", "--dry-run", "--json", vault=sample_vault).result["plan"]
    assert sum(row["keep"] for row in plan) == 4


@pytest.mark.parametrize(("written", "most"), [("true", 10), ("'4'", 10), ("0x4", 4)])
def test_cleanup_says_when_it_cannot_go_by_the_settings(
    here: RunHere, exported: Path, sample_vault: Path, written: str, most: int
) -> None:
    _make_backups(sample_vault, exported, *AUTOS)
    (sample_vault / "config.yaml").write_text(f"backup: {{max_backups: {written}}}\n")
    done = here("cleanup", "--dry-run", vault=sample_vault)
    assert done.status == 0
    assert ("its default is used" in done.err) is (most == 10)
    plan = here("cleanup", "--dry-run", "--json", vault=sample_vault).result["plan"]
    assert sum(row["keep"] for row in plan) == most


def test_manual_backups_go_only_when_included(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    _make_backups(sample_vault, exported, *(f"b{number}.zip" for number in range(4)))
    assert here("cleanup", "--max", "1", vault=sample_vault).status == 0
    assert len(_backups(sample_vault)) == 4
    included = here("cleanup", "--max", "1", "--include-manual", "--yes", vault=sample_vault)
    assert included.status == 0
    assert len(_backups(sample_vault)) == 1


def test_cleanup_is_refused_where_nobody_can_be_asked_unless_nothing_would_go(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    _make_backups(sample_vault, exported, *AUTOS)
    assert here("cleanup", vault=sample_vault).status == 2
    assert _backups(sample_vault) == AUTOS
    done = here("cleanup", "--max", "12", vault=sample_vault)
    assert done.status == 0
    assert "Nothing to clean up" in done.out


# --- doctor -----------------------------------------------------------------


def test_doctor_says_what_is_there_and_that_all_is_well(here: RunHere, sample_vault: Path) -> None:
    here("export", vault=sample_vault)
    done = here("doctor", vault=sample_vault)
    assert done.status == 0
    assert "resumes/: 10 files" in done.out
    assert "1 backup" in done.out
    result = here("doctor", "--json", vault=sample_vault).result
    assert {check["state"] for check in result["checks"]} <= {"ok", "warning"}
    assert result["status"]["has_profile"] is True


def test_doctor_mends_only_when_told(here: RunHere, sample_vault: Path) -> None:
    config = sample_vault / "config.yaml"
    config.chmod(0o644)
    done = here("doctor", vault=sample_vault)
    assert "'arf doctor --fix' does this" in done.out
    assert config.stat().st_mode & 0o777 == 0o644
    here("doctor", "--fix", vault=sample_vault)
    assert config.stat().st_mode & 0o777 == 0o600


def test_doctor_fails_where_there_is_a_problem(here: RunHere, sample_vault: Path) -> None:
    (sample_vault / "data" / "user_profile.json").write_text("{}")
    done = here("doctor", vault=sample_vault)
    assert done.status == 1
    assert "✗ " in done.out
    assert here("doctor", "--json", vault=sample_vault).result["healthy"] is False


# --- the whole way ----------------------------------------------------------


def test_a_move_to_a_new_computer_with_real_processes(sample_vault: Path, fresh: Path) -> None:
    stick = fresh.parent.parent / "stick"
    stick.mkdir()
    assert arf("export", stick, vault=sample_vault).status == 0
    (archive,) = stick.iterdir()
    assert arf("verify", archive).status == 0
    moved = arf("import", archive, vault=fresh)
    assert moved.status == 3
    keys = arf("import", archive, "--yes", "--json", vault=fresh).result["keys_to_type_in_again"]
    for key in keys:
        assert arf("config", "set", key, vault=fresh, typed="sk-new-key\n").status == 0
    assert arf("import", archive, "--yes", vault=fresh).status == 0
    assert arf("list", vault=fresh).status == 0

    def documents(vault: Path) -> dict[str, bytes]:
        return {
            path.relative_to(vault).as_posix(): path.read_bytes()
            for folder in ("data", "resumes", "cover_letters")
            for path in (vault / folder).rglob("*")
            if path.is_file()
        }

    assert documents(fresh) == documents(sample_vault)
