"""Look a vault over: what is in it, what is stale, what would mend it.

Works on a vault that cannot be opened, because that is when it is needed.
Without ``fix`` nothing is changed. With it, only what cannot lose data is
done: an interrupted change is finished or undone, leftovers of killed
processes go, permissions are made private.
"""

import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from autoresumefiller.backup.catalog import list_backups
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.encryption_checkup import check_encryption
from autoresumefiller.backup.housekeeping import is_importable
from autoresumefiller.backup.opening import existing_vault
from autoresumefiller.backup.retention import scope_of
from autoresumefiller.backup.settings_file import read_config, settings_and_warnings
from autoresumefiller.backup.space import free_bytes
from autoresumefiller.errors import (
    AutoResumeFillerError,
    ConfigError,
    EncryptionError,
    ProfileLockedError,
    ProfileNotFoundError,
)
from autoresumefiller.model.backup_name import BackupType
from autoresumefiller.model.metadata import Scope
from autoresumefiller.model.reports import Check, CheckState, DoctorReport
from autoresumefiller.redaction.secrets import PLACEHOLDER
from autoresumefiller.vault import config_text, sweep, undo
from autoresumefiller.vault.durable import PRIVATE_DIRECTORY, PRIVATE_FILE, storage
from autoresumefiller.vault.inventory import take_inventory
from autoresumefiller.vault.profile_store import read_profile
from autoresumefiller.vault.recovery import is_unfinished

_LOW_SPACE_BYTES = 1 << 30


def examine_place(data_dir: Path | str | None, *, fix: bool) -> DoctorReport:
    """Examine a vault by its place, without opening it first.

    Raises:
        VaultNotFoundError: there is no vault.
        StorageError: it cannot be looked at at all.

    """
    return examine(existing_vault(data_dir), fix=fix)


def examine(vault: Vault, *, fix: bool) -> DoctorReport:
    """Examine a vault and, with ``fix``, mend what can be mended without losing anything."""
    points: tuple[Callable[[Vault, bool], Iterator[Check]], ...] = (
        _interrupted_change,
        _leftovers,
        _permissions,
        _folders,
        _profile,
        check_encryption,
        _settings,
        _backups,
        _undo,
        _space,
    )
    return DoctorReport(
        checks=tuple(check for point in points for check in _run(point, vault, fix))
    )


def _run(
    point: Callable[[Vault, bool], Iterator[Check]],
    vault: Vault,
    fix: bool,  # noqa: FBT001 - passed on by position to each point
) -> Iterator[Check]:
    try:
        yield from point(vault, fix)
    except AutoResumeFillerError as error:
        name = point.__name__.removeprefix("_")
        yield Check(name=name, state=CheckState.PROBLEM, message=error.message, remedy=error.hint)


def _ok(name: str, message: str) -> Check:
    return Check(name=name, state=CheckState.OK, message=message)


def _mended(name: str, message: str, remedy: str, *, fixed: bool) -> Check:
    """Report what ``--fix`` mends: mended, or a warning."""
    state = CheckState.FIXED if fixed else CheckState.WARNING
    return Check(name=name, state=state, message=message, remedy=remedy, fixable=True)


def _interrupted_change(vault: Vault, fix: bool) -> Iterator[Check]:  # noqa: FBT001
    name = "interrupted_change"
    if not is_unfinished(vault.layout):
        yield _ok(name, "No change was interrupted.")
    elif others := vault.lock.others():
        # Nobody gets in before an interrupted change is set right: this one is theirs.
        yield _ok(name, f"A change is under way: {others[0]}.")
    elif fix:
        vault.lock.recover()
        yield Check(
            name=name, state=CheckState.FIXED, message="An interrupted change was set right."
        )
    else:
        yield Check(
            name=name,
            state=CheckState.PROBLEM,
            message="A change was interrupted.",
            remedy="It is finished, or undone, before anything else is done with the vault.",
            fixable=True,
        )


def _leftovers(vault: Vault, fix: bool) -> Iterator[Check]:  # noqa: FBT001
    name = "leftovers"
    found = sweep.sweep(vault.layout) if fix else sweep.leftovers(vault.layout)
    if not found:
        yield _ok(name, "Nothing is left over from interrupted work.")
        return
    places = ", ".join(str(path.relative_to(vault.layout.root)) for path in found[:5])
    message = f"{len(found)} left over from interrupted work: {places}."
    yield _mended(name, message, "They are deleted; nothing of yours is in them.", fixed=fix)


def _permissions(vault: Vault, fix: bool) -> Iterator[Check]:  # noqa: FBT001
    name = "permissions"
    if sys.platform == "win32":
        return
    with storage("look at", vault.layout.root):
        open_to_others = [(path, mode) for path, mode in _private_places(vault) if _is_open(path)]
    if not open_to_others:
        yield _ok(name, "Only you can read the vault.")
        return
    if fix:
        for path, mode in open_to_others:
            with storage("change the permissions of", path):
                path.chmod(mode)
    shown = ", ".join(str(path.relative_to(vault.layout.root)) for path, _ in open_to_others[:5])
    message = f"Other accounts of this computer may read: {shown}."
    yield _mended(name, message, "They are made private to you.", fixed=fix)


