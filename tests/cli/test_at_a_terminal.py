"""A person at a terminal: questions, the progress bar, Ctrl-C. Real processes, a real terminal."""

import re
import shutil
import signal
import sys
from pathlib import Path

import pytest

from tests.support.command_line import Conversation, arf
from tests.support.trees import snapshot

if sys.platform == "win32":
    pytest.skip("not on Windows: it has no pseudo-terminals", allow_module_level=True)

FIRST = "- Backup existing data before import? [Y/n] "
LAST = "Continue with import? [y/N] "


def _backups(vault: Path) -> list[str]:
    return sorted(path.name for path in (vault / "backups").iterdir())


def test_the_two_questions_are_the_storys(sample_vault: Path, exported: Path) -> None:
    with Conversation("import", exported, vault=sample_vault) as person:
        person.expect("Existing data found. Import will:\n")
        person.expect(FIRST)
        person.type("\n")
        person.expect(f"\n\n{LAST}")
        person.type("y\n")
        assert person.finish() == 0
    prompt = person.text[person.text.index("Existing data found") :]
    assert re.match(
        r"Existing data found\. Import will:\n"
        r"- Replace user_profile\.json \(last modified: \d{4}-\d\d-\d\d\)\n"
        r"- Replace 2 other data files\n"
        r"- Replace 10 resume files\n"
        r"- Replace 5 cover letter files\n"
        r"- Backup existing data before import\? \[Y/n\] \n"
        r"\n"
        r"Continue with import\? \[y/N\] y\n",
        prompt,
    )
    assert len(_backups(sample_vault)) == 1  # the default of the first question is yes


@pytest.mark.parametrize(
    ("answers", "status", "backups", "imported"),
    [
        (("\n", "\n"), 1, 0, False),  # the default of the second is no
        (("y\n", "n\n"), 1, 0, False),
        (("n\n", "y\n"), 0, 0, True),
        (("y\n", "YES\n"), 0, 1, True),
        (("what?\ny\n", "y\n"), 0, 1, True),
        (("y\n", "\x04"), 1, 0, False),  # Ctrl-D
    ],
    ids=["defaults", "declined", "no backup", "both", "asked again", "end of input"],
)
def test_the_answers_are_honoured(
    *,
    sample_vault: Path,
    exported: Path,
    answers: tuple[str, str],
    status: int,
    backups: int,
    imported: bool,
) -> None:
    changed = next(path for path in (sample_vault / "resumes").iterdir() if path.is_file())
    changed.write_bytes(b"changed since the export")
    before = snapshot(sample_vault)
    with Conversation("import", exported, vault=sample_vault) as person:
        person.expect(FIRST)
        person.type(answers[0])
        person.expect(LAST)
        person.type(answers[1])
        assert person.finish() == status
    assert len(_backups(sample_vault)) == backups
    assert (changed.read_bytes() != b"changed since the export") is imported
    if not imported:
        assert "Nothing was changed." in person.text
        assert snapshot(sample_vault) == before


def test_what_is_added_and_kept_is_said_before_the_questions(
    sample_vault: Path, exported: Path
) -> None:
    gone = next(path for path in (sample_vault / "resumes").iterdir() if path.suffix == ".pdf")
    gone.unlink()
    (sample_vault / "resumes" / "newer.txt").write_text("x")
    with Conversation("import", exported, vault=sample_vault) as person:
        person.expect(f"It adds 1 new file: resumes/{gone.name}.")
        person.expect("1 file of yours that it does not have will stay.")
        person.expect(FIRST)
        person.type("\x03")
        assert person.finish() == 130


def test_nobody_is_asked_where_nothing_would_be_replaced(exported: Path, tmp_path: Path) -> None:
    with Conversation("import", exported, vault=tmp_path / "new") as person:
        assert person.finish() == 3
    assert "[y/N]" not in person.text


