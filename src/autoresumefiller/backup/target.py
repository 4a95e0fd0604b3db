"""Where an archive goes, and what it is called."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.places import as_path
from autoresumefiller.errors import InvalidArgumentError, OutputExistsError
from autoresumefiller.model.backup_name import SLUG, BackupName, BackupType
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import make_private_directory, storage
from autoresumefiller.vault.layout import CONTENT_DIRECTORIES, STATE, VaultLayout


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where an archive goes: the first free one of ``names`` in ``directory``."""

    directory: Path
    names: Iterable[str]


def target_for(vault: Vault, output_path: Path | str | None, *, name: BackupName) -> Target:
    """Resolve the caller's ``output_path``.

    None is ``backups/``; an existing directory gets a generated name; anything
    else is the exact file, which must not exist yet.

    Raises:
        InvalidArgumentError: it is among the person's own files, or among ours.
        OutputExistsError: the exact file is there already.

    """
    if output_path is None:
        make_private_directory(vault.layout.backups)
        return Target(directory=vault.layout.backups, names=_after_all(vault.layout.backups, name))
    path = as_path(output_path)
    _require_elsewhere(vault.layout, path)
    with storage("write to", path):
        is_folder, is_there = path.is_dir(), os.path.lexists(path)
    if is_folder:
        return Target(directory=path, names=_after_all(path, name))
    if is_there:
        raise OutputExistsError(f"{printable(str(path))} exists already", path=str(path))
    return Target(directory=path.parent, names=(path.name,))


def _require_elsewhere(layout: VaultLayout, path: Path) -> None:
    """Refuse places where an archive would become part of the next one, or be swept away."""
    with storage("write to", path):
        resolved = Path(os.path.realpath(path))
    for folder in (*CONTENT_DIRECTORIES, STATE):
        if resolved.is_relative_to(os.path.realpath(layout.root / folder)):
            raise InvalidArgumentError(
                f"{printable(str(path))} is inside the vault's {folder}/",
                hint="Choose a place outside of the vault, or none: then it goes into backups/.",
            )


def named(slug: str, when: datetime) -> BackupName:
    """Return the name of a backup that the person named.

    Raises:
        InvalidArgumentError: the name is not a slug of letters, digits, - and _.

    """
    if not SLUG.fullmatch(slug):
        raise InvalidArgumentError(
            f"A backup's name is made of letters, digits, - and _, not {printable(slug)!r}"
        )
    return BackupName.named(slug, when)


def _after_all(directory: Path, name: BackupName) -> Iterator[str]:
    """Yield the names from ``name`` on that come after every backup of its slug in a folder.

    The list and retention go by names. A number that retention has freed must
    not be used again, or the newest backup would count as the oldest; nor may
    the names of automatic backups go back when the clock does.
    """
    latest = name.numbered(0)
    with storage("read", directory), os.scandir(directory) as entries:
        for entry in entries:
            other = BackupName.parse(entry.name)
            if other is None or other.slug != name.slug:
                continue
            if other.created == name.created or (
                other.created > name.created and name.type is not BackupType.MANUAL
            ):
                latest = max(latest, other, key=lambda each: (each.created, each.number))
    return (str(latest.numbered(number)) for number in count(latest.number + 1))
