"""What interrupted work left in a vault, without harm: found and removed.

Nothing that a living process uses is touched: each kind of leftover can be
told from work in progress by a lock that dies with its owner (vault/flock.py).
"""

from contextlib import suppress
from pathlib import Path

from autoresumefiller.vault.draft import sweep_drafts
from autoresumefiller.vault.durable import is_there, sweep_temporaries
from autoresumefiller.vault.holders import sweep_holders
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.recovery import delete_discarded
from autoresumefiller.vault.staging import sweep_staging


def sweep(layout: VaultLayout) -> tuple[Path, ...]:
    """Remove leftovers, as far as the system lets us; return what went. Needs no lock.

    An interrupted change is no leftover: see `VaultLock.recover`.
    """
    gone: list[Path] = []
    with suppress(OSError):
        if is_there(layout.discard):
            delete_discarded(layout)
            gone.append(layout.discard)
    gone += sweep_staging(layout)
    gone += sweep_holders(layout.holders)
    for directory in (layout.root, layout.data):
        with suppress(OSError):
            gone += sweep_temporaries(directory)
    with suppress(OSError):
        gone += sweep_drafts(layout.backups)
    return tuple(gone)