def _private_places(vault: Vault) -> Iterator[tuple[Path, int]]:
    layout = vault.layout
    for folder in (
        layout.root,
        layout.data,
        layout.resumes,
        layout.cover_letters,
        layout.backups,
        layout.logs,
        layout.state,
    ):
        if folder.is_dir() and not folder.is_symlink():
            yield folder, PRIVATE_DIRECTORY
    files = [layout.config, layout.profile, layout.encrypted_profile]
    files += [entry["path"] for entry in list_backups(layout)]
    yield from ((file, PRIVATE_FILE) for file in files if file.is_file() and not file.is_symlink())


def _is_open(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _folders(vault: Vault, _fix: bool) -> Iterator[Check]:  # noqa: FBT001
    inventory = take_inventory(vault.layout)
    yield _ok("contents", f"Files that belong to you: {len(inventory.files)}.")
    for warning in inventory.warnings:
        yield Check(name="contents", state=CheckState.WARNING, message=f"{warning}.")
    for skipped in inventory.skipped:
        yield Check(
            name="contents",
            state=CheckState.WARNING,
            message=f"{skipped.path} is not part of any backup: {skipped.reason}.",
            remedy="Put a copy of the file itself there if you want it backed up.",
        )


def _profile(vault: Vault, _fix: bool) -> Iterator[Check]:  # noqa: FBT001
    name = "profile"
    try:
        profile = read_profile(vault.layout, vault.keys)
    except ProfileNotFoundError:
        yield _ok(name, "There is no profile yet.")
    except ProfileLockedError:
        yield _ok(name, "The profile is encrypted, not by this program.")
    except EncryptionError as error:
        yield Check(
            name=name,
            state=CheckState.PROBLEM,
            message=f"The profile is encrypted and cannot be read: {error.message.rstrip('.')}.",
            remedy=error.hint,
        )
    else:
        yield _ok(name, f"The profile is valid; last updated {profile.last_updated:%Y-%m-%d}.")


def _settings(vault: Vault, _fix: bool) -> Iterator[Check]:  # noqa: FBT001
    name = "settings"
    text = read_config(vault)
    try:
        config_text.usable_settings(text)
    except ConfigError as error:
        yield Check(
            name=name,
            state=CheckState.PROBLEM,
            message=f"{error.message}.",
            remedy="Correct config.yaml; until then the default settings are used.",
        )
        return
    _, warnings = settings_and_warnings(vault)
    for warning in warnings:
        yield Check(
            name=name,
            state=CheckState.WARNING,
            message=f"{warning}.",
            remedy="Correct it: 'arf config set NAME VALUE'.",
        )
    if PLACEHOLDER.encode() in text:
        yield Check(
            name=name,
            state=CheckState.WARNING,
            message=f"config.yaml has {PLACEHOLDER} where a key should be.",
            remedy="Type the key in again: 'arf config set NAME'.",
        )
    elif not warnings:
        yield _ok(name, "config.yaml can be read.")


def _backups(vault: Vault, _fix: bool) -> Iterator[Check]:  # noqa: FBT001
    name = "backups"
    backups = list_backups(vault.layout)
    if not backups:
        yield Check(
            name=name,
            state=CheckState.WARNING,
            message="There is no backup.",
            remedy="Make one: 'arf export'.",
        )
        return
    for entry in backups:
        if entry["metadata"] is None and not entry["filename"].endswith(".age"):
            yield Check(
                name=name,
                state=CheckState.WARNING,
                message=f"{entry['filename']} cannot be read as a backup.",
                remedy="'arf verify' says what is wrong with it; 'arf salvage' recovers files.",
            )
    if all(entry["type"] == BackupType.AUTO for entry in backups):
        yield Check(
            name=name,
            state=CheckState.WARNING,
            message="There is no full backup here, only of the profile and the settings.",
            remedy="Make one: 'arf export'. One that you keep elsewhere is not seen here.",
        )
        return
    newest = next((entry for entry in backups if scope_of(entry) is Scope.FULL), None)
    if newest is None or not is_importable(vault, newest):
        yield Check(
            name=name,
            state=CheckState.PROBLEM,
            message="The newest full backup cannot be imported.",
            remedy="Make a new one: 'arf export'.",
        )
        return
    message = f"Backups: {len(backups)}. The newest full one, {newest['filename']}, is proven."
    yield _ok(name, message)


def _undo(vault: Vault, _fix: bool) -> Iterator[Check]:  # noqa: FBT001
    if is_unfinished(vault.layout):
        return  # what is kept for it is being moved; told above
    plan = undo.undo_plan(vault.layout)
    if plan is None:
        yield _ok("undo", "There is no import to undo.")
    else:
        undo.require_complete(vault.layout)
        yield _ok("undo", f"'arf undo' would undo: {plan.description} ({plan.committed:%Y-%m-%d}).")


def _space(vault: Vault, _fix: bool) -> Iterator[Check]:  # noqa: FBT001
    free = free_bytes(vault.layout.root)
    low = free < _LOW_SPACE_BYTES
    yield Check(
        name="space",
        state=CheckState.WARNING if low else CheckState.OK,
        message=f"{free / 1e9:.1f} GB are free on the vault's disk.",
        remedy="Free some space: imports and backups need room." if low else "",
    )
