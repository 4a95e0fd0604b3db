"""What interrupted work left in a vault, without harm: found and removed.

Nothing that a living process uses is touched: each kind of leftover can be
told from work in progress by a lock that dies with its owner (vault/flock.py).
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from autoresumefiller.vault.draft import abandoned_drafts
from autoresumefiller.vault.durable import abandoned_temporaries, is_there, storage
from autoresumefiller.vault.holders import abandoned_holders
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.recovery import delete_discarded
from autoresumefiller.vault.staging import abandoned_areas, remove_area


def leftovers(layout: VaultLayout) -> tuple[Path, ...]:
    """Return what `sweep` would remove now.

    Raises:
        StorageError: that cannot be seen.

    """
    with storage("look at", layout.state):
        return tuple(path for path, _ in _find(layout))


def sweep(layout: VaultLayout) -> tuple[Path, ...]:
    """Remove leftovers, as far as the system lets us; return what went. Needs no lock.

    An interrupted change is no leftover: see `VaultLock.recover`.
    """
    gone = []
    with suppress(OSError):  # a disk that cannot be looked at: another time
        for path, remove in _find(layout):
            with suppress(OSError):
                remove()
                gone.append(path)
    return tuple(gone)


def _find(layout: VaultLayout) -> Iterator[tuple[Path, Callable[[], None]]]:
    """Yield each leftover and how to remove it; it stays ours until the next is asked for."""
    with suppress(OSError):
        if is_there(layout.discard):
            yield layout.discard, partial(delete_discarded, layout)
    for area in abandoned_areas(layout):
        yield area, partial(remove_area, area)
    for find, directory in (
        (abandoned_holders, layout.holders),
        *((abandoned_temporaries, directory) for directory in _written_in(layout)),
        (abandoned_drafts, layout.backups),
        (abandoned_drafts, layout.decrypted),
        (abandoned_drafts, layout.state),
    ):
        for path in find(directory):
            yield path, partial(path.unlink, missing_ok=True)


def _written_in(layout: VaultLayout) -> list[Path]:
    """Return where single files are replaced; where one is a link, beside what it leads to."""
    found = {layout.root, layout.data, layout.state}
    for path in (layout.config, layout.profile, layout.encrypted_profile):
        with suppress(OSError):
            if path.is_symlink():
                found.add(Path(os.path.realpath(path)).parent)
    return sorted(found)
