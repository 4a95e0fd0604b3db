"""The same operations as a caller starts them: through `UserDataManager`, archives and all."""

import json
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from autoresumefiller import UserDataManager
from autoresumefiller.backup.access_token import access_token
from autoresumefiller.backup.doctor import examine_place
from autoresumefiller.errors import StorageError
from autoresumefiller.model.profile import PersonalInfo, UserProfile
from autoresumefiller.model.reports import CheckState
from autoresumefiller.vault.journal import JOURNAL
from autoresumefiller.vault.layout import VaultLayout
from tests.faults import served
from tests.faults.children import KILLED, Fault, in_child, names_of_changes
from tests.faults.injector import CHANGES, KILL
from tests.faults.old_disks import no_nameless_files
from tests.faults.scenarios import NOW, SCENARIOS, Scenario, put_file
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
    manual = sorted(
        name for name in live if name.startswith(("backups/autoresume", "backups/mine"))
    )
    content = {name: facts for name, facts in live.items() if not name.startswith("backups/")}
    return content, [plan, manual], kept


def _look_beside(root: Path) -> tuple[Any, Any, Any]:
    live, plan, kept = look(root)
    exported = root.parent / "exported.zip"
    return live, [plan, exported.exists() and zipfile.ZipFile(exported).testzip()], kept


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
    shutil.rmtree(other)


def _with_upload(root: Path) -> None:
    """The archive is not in the vault: it is sent."""
    _with_archive(root)
    sent = root / "backups" / "other.zip"
    served.archive = sent.read_bytes()
    sent.unlink()


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


def _backup(root: Path) -> None:
    open_manager(root).backup_data("mine")


def _export_beside(root: Path) -> None:
    """To a stick, say: a folder without files that have no name."""
    with no_nameless_files():
        open_manager(root).export_all(root.parent / "exported.zip")


def _backed_up(root: Path) -> None:
    _filled(root)
    manager = open_manager(root)
    for _ in range(3):
        manager.export_all()


def _delete(root: Path) -> None:
    manager = open_manager(root)
    manager.delete_backup(manager.list_backups()[0]["filename"])


def _clean_up(root: Path) -> None:
    open_manager(root).cleanup_old_backups(max_backups=1, keep_manual=False)


def _fewer(
    old: tuple[Any, Any, Any], seen: tuple[Any, Any, Any], new: tuple[Any, Any, Any]
) -> bool:
    """A clean-up deletes backups one by one, the oldest last of all; each is there or gone."""
    (_, before), (_, now), (_, after) = old[1], seen[1], new[1]
    same = (old[0], old[2]) == (seen[0], seen[2])
    return same and set(after) <= set(now) <= set(before)


def _unseen_stays(
    old: tuple[Any, Any, Any], seen: tuple[Any, Any, Any], new: tuple[Any, Any, Any]
) -> bool:
    """A folder that may not be looked into stays as it is, which a warning says."""

    def but_for_it(content: dict[str, Any]) -> dict[str, Any]:
        return {name: facts for name, facts in content.items() if "resumes/sub/" not in name}

    stays = seen[0].get("resumes/sub/b.txt") == old[0]["resumes/sub/b.txt"]
    return stays and but_for_it(seen[0]) == but_for_it(new[0])


def _interrupted(root: Path) -> None:
    """A vault in which an import was killed while it moved files, and whose modes are open."""
    _with_archive(root)
    act = _import("mirror")
    # Exclusively, and so with this call, only new files are moved into place.
    target = _changes_of(act, root).index("renameat2") + 2
    outcome, _, _ = in_child(act, root, Fault(kinds=CHANGES, action=KILL, target=target))
    assert outcome == KILLED
    assert (VaultLayout(root).transaction / JOURNAL).exists()
    (root / "resumes").chmod(0o755)
    (root / ".state/staging" / ("d" * 32)).mkdir(parents=True)
    put_file(root / f"data/.arf-{'0' * 32}.tmp", "half")


def _changes_of(act: Callable[[Path], None], root: Path) -> list[str]:
    with tempfile.TemporaryDirectory(dir=root.parent) as scratch:
        copy = Path(scratch) / "vault"
        shutil.copytree(root, copy)
        return names_of_changes(lambda: act(copy))


def _doctor(root: Path) -> None:
    report = examine_place(root, fix=True)
    broken = [check.message for check in report.checks if check.state is CheckState.PROBLEM]
    if broken:
        raise StorageError("; ".join(broken))


def _look_but_at_modes(root: Path) -> tuple[Any, Any, Any]:
    """Its several changes of permissions are each whole in itself."""
    content, plan, kept = look(root)
    return {name: facts for name, facts in content.items() if name[-1] != "/"}, plan, kept


def _make_token(root: Path) -> None:
    layout = VaultLayout(root)
    assert len(access_token(layout, {})) > 20


def _look_at_token(root: Path) -> tuple[Any, Any, Any]:
    live, plan, kept = look(root)
    token = root / ".state/api-token"
    there = token.exists() and (len(token.read_bytes()), stat.S_IMODE(token.stat().st_mode))
    return live, [plan, there], kept


def _scenario(
    name: str,
    prepare: Callable[[Path], None],
    act: Callable[[Path], None],
    **more: Any,
) -> Scenario:
    return Scenario(name=name, prepare=prepare, act=act, **{"look": look, "open": start, **more})


WHOLE = {
    scenario.name: scenario
    for scenario in (
        _scenario("whole-import", _with_archive, _import("overwrite")),
        _scenario("whole-mirror", _with_archive, _import("mirror"), between=_unseen_stays),
        _scenario("whole-upload", _with_upload, served.upload),
        _scenario("whole-undo", _imported, _undo),
        _scenario("whole-export", _filled, _export),
        _scenario("whole-export-to", _filled, _export_beside, look=_look_beside),
        _scenario("whole-backup", _filled, _backup),
        _scenario("whole-delete", _backed_up, _delete),
        _scenario("whole-cleanup", _backed_up, _clean_up, between=_fewer),
        _scenario("whole-save", _filled, _save),
        _scenario("whole-set", _filled, _set),
        _scenario("whole-doctor", _interrupted, _doctor, look=_look_but_at_modes),
        _scenario("whole-token", _filled, _make_token, look=_look_at_token),
    )
}

EVERY = SCENARIOS | WHOLE
"""Every scenario; "careless" is there for the judge to condemn."""
