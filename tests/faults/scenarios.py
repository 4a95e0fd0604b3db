"""The changing operations that faults are injected into, and what a vault looks like.

Each scenario prepares a vault and then does one thing to it. Its result must
be exactly the vault before or exactly the vault after, whatever happens on the
way.
"""

import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autoresumefiller import UserDataManager
from autoresumefiller.model.profile import PersonalInfo, UserProfile
from autoresumefiller.vault import draft
from autoresumefiller.vault.creation import create_vault, is_vault
from autoresumefiller.vault.durable import remove_file, replace_file, storage
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.lock import VaultLock
from autoresumefiller.vault.profile_store import write_profile
from autoresumefiller.vault.staging import staging_area
from autoresumefiller.vault.transaction import Change, apply
from autoresumefiller.vault.undo import undo, undo_plan
from tests.faults import encryption
from tests.faults.old_disks import no_nameless_files

NOW = datetime(2025, 11, 29, 12, 0, tzinfo=UTC)
WRITTEN_NOW = {"user_profile.json", "user_profile.json.enc", "config.yaml", "b.zip"}
"""Files that get the time of the moment, which is no part of what is compared."""
OURS_IN_STATE = {"tree.lock", "data.lock", "holders", "keys.json", "staging", "undo", "api-token"}
OURS_IN_STATE |= encryption.KEYS_IN_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    modified: str | None


_STAMP = _Record(modified="2024-05-06T07:08:09.123456Z")


def open_vault(root: Path) -> None:
    """What every start does: create, recover, sweep."""
    layout = VaultLayout(root)
    if not is_vault(root):
        create_vault(layout)
    VaultLock(layout).recover()


def look(root: Path) -> tuple[Any, Any, Any]:
    """Everything about a vault that a person could notice, to be compared.

    The live files and folders, what an undo would do, what is kept for it.
    """
    layout = VaultLayout(root)
    plan = undo_plan(layout)
    kept = _look_at(layout.undo / "old")
    return (
        {
            path: facts
            for path, facts in _look_at(root, encryption.readable(root)).items()
            if not path.startswith(".state")
        },
        None if plan is None else (plan.description, sorted(plan.restored), sorted(plan.removed)),
        kept,
    )


def look_but_at_protection(root: Path) -> tuple[Any, Any, Any]:
    """The same without automatic backups: they may be there before what they protect from."""
    live, plan, kept = look(root)
    automatic = {name for name in live if name.startswith("backups/auto_")}
    assert all(live[name] for name in automatic), "an automatic backup does not decrypt"
    return {name: facts for name, facts in live.items() if name not in automatic}, plan, kept


def _look_at(top: Path, sealed: object = None) -> dict[str, object]:
    found: dict[str, object] = {}
    for directory, _, files in os.walk(top):
        where = Path(directory)
        name = where.relative_to(top).as_posix()
        found[f"{name}/"] = stat.S_IMODE(where.lstat().st_mode)
        for file in files:
            path = where / file
            status = path.lstat()
            content = path.readlink() if path.is_symlink() else path.read_bytes()
            if file.endswith(".age"):
                found[path.relative_to(top).as_posix()] = encryption.is_whole(path)
                continue
            content = sealed if sealed and file == "user_profile.json.enc" else content
            mtime = None if file in WRITTEN_NOW else status.st_mtime_ns
            found[path.relative_to(top).as_posix()] = (stat.S_IMODE(status.st_mode), mtime, content)
    return found


def leftovers(root: Path) -> list[str]:
    """What should not be in a vault at rest."""
    layout = VaultLayout(root)
    found = [path.name for path in layout.state.iterdir() if path.name not in OURS_IN_STATE]
    for directory in (layout.staging, layout.holders):
        if directory.exists():
            found += [f"{directory.name}/{path.name}" for path in directory.iterdir()]
    return found + unfinished(root)