def test_a_vault_that_changes_during_the_question_is_asked_about_anew(
    sample_vault: Path, exported: Path
) -> None:
    with Conversation("import", exported, vault=sample_vault) as person:
        person.expect(FIRST)
        (sample_vault / "resumes" / "newer.txt").write_text("x")
        person.type("n\n")
        person.expect(LAST)
        person.type("y\n")
        person.expect("Your vault changed in the meantime; this is the new plan.")
        person.expect("1 file of yours that it does not have will stay.")
        # What was answered before is the default now.
        person.expect("- Backup existing data before import? [y/N] ")
        person.type("\n")
        person.expect(LAST)
        person.type("y\n")
        assert person.finish() == 0
    assert _backups(sample_vault) == []


def test_ctrl_c_at_a_question_cancels_cleanly(sample_vault: Path, exported: Path) -> None:
    before = snapshot(sample_vault)
    with Conversation("import", exported, vault=sample_vault) as person:
        person.expect(FIRST)
        person.type("\x03")
        assert person.finish() == 130
    assert person.text.endswith("Cancelled. Nothing in your vault was changed.\n")
    assert "Traceback" not in person.text
    assert snapshot(sample_vault) == before
    staging = sample_vault / ".state" / "staging"
    assert not staging.exists() or not any(staging.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_export_is_cancelled_in_the_middle_and_leaves_nothing(
    sample_vault: Path, number: signal.Signals
) -> None:
    # Two gigabytes of nothing: enough to be in the middle of.
    with (sample_vault / "resumes" / "large.bin").open("wb") as file:
        file.truncate(2_000_000_000)
    before = snapshot_of_names(sample_vault)
    with Conversation("export", vault=sample_vault) as person:
        person.expect("Reading your files")
        person.expect("large.bin")
        person.signal(number)
        assert person.finish() == 130
    assert person.text.endswith("Cancelled. No archive was made; your vault was only read.\n")
    assert snapshot_of_names(sample_vault) == before


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_an_import_is_cancelled_in_the_middle_and_changes_nothing(
    sample_vault: Path, tmp_path: Path, number: signal.Signals
) -> None:
    other = tmp_path / "other"
    arf("init", vault=other)
    # A gigabyte of nothing: enough to be in the middle of.
    with (other / "resumes" / "large.bin").open("wb") as file:
        file.truncate(1_000_000_000)
    assert arf("export", tmp_path / "out.zip", vault=other).status == 0
    before = snapshot(sample_vault)
    with Conversation("import", "--yes", tmp_path / "out.zip", vault=sample_vault) as person:
        person.expect("Checking the backup")
        person.expect("large.bin")
        person.signal(number)
        assert person.finish() == 130
    assert person.text.endswith("Cancelled. Nothing in your vault was changed.\n")
    assert snapshot(sample_vault) == before
    assert [*(sample_vault / ".state" / "staging").iterdir()] == []


def snapshot_of_names(vault: Path) -> list[str]:
    return sorted(
        path.relative_to(vault).as_posix()
        for path in vault.rglob("*")
        if ".state" not in path.parts or path.parent.name == "staging"
    )


def test_the_bar_is_seen_and_goes_away(sample_vault: Path) -> None:
    with Conversation("export", vault=sample_vault) as person:
        person.expect("Reading your files")
        person.expect("%")
        assert person.finish() == 0
    # Taken away again: the cursor goes up and the line is erased.
    assert "\x1b[2K" in person.raw
    assert person.text.rstrip().splitlines()[-1].startswith(("Archive: ", "5 secrets"))


def test_output_into_a_file_has_no_bar_and_no_colour(sample_vault: Path, tmp_path: Path) -> None:
    with (
        (tmp_path / "out.txt").open("wb") as out,
        Conversation("export", vault=sample_vault, stdout=out.fileno()) as person,
    ):
        person.expect("%")  # the bar is on standard error, which is still the terminal
        assert person.finish() == 0
    written = (tmp_path / "out.txt").read_text()
    assert written.startswith("Exported 19 files")
    assert "\x1b" not in written


def test_json_at_a_terminal_has_neither_bar_nor_question(
    sample_vault: Path, exported: Path
) -> None:
    with Conversation("import", exported, "--json", vault=sample_vault) as person:
        assert person.finish() == 2
    assert '"code": "confirmation_required"' in person.text
    assert all(line.startswith("{") for line in person.text.splitlines())


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_no_color_is_respected(sample_vault: Path, env: dict[str, str], coloured: bool) -> None:
    for command in ("list", "doctor", "export", "--help"):
        with Conversation(command, vault=sample_vault, env=env) as person:
            person.finish()
        assert bool(re.search(r"\x1b\[[0-9;]*3[0-9]m", person.raw)) <= coloured
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-9]m", person.raw)) is coloured


