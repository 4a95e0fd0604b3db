"""Who may read and who may change a vault, between processes and between threads.

Two resources, always taken in this order:

========  =========================================  ======================  ===========
resource  what it covers                             shared                  exclusive
========  =========================================  ======================  ===========
tree      everything the person has in the vault     export, save, clean-up  import, undo
data      ``data/`` and config.yaml                  export while it reads   save, import,
                                                     them                    undo
========  =========================================  ======================  ===========

`VaultLock.changing` takes both. What would go wrong within a thread is refused
at once; it happens when a progress callback starts another operation. A thread
that asks for the tree while it has only the data would break the order. One
that reads and asks to change would wait for itself. And one that is changing
the vault may not begin anything else in it, not even to read: it would find a
state that is neither the old nor the new, and its own change unfinished, which
it must not take for an interrupted one. Otherwise asking again for what the
thread has is fine.

Whoever gets a lock first finishes or undoes a change that was interrupted
(vault/recovery.py), so what is read is always one state. Only a thread that
holds both resources exclusively makes a multi-file change; therefore an
unfinished one that another thread sees under a lock has no owner any more.
"""

import errno
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from autoresumefiller.errors import VaultBusyError
from autoresumefiller.vault.creation import check_state
from autoresumefiller.vault.durable import make_private_directory, open_private, storage
from autoresumefiller.vault.flock import Hold, try_lock
from autoresumefiller.vault.holders import Holder, announced, holders
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.recovery import is_unfinished, recover
from autoresumefiller.vault.sweep import sweep

DEFAULT_TIMEOUT_SECONDS = 10.0
_POLL_SECONDS = 0.02


class Resource(StrEnum):
    """What can be locked; see the module."""

    TREE = "tree"
    DATA = "data"


@dataclass(slots=True, kw_only=True)
class _Held:
    hold: Hold
    purpose: str


class _ThreadHolds(threading.local):
    """What this thread holds, for every vault: {(.state directory, resource): how}."""

    def __init__(self) -> None:
        self.holds: dict[tuple[str, Resource], _Held] = {}


_mine = _ThreadHolds()