def unfinished(top: Path) -> list[str]:
    """What is half-done below a folder.

    Where no sweep comes, beside the vault, it goes when the next file is made there.
    """
    endings = (".part", ".tmp", ".new")
    return [str(path.relative_to(top)) for path in top.rglob("*") if path.name.endswith(endings)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One operation.

    Attributes:
        name: For the report.
        prepare: Makes the vault as it is before.
        act: Does it; returns when success would be reported.
        look: What has to be wholly old or wholly new.
        open: What the next start does.
        between: For an operation of several steps, each whole in itself: whether
            what is seen lies between the old and the new.

    """

    name: str
    prepare: Callable[[Path], None]
    act: Callable[[Path], None]
    look: Callable[[Path], tuple[Any, Any, Any]] = look
    open: Callable[[Path], None] = open_vault
    between: Callable[[Any, Any, Any], bool] | None = None


# --- the vault before --------------------------------------------------------


def put_file(path: Path, content: str, mode: int = 0o600, mtime: int = 1_700_000_000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(content)
    path.chmod(mode)
    os.utime(path, ns=(mtime * 10**9, mtime * 10**9 + 12_345))


def _filled(root: Path) -> None:
    layout = VaultLayout(root)
    create_vault(layout)
    put_file(layout.profile, '{"old": "profile"}')
    put_file(layout.data / "extra.json", "{}", 0o640)
    put_file(layout.resumes / "a.pdf", "old a" * 100)
    put_file(layout.resumes / "same.pdf", "same")
    put_file(layout.resumes / "gone" / "deep" / "b.pdf", "old b", 0o400)
    put_file(layout.resumes / "gone" / "c.pdf", "old c")
    (layout.resumes / "gone").chmod(0o750)
    put_file(layout.cover_letters / "keep.txt", "keep")
    (layout.resumes / "link.pdf").symlink_to("a.pdf")
    put_file(layout.backups / "manual_backup_20250101_000000.zip", "not really")


def _imported(root: Path) -> None:
    _filled(root)
    _import(root)


def _undone(root: Path) -> None:
    _imported(root)
    _undo(root)


def _encrypted(root: Path) -> None:
    _filled(root)
    encryption.prepare(root)


def _moving(root: Path) -> None:
    _filled(root)
    encryption.prepare_move(root)


# --- operations --------------------------------------------------------------


def _import(root: Path) -> None:
    """An import in mirror mode: replaces, adds, removes, prunes, turns a folder into a file."""
    layout = VaultLayout(root)
    with staging_area(layout) as area:
        new = {
            "data/user_profile.json": "new profile",
            "config.yaml": "version: '2'\n",
            "resumes/a.pdf": "new a" * 50,
            "resumes/same.pdf": "same",
            "resumes/new/deep/d.pdf": "new d",
            "resumes/gone/deep": "a file where a folder was",
        }
        for path, content in new.items():
            with area.open(_STAMP, path) as file:
                file.write(content.encode())
        change = Change(
            source=area.tree,
            installed=list(new),
            removed=["resumes/gone/deep/b.pdf", "resumes/gone/c.pdf", "data/extra.json"],
        )
        area.sync()
        with VaultLock(layout).changing("import"):
            apply(
                layout,
                change,
                description="import of x.zip",
                now=NOW,
                directories=["cover_letters/empty"],
                prune=True,
                check=lambda: None,
            )


def _encrypt(root: Path) -> None:
    """A change of two files whose old content must not stay anywhere."""
    layout = VaultLayout(root)
    with staging_area(layout) as area:
        area.write("data/user_profile.json.enc", b"sealed")
        area.sync()
        change = Change(
            source=area.tree,
            installed=["data/user_profile.json.enc"],
            removed=["data/user_profile.json"],
        )
        with VaultLock(layout).changing("encrypt"):
            apply(layout, change, description="encryption", now=NOW, undoable=False)


def _undo(root: Path) -> None:
    layout = VaultLayout(root)
    with VaultLock(layout).changing("undo"):
        undo(layout, now=NOW)


def _save(root: Path) -> None:
    layout = VaultLayout(root)
    profile = UserProfile(
        personal_info=PersonalInfo(first_name="Test", last_name="Person", email="t@example.org")
    )
    with VaultLock(layout).changing_data("save"):
        write_profile(layout, profile, now=NOW)


def _set(root: Path) -> None:
    layout = VaultLayout(root)
    with VaultLock(layout).changing_data("config"):
        replace_file(layout.config, b"version: '3'\n")


def _publish(root: Path) -> None:
    layout = VaultLayout(root)
    with draft.draft_in(layout.backups) as new:
        with storage("write", layout.backups):  # what the writer of archives sees to
            new.file.write(b"archive" * 1000)
            new.file.flush()
        new.publish(["manual_backup_20250101_000000.zip", "b.zip"])


def _publish_named(root: Path) -> None:
    with no_nameless_files():
        _publish(root)


def _delete(root: Path) -> None:
    remove_file(VaultLayout(root).backups / "manual_backup_20250101_000000.zip")


def _carelessly(root: Path) -> None:
    """What we promise not to be: files written over one by one. The judge must see it."""
    layout = VaultLayout(root)
    for path in (layout.config, layout.profile, layout.resumes / "a.pdf"):
        path.write_bytes(b"new")


def _nothing(root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(name="create", prepare=_nothing, act=UserDataManager),
        Scenario(name="import", prepare=_filled, act=_import),
        Scenario(name="import-again", prepare=_imported, act=_import),
        Scenario(name="undo", prepare=_imported, act=_undo),
        Scenario(name="redo", prepare=_undone, act=_undo),
        Scenario(name="encrypt", prepare=_imported, act=_encrypt),
        Scenario(name="save", prepare=_filled, act=_save),
        Scenario(name="set", prepare=_filled, act=_set),
        Scenario(name="publish", prepare=_filled, act=_publish),
        Scenario(name="publish-named", prepare=_filled, act=_publish_named),
        Scenario(name="encrypt-on", prepare=_imported, act=encryption.turn_on),
        Scenario(name="encrypt-off", prepare=_encrypted, act=encryption.turn_off),
        Scenario(name="encrypt-rotate", prepare=_encrypted, act=encryption.rotate),
        Scenario(name="encrypt-kit", prepare=_encrypted, act=encryption.renew_kit),
        Scenario(
            name="encrypt-save",
            prepare=_encrypted,
            act=encryption.save,
            look=look_but_at_protection,
        ),
        Scenario(name="encrypt-export", prepare=_encrypted, act=encryption.export_encrypted),
        Scenario(
            name="encrypt-export-named",
            prepare=_encrypted,
            act=encryption.export_encrypted_named,
        ),
        Scenario(name="encrypt-move", prepare=_moving, act=encryption.move_in),
        Scenario(name="careless", prepare=_filled, act=_carelessly),
        Scenario(name="delete", prepare=_filled, act=_delete),
    )
}

LARGE = {"create", "import", "import-again", "undo", "redo", "encrypt"} | {
    name for name in SCENARIOS if name.startswith("encrypt-")
}
"""Scenarios of so many operations that the default run takes a sample."""