def test_delete_asks_and_the_default_is_no(sample_vault: Path, exported: Path) -> None:
    shutil.copyfile(exported, sample_vault / "backups" / "a.zip")
    with Conversation("delete", "a.zip", vault=sample_vault) as person:
        person.expect("cannot be brought back")
        person.expect("Delete 1 backup for good? [y/N] ")
        person.type("\n")
        assert person.finish() == 1
    assert _backups(sample_vault) == ["a.zip"]
    with Conversation("delete", "a.zip", vault=sample_vault) as person:
        person.expect("[y/N] ")
        person.type("y\n")
        assert person.finish() == 0
    assert _backups(sample_vault) == []


def test_cleanup_shows_what_goes_and_asks(sample_vault: Path, exported: Path) -> None:
    for day in (1, 2, 3):
        name = f"auto_backup_2024010{day}_120000.zip"
        shutil.copyfile(exported, sample_vault / "backups" / name)
    with Conversation("cleanup", "--max", "1", vault=sample_vault) as person:
        person.expect("goes")
        person.expect("Delete 2 backups for good? [y/N] ")
        person.type("y\n")
        assert person.finish() == 0
    assert _backups(sample_vault) == ["auto_backup_20240103_120000.zip"]


def test_undo_shows_what_would_be_put_back_and_asks(sample_vault: Path, exported: Path) -> None:
    (sample_vault / "resumes" / "newer.txt").write_text("x")
    next((sample_vault / "cover_letters").glob("*.pdf")).unlink()
    assert arf("import", exported, "--yes", vault=sample_vault).status == 0
    with Conversation("undo", vault=sample_vault) as person:
        person.expect("This would undo: import of out.zip")
        person.expect("go away again")
        person.expect("Undo this? [y/N] ")
        person.type("y\n")
        assert person.finish() == 0
    assert "Undone: " in person.text


def test_a_key_is_typed_without_being_seen(sample_vault: Path) -> None:
    with Conversation("config", "set", "ai_providers.openai.api_key", vault=sample_vault) as person:
        person.expect("(it is not shown): ")
        person.type("sk-test-5678\n")
        person.expect("\nSet ")  # on a line of its own
        assert person.finish() == 0
    assert "sk-test-5678" not in person.raw
    assert "sk-test-5678" in (sample_vault / "config.yaml").read_text()


def test_hostile_names_in_the_bar_and_the_questions(sample_vault: Path, tmp_path: Path) -> None:
    (sample_vault / "resumes" / "\x1b]0;owned\x07.txt").write_text("x" * 1000)
    archive = tmp_path / "\x1b[2Jout.zip"
    with Conversation("export", archive, vault=sample_vault) as person:
        assert person.finish() == 0
    assert "\x1b]0;" not in person.raw
    assert "\x1b[2Jout" not in person.raw
    with Conversation("import", archive, vault=sample_vault) as person:
        person.expect("\\x1b[2Jout.zip")
        person.expect(FIRST)
        person.type("\x03")
        assert person.finish() == 130
    assert "\x1b[2Jout" not in person.raw


def test_a_narrow_terminal_breaks_no_name(sample_vault: Path) -> None:
    arf("export", vault=sample_vault)
    (name,) = _backups(sample_vault)
    with Conversation("list", vault=sample_vault, env={"COLUMNS": "60"}) as person:
        assert person.finish() == 0
    assert person.text.splitlines()[0] == name
    assert "profile, 2 other data files" in person.text
