"""What a callback may do to the vault that is being imported into: nothing that tears it."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.errors import AutoResumeFillerError, SafetyBackupError, VaultBusyError
from tests.support.trees import snapshot

Action = Callable[[UserDataManager], object]

ACTIONS: dict[str, Action] = {
    "load": lambda m: m.load_user_profile(),
    "save": lambda m: m.save_user_profile(m.load_user_profile()),
    "export": lambda m: m.export_all(m.data_dir.parent / "within.zip"),
    "backup": lambda m: m.backup_data("within"),
    "cleanup": lambda m: m.cleanup_old_backups(0, keep_manual=False),
    "plan cleanup": lambda m: m.plan_cleanup(),
    "delete": lambda m: m.delete_backup(m.list_backups()[0]["filename"]),
    "list": lambda m: m.list_backups(),
    "undo": lambda m: m.undo(),
    "undo plan": lambda m: m.undo_plan(),
    "set": lambda m: m.set_setting("backup.max_backups", 7),
    "get": lambda m: m.get_setting("backup.max_backups"),
    "config": lambda m: m.show_config(),
    "status": lambda m: m.vault_status(),
    "doctor": lambda m: m.doctor(fix=True),
    "open": lambda m: UserDataManager(m.data_dir),
    "validate": lambda m: m.validate_backup(m.data_dir.parent / "old.zip"),
    "import": lambda m: m.import_from_backup(m.data_dir.parent / "old.zip", confirm=False),
}
REFUSED_WITHIN_A_CHANGE = {
    "load",
    "save",
    "export",
    "backup",
    "cleanup",
    "delete",
    "undo",
    "undo plan",
    "set",
    "import",
    "open",
}
# At every single call of a callback; the others at every stage and where progress begins and ends.
EVERYWHERE = {"load", "save", "import"}


@pytest.fixture
def manager(vault_dir: Path) -> UserDataManager:
    """A small vault that differs from ``old.zip`` beside it, which is a backup of it."""
    manager = UserDataManager(vault_dir)
    manager.save_user_profile(
        {"personal_info": {"first_name": "A", "last_name": "Test", "email": "a@example.org"}}
    )
    (vault_dir / "resumes" / "a.txt").write_text("archived")
    (vault_dir / "cover_letters" / "b.txt").write_text("archived")
    manager.backup_data("kept")
    manager.export_all(vault_dir.parent / "old.zip")
    (vault_dir / "resumes" / "a.txt").write_text("live")
    (vault_dir / "cover_letters" / "b.txt").write_text("live")
    return manager


def _contents(vault: Path) -> dict[str, object]:
    names = {f"{top}/{name}" for top, name in (("resumes", "a.txt"), ("cover_letters", "b.txt"))}
    return {name: (vault / name).read_text() for name in names}


def _import(manager: UserDataManager, **callbacks: Callable[..., None]) -> None:
    manager.import_from_backup(
        manager.data_dir.parent / "old.zip",
        confirm=False,
        **callbacks,  # type: ignore[arg-type]
    )


def _moments(manager: UserDataManager, *, all_of_them: bool) -> list[tuple[str, int]]:
    """Return calls of callbacks: which one, and the how manieth."""
    counted = {"progress_callback": 0, "stage_callback": 0}

    def counting(name: str) -> Callable[..., None]:
        def callback(*_: object) -> None:
            counted[name] += 1

        return callback

    _import(manager, **{name: counting(name) for name in counted})
    manager.undo()
    return [
        (name, number)
        for name, calls in counted.items()
        for number in range(calls)
        if all_of_them or name == "stage_callback" or number in {0, calls - 1}
    ]


@pytest.mark.parametrize("action", ACTIONS)
def test_an_import_with_another_call_in_a_callback_happens_wholly_or_not_at_all(
    manager: UserDataManager, action: str
) -> None:
    new = dict.fromkeys(_contents(manager.data_dir), "archived")
    old = dict.fromkeys(new, "live")
    refused = completed = 0

    for name, when in _moments(manager, all_of_them=action in EVERYWHERE):
        numbers = count()

        def callback(*_: object, at: int = when, numbers: Any = numbers) -> None:
            if next(numbers) == at:
                ACTIONS[action](manager)

        try:
            _import(manager, **{name: callback})
        except (VaultBusyError, SafetyBackupError) as error:
            refused += "is still running" in error.message
            assert _contents(manager.data_dir) in (old, new), (name, when)
        except AutoResumeFillerError:  # the action's own: no such backup any more, the plan changed
            assert _contents(manager.data_dir) in (old, new), (name, when)
        else:
            completed += 1
            # Once the import is done, an undo is as good as any other.
            wanted = (new, old) if action == "undo" else (new,)
            assert _contents(manager.data_dir) in wanted, (name, when)
        _nothing_is_left_over(manager)
        for path in new:
            (manager.data_dir / path).write_text("live")
        if action in {"cleanup", "delete"}:
            manager.backup_data("kept")
        (manager.data_dir.parent / "within.zip").unlink(missing_ok=True)

    assert (refused > 0) == (action in REFUSED_WITHIN_A_CHANGE)
    assert completed or action in {"undo", "save", "set", "import"}


def _nothing_is_left_over(manager: UserDataManager) -> None:
    layout = manager.vault.layout
    left = {path.name for path in layout.state.iterdir()}
    assert left <= {"tree.lock", "data.lock", "holders", "staging", "undo", "proofs.json"}, left
    assert not any(layout.staging.iterdir())
    assert not any(layout.holders.iterdir())


def test_reading_the_profile_in_every_callback_cancels_the_import_and_leaves_all_as_it_was(
    manager: UserDataManager,
) -> None:
    before = snapshot(manager.data_dir, without=(".state", "logs", "backups"))

    def read(*_: object) -> None:
        manager.load_user_profile()

    with pytest.raises(VaultBusyError, match="so load cannot start within it"):
        manager.import_from_backup(
            manager.data_dir.parent / "old.zip",
            confirm=False,
            backup_existing=False,
            progress_callback=read,
        )

    assert snapshot(manager.data_dir, without=(".state", "logs", "backups")) == before
    _nothing_is_left_over(manager)
