"""A vault that was made for something that then failed goes again.

Only one that nobody has used: with the default settings, nothing in its
folders, and nothing under way in it. Anything else stays as it is, and so
does what is left when this is killed in the middle: an empty vault.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autoresumefiller.errors import AutoResumeFillerError
from autoresumefiller.vault.creation import content_folders, is_vault, missing
from autoresumefiller.vault.durable import is_there, storage
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.lock import VaultLock


@contextmanager
def withdrawn_on_failure(layout: VaultLayout) -> Iterator[None]:
    """Remove the vault, if the block makes it and then raises; where there is one, do nothing.

    Raises:
        StorageError: the vault's place cannot be looked at.

    """
    if is_vault(layout.root):
        yield
        return
    with storage("look at", layout.root):
        is_ours = not is_there(layout.config)  # else a creation was killed, long ago perhaps
        made = missing(layout)
    try:
        yield
    except BaseException:
        if is_ours:
            with suppress(OSError, AutoResumeFillerError):  # the failure is what is told
                _withdraw(layout, made)
        raise


def _withdraw(layout: VaultLayout, made: tuple[Path, ...]) -> None:
    if not is_vault(layout.root):  # it was never finished: `create_vault` took it back
        return
    with VaultLock(layout, timeout_seconds=0).changing("import"):
        if not _is_unused(layout):
            return
        layout.config.unlink()
        for folder in content_folders(layout):
            folder.rmdir()
    # Without the lock: Windows removes nothing that is open.
    for file in (layout.tree_lock, layout.data_lock):
        file.unlink(missing_ok=True)
    for directory in (layout.holders, layout.staging, layout.decrypted, *reversed(made)):
        with suppress(OSError):
            directory.rmdir()


def _is_unused(layout: VaultLayout) -> bool:
    """Whether there is only what a creation, and an import that did not come to pass, leave."""
    from autoresumefiller.model.settings import DEFAULT_CONFIG

    own = {layout.tree_lock, layout.data_lock, layout.holders, layout.staging, layout.decrypted}
    empty = (*content_folders(layout), layout.staging, layout.decrypted)
    return (
        set(layout.state.iterdir()) <= own
        and not any(is_there(path) and any(path.iterdir()) for path in empty)
        and set(layout.root.iterdir()) == {layout.config, layout.state, *content_folders(layout)}
        and layout.config.read_bytes() == DEFAULT_CONFIG.encode()
    )