class VaultLock:
    """The lock of one vault; any number of them may exist and work together.

    Args:
        layout: The vault.
        timeout_seconds: How long to wait for others before `VaultBusyError`.

    """

    def __init__(
        self, layout: VaultLayout, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    ) -> None:
        self._layout = layout
        self._timeout = timeout_seconds
        self._key = _key(layout)

    @contextmanager
    def reading(self, purpose: str) -> Iterator[None]:
        """Keep imports out; others may read, and save the profile.

        Raises:
            VaultBusyError: an import did not end in time.
            RecoveryError: an interrupted change can be neither finished nor undone.

        """
        with self._recovered(Resource.TREE, Hold.SHARED, purpose):
            yield

    @contextmanager
    def changing(self, purpose: str) -> Iterator[None]:
        """Keep everybody else out of everything; nothing else can start within.

        Raises:
            VaultBusyError: others did not end in time, or this thread has the vault already.
            RecoveryError: an interrupted change can be neither finished nor undone.

        """
        with self._both(purpose):
            if is_unfinished(self._layout):
                recover(self._layout)
            yield

    @contextmanager
    def reading_data(self, purpose: str) -> Iterator[None]:
        """Keep saves out of ``data/`` and the settings."""
        with self._recovered(Resource.DATA, Hold.SHARED, purpose):
            yield

    @contextmanager
    def changing_data(self, purpose: str) -> Iterator[None]:
        """Be alone with ``data/`` and the settings, for a change of one file."""
        with self._recovered(Resource.DATA, Hold.EXCLUSIVE, purpose):
            yield

    def recover(self) -> bool:
        """Finish or undo an interrupted change and sweep; return whether there was a change.

        What every start does first.

        Raises:
            RecoveryError: it can be neither finished nor undone.
            VaultBusyError: another process did not end in time.

        """
        found = self._recover()
        sweep(self._layout)
        return found

    def _recover(self) -> bool:
        if not is_unfinished(self._layout):
            return False
        with self._both("recovery"):
            found = is_unfinished(self._layout)
            if found:
                recover(self._layout)
            return found

    @contextmanager
    def _both(self, purpose: str) -> Iterator[None]:
        self._refuse_within_change(purpose)
        with (
            self._held(Resource.TREE, Hold.EXCLUSIVE, purpose),
            self._held(Resource.DATA, Hold.EXCLUSIVE, purpose),
        ):
            yield

    @contextmanager
    def _recovered(self, resource: Resource, hold: Hold, purpose: str) -> Iterator[None]:
        self._refuse_within_change(purpose)
        while True:
            with self._held(resource, hold, purpose):
                # A thread with the tree has looked already, and nobody could
                # begin a change since.
                if self._has_tree_besides(resource) or not is_unfinished(self._layout):
                    yield
                    return
            self._recover()

    def _has_tree_besides(self, resource: Resource) -> bool:
        return resource is not Resource.TREE and (self._key, Resource.TREE) in _mine.holds

    def _refuse_within_change(self, purpose: str) -> None:
        tree = _mine.holds.get((self._key, Resource.TREE))
        if tree is not None and tree.hold is Hold.EXCLUSIVE:
            raise _own_way(tree.purpose, purpose)

    @contextmanager
    def _held(self, resource: Resource, hold: Hold, purpose: str) -> Iterator[None]:
        key = (self._key, resource)
        held = _mine.holds.get(key)
        if held is not None:
            if held.hold is Hold.SHARED and hold is Hold.EXCLUSIVE:
                raise _own_way(held.purpose, purpose)
            yield
            return
        data = _mine.holds.get((self._key, Resource.DATA))
        if resource is Resource.TREE and data is not None:
            raise _own_way(data.purpose, purpose)
        with ExitStack() as stack:
            self._acquire(stack, resource, hold, purpose)
            stack.enter_context(announced(self._layout.holders, resource=resource, purpose=purpose))
            _mine.holds[key] = _Held(hold=hold, purpose=purpose)
            stack.callback(_mine.holds.pop, key)
            yield

    def _acquire(self, stack: ExitStack, resource: Resource, hold: Hold, purpose: str) -> None:
        check_state(self._layout)
        path = self._path(resource)
        deadline = time.monotonic() + self._timeout
        while True:
            with storage("lock", path):
                descriptor = self._open(path, hold)
                if descriptor is None:
                    return
                if _try_lock_current(path, descriptor, hold):
                    stack.callback(os.close, descriptor)
                    return
            if time.monotonic() >= deadline:
                raise self._busy(resource, purpose)
            time.sleep(_POLL_SECONDS)

    def _open(self, path: Path, hold: Hold) -> int | None:
        """Open a lock file; None where nothing can be changed, so nothing needs a lock."""
        try:
            return open_private(path, os.O_RDWR)
        except FileNotFoundError:
            make_private_directory(path.parent)
            return open_private(path, os.O_RDWR)
        except OSError as error:
            if error.errno == errno.EROFS and hold is Hold.SHARED:
                return None
            raise

    def _path(self, resource: Resource) -> Path:
        return self._layout.tree_lock if resource is Resource.TREE else self._layout.data_lock

    def others(self) -> list[Holder]:
        """Return which other programs have the vault for an export, an import and the like.

        Raises:
            StorageError: that cannot be seen.

        """
        with storage("look at", self._layout.holders):
            found = holders(self._layout.holders, Resource.TREE)
        return [holder for holder in found if holder.pid != os.getpid()]

    def _busy(self, resource: Resource, purpose: str) -> VaultBusyError:
        others = holders(self._layout.holders, resource)
        who = "; ".join(str(holder) for holder in others[:3]) or "another program"
        waited = f"{self._timeout:g} seconds"
        return VaultBusyError(f"The vault is in use: {who}; {purpose} waited {waited}")


def _try_lock_current(path: Path, descriptor: int, hold: Hold) -> bool:
    """Lock an open lock file; False, and closed, if it is taken or no longer the one at its path.

    Somebody may have removed ``.state/``: a lock on the old file would keep nobody out.
    """
    try:
        if try_lock(descriptor, hold) and _is_same(path, descriptor):
            return True
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return False


def _is_same(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _key(layout: VaultLayout) -> str:
    """Return what is the same for all names of one vault."""
    # Of .state only the name: a link in its place is refused, not followed.
    return os.path.join(os.path.realpath(layout.root), layout.state.name)  # noqa: PTH118 - text


def has_everything(layout: VaultLayout) -> bool:
    """Whether this thread may make a multi-file change: it is within `VaultLock.changing`."""
    key = _key(layout)
    return all(
        (held := _mine.holds.get((key, resource))) is not None and held.hold is Hold.EXCLUSIVE
        for resource in Resource
    )


def _own_way(holding: str, asking: str) -> VaultBusyError:
    return VaultBusyError(
        f"This {holding} is still running, so {asking} cannot start within it",
        hint=f"Start {asking} after {holding} has returned.",
    )
