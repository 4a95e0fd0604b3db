"""The same operations as a caller starts them: through `UserDataManager`, archives and all."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from autoresumefiller import UserDataManager
from autoresumefiller.model.profile import PersonalInfo, UserProfile
from tests.faults.scenarios import NOW, Scenario, put_file
from tests.faults.scenarios import look as look_at_everything

_PROFILE = {
    "personal_info": {"first_name": "Test", "last_name": "Person", "email": "test@example.org"}
}
_CONFIG = 'version: "1.0"\nai_providers:\n  openai:\n    model: {model}\n    api_key: {key}\n'


def open_manager(root: Path) -> UserDataManager:
    """Open a vault as any caller does, with a clock that stands still."""
    manager = UserDataManager(root)
    manager._vault = replace(manager._vault, now=lambda: NOW)
    return manager


def start(root: Path) -> None:
    """The next start, which also proves every backup that is listed."""
    manager = open_manager(root)
    for backup in manager.list_backups():
        verdict = manager.validate_backup(backup["path"])
        assert verdict["valid"], (backup["filename"], verdict["errors"])


def look(root: Path) -> tuple[Any, Any, Any]:
    """What a person could notice, without the backups that protect a change.

    Those made by hand count; an automatic one may be there before the change it
    protects, and stay if that does not happen.
    """
    live, plan, kept = look_at_everything(root)
    manual = sorted(name for name in live if name.startswith("backups/autoresume"))
    content = {name: facts for name, facts in live.items() if not name.startswith("backups/")}
    return content, [plan, manual], kept


def _filled(root: Path) -> None:
    open_manager(root)
    put_file(root / "data/user_profile.json", json.dumps({**_PROFILE, "summary": "old"}))
    put_file(root / "config.yaml", _CONFIG.format(model="old", key="my-own-key-1"))
    put_file(root / "resumes/a.pdf", "old a" * 3000)
    put_file(root / "resumes/sub/b.txt", "b")
    put_file(root / "cover_letters/c.txt", "c")


def _with_archive(root: Path) -> None:
    """An archive of other content beside the vault, and the vault as `_filled` makes it."""
    other = root.with_name("other")
    _filled(other)
    put_file(other / "data/user_profile.json", json.dumps({**_PROFILE, "summary": "new"}))
    put_file(other / "config.yaml", _CONFIG.format(model="new", key="another-key"))
    put_file(other / "resumes/a.pdf", "new a" * 2000)
    put_file(other / "resumes/new/d.pdf", "new d")
    (other / "resumes/sub/b.txt").unlink()
    (other / "resumes/sub").rmdir()
    _filled(root)
    open_manager(other).export_all(root / "backups" / "other.zip")


def _imported(root: Path) -> None:
    _with_archive(root)
    _import("mirror")(root)


def _import(mode: str) -> Callable[[Path], None]:
    def act(root: Path) -> None:
        archive = root / "backups" / "other.zip"
        done = open_manager(root).import_from_backup(archive, confirm=False, mode=mode)
        assert done["success"]

    return act


def _undo(root: Path) -> None:
    assert open_manager(root).undo()["undone"]


def _export(root: Path) -> None:
    open_manager(root).export_all()


def _save(root: Path) -> None:
    person = PersonalInfo(first_name="Test", last_name="Person", email="t@example.org")
    open_manager(root).save_user_profile(UserProfile(personal_info=person))


def _set(root: Path) -> None:
    open_manager(root).set_setting("gui.theme", "dark")


WHOLE = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            name="whole-import",
            prepare=_with_archive,
            act=_import("overwrite"),
            look=look,
            open=start,
        ),
        Scenario(
            name="whole-mirror", prepare=_with_archive, act=_import("mirror"), look=look, open=start
        ),
        Scenario(name="whole-undo", prepare=_imported, act=_undo, look=look, open=start),
        Scenario(name="whole-export", prepare=_filled, act=_export, look=look, open=start),
        Scenario(name="whole-save", prepare=_filled, act=_save, look=look, open=start),
        Scenario(name="whole-set", prepare=_filled, act=_set, look=look, open=start),
    )
}
