"""AC4: nothing is replaced before a person has seen what would be, and said yes."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.errors import ConfirmationRequiredError
from autoresumefiller.model.plan import ImportPlan
from tests.support import archives
from tests.support.trees import snapshot

PROFILE = "data/user_profile.json"

PROMPT = """\
Existing data found. Import will:
- Replace user_profile.json (last modified: 2025-11-20)
- Replace 5 resume files
- Replace 2 cover letter files
- Backup existing data before import? [Y/n]

Continue with import? [y/N]"""


@pytest.fixture
def as_in_the_story(tmp_path: Path) -> tuple[Path, Path]:
    """A vault with a profile of 2025-11-20, 5 resumes and 2 letters, and an archive of it."""
    vault = tmp_path / "vault"
    manager = UserDataManager(vault)
    (vault / PROFILE).write_bytes(
        b'{"personal_info": {"first_name": "A", "last_name": "B", "email": "a@example.org"}}'
    )
    noon = time.mktime((2025, 11, 20, 12, 0, 0, 0, 0, -1))
    os.utime(vault / PROFILE, (noon, noon))
    for number in range(5):
        (vault / "resumes" / f"{number}.txt").write_text(f"resume {number}")
    for number in range(2):
        (vault / "cover_letters" / f"{number}.txt").write_text(f"letter {number}")
    return vault, manager.export_all(tmp_path)["output_path"]


def test_the_prompt_is_the_storys_word_for_word(as_in_the_story: tuple[Path, Path]) -> None:
    vault, archive = as_in_the_story
    asked: list[ImportPlan] = []

    def no(plan: ImportPlan) -> bool:
        asked.append(plan)
        return False

    UserDataManager(vault).import_from_backup(archive, confirm_callback=no)

    assert str(asked[0]) == PROMPT
    assert len(asked[0].resumes.replaced) == 5
    assert len(asked[0].cover_letters.replaced) == 2


def test_nobody_is_asked_where_nothing_would_be_lost(
    as_in_the_story: tuple[Path, Path], tmp_path: Path
) -> None:
    _, archive = as_in_the_story

    def never(_plan: ImportPlan) -> bool:
        raise AssertionError("asked")

    result = UserDataManager(tmp_path / "new").import_from_backup(archive, confirm_callback=never)
    assert result["success"] is True


def test_settings_that_a_person_changed_are_existing_data(
    as_in_the_story: tuple[Path, Path], tmp_path: Path
) -> None:
    vault, _ = as_in_the_story
    old = UserDataManager(vault)
    old.set_setting("gui.theme", "dark")
    archive = old.export_all(tmp_path)["output_path"]
    new = UserDataManager(tmp_path / "new")
    new.set_setting("gui.theme", "light")
    asked: list[ImportPlan] = []

    def yes(plan: ImportPlan) -> bool:
        asked.append(plan)
        return True

    result = new.import_from_backup(archive, confirm_callback=yes)

    assert "- Change 1 setting\n" in str(asked[0])
    assert new.get_setting("gui.theme") == "dark"
    saved = archives.members(tmp_path / "new" / str(result["backup_created"]))
    assert b'theme: "light"' in saved["config.yaml"]
    # Nobody has changed what a new vault begins with: it is taken without a question.
    newest = UserDataManager(tmp_path / "newest")
    assert newest.import_from_backup(archive)["backup_created"] is None
    assert newest.get_setting("gui.theme") == "dark"


def test_without_a_terminal_it_refuses_and_never_waits(
    as_in_the_story: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, archive = as_in_the_story
    before = snapshot(vault)
    with open(os.devnull) as nobody:  # noqa: PTH123 - stdin is a file object
        monkeypatch.setattr(sys, "stdin", nobody)
        with pytest.raises(ConfirmationRequiredError):
            UserDataManager(vault).import_from_backup(archive)
    assert snapshot(vault) == before


def test_a_closed_standard_input_is_no_terminal(
    as_in_the_story: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, archive = as_in_the_story
    closed = io.StringIO()
    closed.close()
    for stdin in (closed, None):
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(ConfirmationRequiredError):
            UserDataManager(vault).import_from_backup(archive)


@pytest.mark.skipif(os.name != "posix", reason="only on POSIX: a pseudo-terminal")
@pytest.mark.parametrize(
    ("answers", "happens", "backed_up"),
    [
        ("y\ny\n", True, True),
        ("\ny\n", True, True),
        ("n\ny\n", True, False),
        ("n\nn\n", False, False),
        ("\n\n", False, False),
        ("ja\ny\ny\n", True, True),  # a slip costs no backup: it is asked again
        ("y\nyy\nn\n", False, False),
        ("y\n\x04", False, False),  # Ctrl-D
    ],
)
def test_both_questions_are_asked_on_a_terminal(
    as_in_the_story: tuple[Path, Path], answers: str, happens: bool, backed_up: bool
) -> None:
    vault, archive = as_in_the_story
    (vault / "resumes" / "0.txt").write_text("changed since")
    program = (
        "import sys\nfrom autoresumefiller import UserDataManager\n"
        "result = UserDataManager(sys.argv[1]).import_from_backup(sys.argv[2])\n"
        "print('RESULT', result['success'], result['backup_created'] is not None)\n"
    )

    shown = _on_a_terminal([sys.executable, "-c", program, str(vault), str(archive)], answers)

    assert f"RESULT {happens} {backed_up}" in shown, shown
    for line in PROMPT.splitlines():
        assert line in shown
    assert (vault / "resumes" / "0.txt").read_text() == ("resume 0" if happens else "changed since")
    assert bool(list((vault / "backups").glob("pre_import_*"))) is backed_up


def _on_a_terminal(command: list[str], typed: str) -> str:
    import pty

    controller, terminal = pty.openpty()
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        os.write(controller, typed.encode())
        shown = b""
        while True:
            try:
                block = os.read(controller, 4096)
            except OSError:  # Linux: the other end is closed
                break
            if not block:
                break
            shown += block
    os.close(controller)
    assert process.returncode == 0, shown.decode()
    return shown.decode().replace("\r\n", "\n")
