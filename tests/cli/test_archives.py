"""export, list, show, verify, salvage: what a person learns about archives."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import RunHere
from tests.support.archives import story_archive, with_content, with_members, with_metadata
from tests.support.command_line import arf
from tests.support.trees import snapshot

HOSTILE_NAME = "\x1b]0;owned\x07\x1b[2J\u202egpj.zip"


# --- export -----------------------------------------------------------------


def test_an_export_goes_into_the_backups_and_says_where(here: RunHere, sample_vault: Path) -> None:
    done = here("export", vault=sample_vault)
    (made,) = (sample_vault / "backups").iterdir()
    assert done.status == 0
    assert f"Archive: {made}" in done.out
    assert "19 files" in done.out
    assert "secrets of the settings stayed here" in done.out


def test_an_export_goes_where_it_is_told(here: RunHere, sample_vault: Path, tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir()
    into_folder = here("export", tmp_path / "stick", "--json", vault=sample_vault).result
    exact = here("export", tmp_path / "mine.zip", "--json", vault=sample_vault).result
    assert Path(into_folder["output_path"]).parent == tmp_path / "stick"
    assert exact["output_path"] == str(tmp_path / "mine.zip")
    assert not any((sample_vault / "backups").iterdir())


def test_an_export_never_overwrites(here: RunHere, exported: Path, sample_vault: Path) -> None:
    before = exported.read_bytes()
    done = here("export", exported, vault=sample_vault)
    assert done.status == 1
    assert "The existing file was not changed." in done.err
    assert exported.read_bytes() == before


def test_the_result_of_an_export_in_json(here: RunHere, sample_vault: Path) -> None:
    done = here("export", "--json", vault=sample_vault)
    result = done.result
    assert done.status == 0
    assert result["file_count"] == len(result["files"]) == 19
    assert result["skipped"] == result["missing_directories"] == []
    assert result["archive_size_bytes"] == Path(result["output_path"]).stat().st_size


def test_progress_in_json_begins_and_ends_and_never_goes_back(
    here: RunHere, sample_vault: Path
) -> None:
    *progress, _ = here("export", "--json", vault=sample_vault).events
    stages = [event["stage"] for event in progress]
    assert stages[0] == "preparing"
    assert stages[-1] == "done"
    measured = [event for event in progress if "current_bytes" in event]
    counts = [event["current_bytes"] for event in measured]
    assert counts == sorted(counts)
    assert counts[-1] == measured[0]["total_bytes"] == measured[-1]["total_bytes"]


def test_what_is_left_out_is_said_and_the_status_tells(here: RunHere, sample_vault: Path) -> None:
    (sample_vault / "resumes" / "link.pdf").symlink_to("elsewhere.pdf")
    done = here("export", vault=sample_vault)
    assert done.status == 3
    assert "Warning: resumes/link.pdf was skipped" in done.err
    assert "1 item left out" in done.err
    again = here("export", "--json", vault=sample_vault)
    assert again.status == 3
    assert again.result["skipped"][0]["path"] == "resumes/link.pdf"


def test_a_missing_folder_is_a_warning_and_no_failure(here: RunHere, vault_dir: Path) -> None:
    here("init", vault=vault_dir)
    (vault_dir / "cover_letters").rmdir()
    done = here("export", vault=vault_dir)
    assert done.status == 0
    assert "Warning: cover_letters/ directory not found, skipping" in done.err


# --- list -------------------------------------------------------------------


def _place(vault: Path, name: str, archive: Path) -> Path:
    target = vault / "backups" / name
    target.write_bytes(archive.read_bytes())
    return target


def test_an_empty_list_says_how_to_begin(here: RunHere, vault_dir: Path) -> None:
    here("init", vault=vault_dir)
    done = here("list", vault=vault_dir)
    assert done.status == 0
    assert done.out == "No backups yet. 'arf export' makes the first.\n"
    assert here("list", "--json", vault=vault_dir).result["backups"] == []


def test_the_list_is_a_table_newest_first(
    here: RunHere,
    sample_vault: Path,
    exported: Path,
    zone: Callable[[str], None],
) -> None:
    zone("Asia/Kolkata")
    _place(sample_vault, "auto_backup_20240101_120000.zip", exported)
    _place(sample_vault, "autoresumefiller_backup_20240301_120000.zip", exported)
    _place(sample_vault, "pre_import_backup_20240201_120000.zip", exported)
    done = here("list", vault=sample_vault)
    heading, _, *rows, total = [line for line in done.out.splitlines() if line]
    assert heading.split() == ["Backup", "When", "Exactly", "Size", "Type", "Contents"]
    assert [row.split("_backup_")[0].strip() for row in rows] == [
        "autoresumefiller",
        "pre_import",
        "auto",
    ]
    assert "2024-03-01 17:30" in rows[0]  # this zone's time, not UTC
    assert "years ago" in rows[0] or "months ago" in rows[0]
    for row, words in zip(rows, ("by you", "before an import", "automatic"), strict=True):
        assert words in row
    assert "profile, 2 other data files, 10 resumes, 5 cover letters, settings" in rows[0]
    assert total.startswith("3 backups, ")


def test_the_list_can_be_narrowed(here: RunHere, sample_vault: Path, exported: Path) -> None:
    for day in range(1, 4):
        _place(sample_vault, f"auto_backup_2024010{day}_120000.zip", exported)
    _place(sample_vault, "mine.zip", exported)

    def names(*options: str) -> list[str]:
        backups = here("list", "--json", *options, vault=sample_vault).result["backups"]
        return [backup["filename"] for backup in backups]

    assert len(names()) == 4
    assert names("--type", "auto", "--limit", "1") == ["auto_backup_20240103_120000.zip"]
    assert names("--type", "manual") == ["mine.zip"]
    assert "2 more not shown" in here("list", "--limit", "2", vault=sample_vault).out
    assert "of this type" in here("list", "--type", "pre_import", vault=sample_vault).out


def test_the_list_in_json_has_what_the_library_has(
    here: RunHere, sample_vault: Path, exported: Path
) -> None:
    _place(sample_vault, "auto_backup_20240101_120000.zip", exported)
    (backup,) = here("list", "--json", vault=sample_vault).result["backups"]
    assert backup.keys() == {"filename", "path", "size_bytes", "created", "type", "metadata"}
    assert backup["created"] == "2024-01-01T12:00:00Z"
    assert backup["metadata"]["file_count"] == 19


def test_junk_in_the_folder_is_listed_for_what_it_is(here: RunHere, sample_vault: Path) -> None:
    (sample_vault / "backups" / "broken.zip").write_bytes(b"no zip")
    (sample_vault / "backups" / "notes.txt").write_text("x")
    done = here("list", vault=sample_vault)
    assert done.status == 0
    assert "cannot be read; see 'arf verify'" in done.out
    assert "notes.txt" not in done.out


def test_hostile_names_are_shown_as_escapes(
    here: RunHere, sample_vault: Path, exported: Path
) -> None:
    _place(sample_vault, HOSTILE_NAME, exported)
    done = here("list", vault=sample_vault)
    assert "\\x1b]0;owned\\x07\\x1b[2J\\u202egpj.zip" in done.out
    assert "\x1b" not in done.out
    (backup,) = here("list", "--json", vault=sample_vault).result["backups"]
    assert backup["filename"] == HOSTILE_NAME


def test_a_name_that_is_not_utf8_can_be_listed_shown_and_deleted(
    sample_vault: Path, exported: Path
) -> None:
    raw = os.fsencode(sample_vault / "backups") + b"/caf\xe9.zip"
    Path(os.fsdecode(raw)).write_bytes(exported.read_bytes())
    assert "caf\\xe9.zip" in arf("list", vault=sample_vault).out
    assert arf("show", os.fsdecode(b"caf\xe9.zip"), vault=sample_vault).status == 0
    gone = arf("delete", "--yes", os.fsdecode(b"caf\xe9.zip"), vault=sample_vault)
    assert gone.status == 0
    assert not os.path.lexists(raw)


# --- show -------------------------------------------------------------------


def test_show_explains_an_archive(here: RunHere, exported: Path) -> None:
    done = here("show", exported)
    assert done.status == 0
    for words in (
        "AutoResumeFiller 1.0.0, by you",
        "19 files",
        "ai_providers.openai.api_key",
        "can be imported here if it is whole",
        "was not checked",
    ):
        assert words in done.out
    lines = [line.split() for line in done.out.splitlines()]
    for part, files in (("data", "3"), ("cover_letters", "5"), ("resumes", "10")):
        assert [part, files] in [line[:2] for line in lines]
    result = here("show", exported, "--json").result
    assert result["version_fits"] is True
    assert result["metadata"]["file_count"] == 19


def test_show_names_the_full_check_as_it_can_be_typed(
    here: RunHere, exported: Path, sample_vault: Path, tmp_path: Path
) -> None:
    spaced = exported.rename(tmp_path / "my career.zip")
    listed = _place(sample_vault, "mine.zip", spaced)
    for done, path in (
        (here("show", spaced), f"'{spaced}'"),
        (here("show", "mine.zip", vault=sample_vault), str(listed)),
    ):
        assert done.out.endswith(f"was not checked; this does that: arf verify {path}\n")
    spaced.write_bytes(spaced.read_bytes()[:-30])
    assert f"For the full check: arf verify '{spaced}'" in here("show", spaced).err


def test_show_names_every_file_when_asked(here: RunHere, exported: Path) -> None:
    metadata = here("show", exported, "--json").result["metadata"]
    listed = here("show", exported, "--files").out
    assert all(entry["path"] in listed for entry in metadata["files"])


def test_show_says_what_is_not_in_it(here: RunHere, sample_vault: Path, tmp_path: Path) -> None:
    (sample_vault / "resumes" / "link.pdf").symlink_to("elsewhere.pdf")
    archive = tmp_path / "x.zip"
    here("export", archive, vault=sample_vault)
    out = here("show", archive).out
    assert "resumes/link.pdf: " in out.partition("Not in it")[2]


def test_show_of_the_storys_own_archives(here: RunHere, tmp_path: Path) -> None:
    archive = story_archive(
        tmp_path / "old.zip", {"resumes/a.pdf": b"%PDF-1.4"}, export_timestamp="2025-11-29T12:00:00"
    )
    done = here("show", archive)
    assert done.status == 0
    assert "By          AutoResumeFiller 1.0.0\n" in done.out


def test_show_says_when_this_version_is_too_old(
    here: RunHere, exported: Path, tmp_path: Path
) -> None:
    newer = with_metadata(exported, tmp_path / "new.zip", app_version="2.0.0")
    done = here("show", newer)
    assert "cannot be imported here. Version mismatch: backup v2.0, current v1.0" in done.out
    assert here("show", newer, "--json").result["version_fits"] is False


def test_show_of_what_is_no_archive_says_why(here: RunHere, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK no")
    done = here("show", tmp_path / "x.zip")
    assert done.status == 5
    assert "Backup is corrupted (ZIP error)" in done.err


def test_a_listed_name_will_do_and_a_file_here_goes_first(
    here: RunHere,
    sample_vault: Path,
    exported: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed = _place(sample_vault, "mine.zip", exported)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert here("show", "mine.zip", "--json", vault=sample_vault).result["path"] == str(listed)
    (elsewhere / "mine.zip").write_bytes(exported.read_bytes())
    assert here("show", "mine.zip", "--json", vault=sample_vault).result["path"] == "mine.zip"


@pytest.mark.parametrize("command", ["show", "verify", "import"])
@pytest.mark.parametrize("given", ["absent.zip", "no/such/path.zip", HOSTILE_NAME])
def test_what_is_not_there_is_said_and_nothing_made(
    here: RunHere, vault_dir: Path, command: str, given: str
) -> None:
    done = here(command, given, vault=vault_dir)
    assert done.status == 1
    assert "There is no file" in done.err
    assert "\x1b" not in done.err
    assert not vault_dir.exists()


# --- verify -----------------------------------------------------------------


def _checks(done: Any) -> dict[str, bool | None]:
    return {check["name"]: check["passed"] for check in done.result["checks"]}


def test_verify_ticks_all_six_checks_without_a_vault(here: RunHere, exported: Path) -> None:
    done = here("verify", exported)
    assert done.status == 0
    assert done.out.count("✓ ") == 6
    assert done.out.endswith("It is whole and can be imported here.\n")
    again = here("verify", exported, "--json")
    assert set(_checks(again).values()) == {True}
    assert again.result["importable"] is True


def test_verify_changes_nothing(here: RunHere, sample_vault: Path, exported: Path) -> None:
    _place(sample_vault, "mine.zip", exported)
    before = snapshot(sample_vault)
    here("verify", "mine.zip", vault=sample_vault)
    assert snapshot(sample_vault) == before


@pytest.mark.parametrize(
    ("change", "check", "said"),
    [
        ({"resumes/a.pdf": b"other"}, "checksums", "Checksum mismatch for a.pdf"),
        ({"resumes/extra.pdf": b"x"}, "metadata", "extra.pdf"),
        ({"resumes/a.pdf": None}, "metadata", "a.pdf"),
        ({"metadata.json": b"{"}, "metadata", "metadata"),
        ({"resumes/a.pdf": b"longer than before"}, "sizes", "a.pdf"),
    ],
    ids=["content", "unlisted", "missing", "metadata", "size"],
)
def test_verify_names_each_fault_and_what_to_do(
    here: RunHere, tmp_path: Path, change: dict[str, bytes | None], check: str, said: str
) -> None:
    sound = story_archive(tmp_path / "sound.zip", {"resumes/a.pdf": b"%PDF1"})
    broken = with_members(sound, tmp_path / "broken.zip", change)
    done = here("verify", broken)
    assert done.status == 5
    assert "✗ " in done.out
    assert said in done.out
    assert "What to do: " in done.out
    assert _checks(here("verify", broken, "--json"))[check] is False


def test_verify_of_another_version(here: RunHere, exported: Path, tmp_path: Path) -> None:
    done = here("verify", with_metadata(exported, tmp_path / "x.zip", app_version="2.0.0"))
    assert done.status == 5
    assert "Version mismatch: backup v2.0, current v1.0" in done.out
    assert "Update AutoResumeFiller on this computer" in done.out
    assert "It is whole, but cannot be imported here" in done.out


def test_verify_of_a_profile_that_is_none(here: RunHere, exported: Path, tmp_path: Path) -> None:
    broken = with_content(exported, tmp_path / "x.zip", {"data/user_profile.json": b"{}"})
    done = here("verify", broken, "--json")
    assert done.status == 5
    assert _checks(done)["profile"] is False
    assert _checks(done)["zip_integrity"] is True


def test_what_could_not_be_checked_is_not_ticked(here: RunHere, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 cut short")
    done = here("verify", tmp_path / "x.zip")
    assert done.status == 5
    assert "✓" not in done.out
    assert done.out.count("(not checked)") >= 4
    assert "'arf salvage FILE DIR'" in done.out


def test_a_folder_or_a_pipe_is_no_archive(here: RunHere, tmp_path: Path) -> None:
    (tmp_path / "folder.zip").mkdir()
    os.mkfifo(tmp_path / "pipe.zip")
    for name in ("folder.zip", "pipe.zip"):
        done = here("verify", tmp_path / name)
        assert done.status in {1, 5}
        assert "Error: " in done.err
    assert "(ZIP error): . is not a regular file" in here("verify", ".").err


# --- salvage ----------------------------------------------------------------


def test_salvage_recovers_what_is_whole_and_names_what_is_lost(
    here: RunHere, exported: Path, tmp_path: Path
) -> None:
    data = bytearray(exported.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 64] = bytes(64)
    (tmp_path / "broken.zip").write_bytes(data)
    done = here("salvage", tmp_path / "broken.zip", tmp_path / "rescued")
    assert done.status == 3
    assert "Recovered " in done.out
    assert "Lost: " in done.err
    recovered = [path for path in (tmp_path / "rescued").rglob("*") if path.is_file()]
    again = here("salvage", tmp_path / "broken.zip", tmp_path / "again", "--json")
    assert len(again.result["recovered"]) == len(recovered) > 0
    assert again.result["lost"]


def test_salvage_of_a_whole_archive_and_of_nothing(
    here: RunHere, exported: Path, tmp_path: Path
) -> None:
    assert here("salvage", exported, tmp_path / "all").status == 0
    (tmp_path / "x.zip").write_bytes(b"nothing at all")
    done = here("salvage", tmp_path / "x.zip", tmp_path / "none")
    assert done.status == 5


@pytest.mark.parametrize("place", ["resumes", "resumes/rescued", "backups/rescued", ".state/new"])
def test_salvage_writes_into_no_vault(
    here: RunHere, exported: Path, sample_vault: Path, tmp_path: Path, place: str
) -> None:
    shutil.rmtree(sample_vault / "resumes")
    (sample_vault / "resumes").mkdir()
    here("profile", vault=sample_vault)  # a vault is known by its locks
    (tmp_path / "link").symlink_to(sample_vault)
    before = snapshot(sample_vault, without=(".state",))
    for root in (sample_vault, tmp_path / "link"):
        done = here("salvage", exported, root / place)
        assert done.status == 2
        assert "inside the vault" in done.err
    assert snapshot(sample_vault, without=(".state",)) == before
    assert not (sample_vault / ".state" / "new").exists()


def test_salvage_does_not_write_into_a_folder_with_files(
    here: RunHere, exported: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").write_text("mine")
    done = here("salvage", exported, tmp_path / "mine")
    assert done.status == 1
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["a.txt"]


def test_ages_are_told_against_now(here: RunHere, sample_vault: Path) -> None:
    here("export", vault=sample_vault)
    row = here("list", vault=sample_vault).out
    assert "just now" in row or "1 minute ago" in row
    assert datetime.now(UTC).astimezone().strftime("%Y-") in row


def test_an_export_to_nowhere_is_not_one_to_the_current_folder(
    here: RunHere, sample_vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = tmp_path / "here"
    stick.mkdir()
    monkeypatch.chdir(stick)
    done = here("export", "", "--json", vault=sample_vault)  # arf export "$UNSET"
    assert (done.status, done.error["code"]) == (2, "invalid_argument")
    assert [*stick.iterdir()] == []


@pytest.mark.parametrize(
    "command",
    [
        ["show", "~nobody-of-that-name/a.zip"],
        ["verify", "~nobody-of-that-name/a.zip"],
        ["import", "~nobody-of-that-name/a.zip"],
        ["salvage", "~nobody-of-that-name/a.zip", "out"],
        ["profile", "validate", "~nobody-of-that-name/a.json"],
        ["key", "verify-kit", "~nobody-of-that-name/kit.txt"],
        ["encrypt", "on", "--key-file", "~nobody-of-that-name/key", "--kit", "kit.txt"],
        ["export", "--passphrase-file", "~nobody-of-that-name/words"],
    ],
    ids=" ".join,
)
def test_a_home_that_is_unknown_is_a_path_like_any_other(
    here: RunHere, sample_vault: Path, tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "words").write_text("four words nobody guesses")
    given = ["--passphrase-file", str(tmp_path / "words")] if "--kit" in command else []
    done = here(*command, *given, vault=sample_vault)
    assert done.status in {1, 2, 4}
    assert "~nobody-of-that-name" in done.err
    assert "should not have" not in done.err


@pytest.mark.parametrize("blank", ["", " "])
def test_a_blank_path_is_not_the_current_folder(
    here: RunHere, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blank: str
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    for command in (["salvage", str(exported), blank], ["show", blank], ["import", blank]):
        done = here(*command, vault=tmp_path / "vault")
        assert (done.status, done.out) == (2, "")
        assert "The path is blank" in done.err
    assert [*(tmp_path / "empty").iterdir()] == []


@pytest.mark.parametrize("end", ["/", "/."])
def test_a_path_that_ends_as_a_folder_is_never_made_a_file(
    here: RunHere, sample_vault: Path, tmp_path: Path, end: str
) -> None:
    missing = f"{tmp_path}/missing{end}"
    done = here("export", missing, "--json", vault=sample_vault)
    assert (done.status, done.error["code"]) == (2, "invalid_argument")
    assert done.error["message"] == f"There is no folder {missing}"
    assert not (tmp_path / "missing").exists()
    (tmp_path / "missing").mkdir()
    assert here("export", missing, vault=sample_vault).status == 0
    assert len([*(tmp_path / "missing").glob("*.zip")]) == 1


def test_a_name_that_is_too_long_for_any_disk_is_no_mistake_of_ours(
    here: RunHere, exported: Path, sample_vault: Path
) -> None:
    name = "n" * 300
    commands = [
        ["export", name], ["export", f"{name}/"], ["import", name], ["import", f"./{name}"],
        ["verify", name], ["show", f"./{name}"], ["delete", name], ["profile", "validate", name],
        ["profile", "import", "--yes", name], ["key", "verify-kit", name],
        ["salvage", str(exported), name], ["import", "--kit", name, f"./{name}"],
    ]  # fmt: skip
    for command in commands:
        done = here(*command, vault=sample_vault)
        assert done.status in {1, 2, 4}, (command, done)
        assert "should not have" not in done.err, (command, done)


def test_a_quoted_tilde_that_ends_as_a_folder_is_the_home(
    here: RunHere, sample_vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    assert here("export", "~/", vault=sample_vault).status == 0
    assert len([*(tmp_path / "home").glob("*.zip")]) == 1


def test_settings_that_were_left_out_are_told_by_the_status(
    here: RunHere, sample_vault: Path
) -> None:
    (sample_vault / "config.yaml").write_text("a: [\n")
    done = here("export", vault=sample_vault)
    assert done.status == 3
    assert "config.yaml was skipped" in done.err


def test_a_file_that_cannot_be_seen_is_not_said_to_be_absent(here: RunHere, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for command in ("import", "verify", "show"):
        done = here(command, f"{tmp_path}/loop/x.zip", vault=tmp_path / "vault")
        assert done.status == 1
        assert "There is no file" not in done.err
        assert "Could not look at" in done.err
