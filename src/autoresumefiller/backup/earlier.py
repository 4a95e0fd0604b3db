"""The backup from which an export may take what did not change."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice

from autoresumefiller.archive.reuse import EarlierArchive
from autoresumefiller.backup.catalog import list_backups
from autoresumefiller.backup.context import Vault
from autoresumefiller.model.backup_name import BackupType
from autoresumefiller.model.metadata import Scope

# Damaged ones are passed over, but not for ever: an export without an earlier
# archive is only slower.
_TRIED = 3

# Below this, opening an archive costs more than compressing what it could save.
_WORTH_OPENING_BYTES = 256 * 1024


@contextmanager
def earlier_archive(vault: Vault, scope: Scope) -> Iterator[EarlierArchive | None]:
    """Open the newest backup that covers the scope and is sound; None if there is none."""
    with ExitStack() as stack:
        candidates = (
            entry["path"]
            for entry in list_backups(vault.layout)
            if (scope is Scope.DATA or entry["type"] != BackupType.AUTO)
            and entry["size_bytes"] >= _WORTH_OPENING_BYTES
        )
        for path in islice(candidates, _TRIED):
            try:
                file = stack.enter_context(path.open("rb"))
            except OSError:
                continue
            earlier = EarlierArchive.open(file)
            if earlier is not None:
                yield earlier
                return
        yield None
