"""Every string of an archive is hostile, and every command that reads one is harmless."""

import json
from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.cli.exit_codes import ExitCode
from tests.cli.conftest import RunHere
from tests.support.command_line import Finished
from tests.vectors.poisoned import ACCEPTED, FORGED, REFUSED, unsafe_in

ARCHIVES = {**ACCEPTED, **REFUSED}
COMMANDS = {
    "show": ("show", "ARCHIVE"),
    "show files": ("show", "ARCHIVE", "--files"),
    "verify": ("verify", "ARCHIVE"),
    "import": ("import", "ARCHIVE", "--yes"),
    "salvage": ("salvage", "ARCHIVE", "FOLDER"),
    "list": ("list",),
    "show listed": ("show", "LISTED"),
    "doctor": ("doctor",),
    "delete": ("delete", "LISTED", "--yes"),
}
LISTED = "evil_backup_20260101_000000.zip"


def harmless(done: Finished) -> None:
    """What was written moves no cursor, forges no line and turns no text."""
    for text in (done.out, done.err):
        assert unsafe_in(text, allowed="\n") == set()
        assert not any(line.startswith(FORGED) for line in text.splitlines())
    assert "Traceback" not in done.err


@pytest.mark.parametrize("command", [*COMMANDS, *(f"{name} --json" for name in COMMANDS)])
@pytest.mark.parametrize("name", ARCHIVES)
def test_no_string_of_an_archive_reaches_the_terminal_as_it_is(
    here: RunHere, tmp_path: Path, vault_dir: Path, name: str, command: str
) -> None:
    UserDataManager(vault_dir)
    data = ARCHIVES[name].bytes()
    archive = tmp_path / "hostile.zip"
    archive.write_bytes(data)
    (vault_dir / "backups" / LISTED).write_bytes(data)
    places = {"ARCHIVE": archive, "LISTED": LISTED, "FOLDER": tmp_path / "out"}
    known, *option = command.partition(" --json")[:2]
    words = [places.get(word, word) for word in COMMANDS[known]]

    done = here(*words, *filter(None, map(str.strip, option)), vault=vault_dir)

    harmless(done)
    assert done.status != ExitCode.USAGE, done.err
    assert "should not have" not in done.out + done.err
    assert done.out or done.err
    if option[0]:
        assert done.out.isascii()
        assert all(json.loads(line)["event"] for line in done.out.splitlines())


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_was_imported_is_harmless_afterwards(
    here: RunHere, tmp_path: Path, vault_dir: Path, name: str
) -> None:
    archive = tmp_path / "hostile.zip"
    archive.write_bytes(ARCHIVES[name].bytes())
    UserDataManager(vault_dir).import_from_backup(archive, confirm=False)
    for words in (
        ("config", "show"),
        ("export", str(tmp_path / "again.zip")),
        ("show", str(tmp_path / "again.zip"), "--files"),
        ("doctor",),
        ("undo", "--yes"),
    ):
        done = here(*words, vault=vault_dir)
        harmless(done)
        assert done.status in {0, 1}, done.err


def test_an_archive_may_be_called_anything(here: RunHere, tmp_path: Path, vault_dir: Path) -> None:
    UserDataManager(vault_dir)
    archive = tmp_path / "\x1b[2J\u202egpj\udcff\n.zip"
    for data in (ACCEPTED["texts"].bytes(), b"PK\x03\x04", b""):
        archive.write_bytes(data)
        for command in ("show", "verify"):
            harmless(here(command, archive, vault=vault_dir))
        harmless(here("salvage", archive, tmp_path / f"\x1b[2J{len(data)}", vault=vault_dir))
        harmless(here("import", archive, "--yes", vault=vault_dir))
