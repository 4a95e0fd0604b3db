"""Keys in the system's keyring, by way of the keyring package.

Service ``autoresumefiller``. The first key of a person is the entry
``encryption_key``; every further one (another vault, or the next key of the
same vault) is ``encryption_key:<key id>``. An entry is never overwritten and
never deleted here: files name their key by its id, so a key that was replaced
still opens the backups of its time, and nothing done to one vault can lock
another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from autoresumefiller.encryption.vault_key import VaultKey
from autoresumefiller.errors import KeyStoreError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE: Final = "autoresumefiller"
ENTRY: Final = "encryption_key"

_OTHER_WAYS = (
    "set AUTORESUMEFILLER_KEY_FILE or AUTORESUMEFILLER_KEY_COMMAND, or choose a key file "
    "with 'arf encrypt on --key-file FILE'"
)


class KeyringStore:
    """The keyring of the person who is logged in."""

    name = "the system's keyring"
    can_add = True

    def require_usable(self) -> None:
        """See whether there is a keyring that is open and takes keys; errors as `find`."""
        _refuse_careless(_backend())
        self._read(ENTRY)

    def find(self, key_id: str) -> VaultKey | None:
        """Return the key of this id, or None.

        Raises:
            KeyStoreError: the keyring is locked, absent or failing.

        """
        for entry in (f"{ENTRY}:{key_id}", ENTRY):
            key = self._read(entry)
            if key is not None and key.key_id == key_id:
                return key
        return None

    def newest(self) -> VaultKey | None:
        """Return None: entries cannot be listed; a vault remembers the ids of its keys."""
        return None

    def add(self, key: VaultKey) -> None:
        """Store a key beside those that are there, and prove that it is there.

        Raises:
            KeyStoreError: it is not.

        """
        backend = _backend()
        _refuse_careless(backend)
        first = self._read(ENTRY)
        if first is not None and first.key_id == key.key_id:
            return
        entry = ENTRY if first is None else f"{ENTRY}:{key.key_id}"
        with _failures("store the key"):
            backend.set_password(SERVICE, entry, key.to_text())
        if self._read(entry) != key:
            raise KeyStoreError(
                "The system's keyring took the key, but does not give it back",
                hint=f"Instead, {_OTHER_WAYS}.",
            )

    def _read(self, entry: str) -> VaultKey | None:
        backend = _backend()
        with _failures("read the key"):
            text = backend.get_password(SERVICE, entry)
        return None if not text else VaultKey.parse(text)


def _backend() -> "KeyringBackend":
    import keyring
    from keyring.backends import fail, null

    with _failures("be opened"):
        backend = keyring.get_keyring()
    if isinstance(backend, fail.Keyring):
        raise KeyStoreError(
            "There is no keyring on this system",
            hint=f"Install or start one (on Linux: gnome-keyring or KWallet), or {_OTHER_WAYS}.",
        )
    if isinstance(backend, null.Keyring):
        raise KeyStoreError(
            "The keyring is switched off: its null backend forgets everything",
            hint=f"Switch it on ('keyring --disable' was run once), or {_OTHER_WAYS}.",
        )
    return backend


def _refuse_careless(backend: "KeyringBackend") -> None:
    """Refuse to store in backends that keyring itself does not recommend, such as plain files."""
    if backend.priority < 1:
        raise KeyStoreError(
            f"The keyring {backend.name} does not protect what it keeps",
            hint=f"Install a keyring of the system, or {_OTHER_WAYS}.",
        )


@contextmanager
def _failures(action: str) -> Iterator[None]:
    from keyring.errors import InitError, KeyringLocked

    try:
        yield
    except KeyStoreError:
        raise
    except (KeyringLocked, InitError):
        raise KeyStoreError(
            "The system's keyring is locked",
            hint=f"Unlock it (log in to the desktop), then try again; or {_OTHER_WAYS}.",
        ) from None
    # A backend raises what it likes: D-Bus errors, ctypes errors, timeouts. Its
    # text may quote what was to be stored, so only the kind is told.
    except Exception as error:
        raise KeyStoreError(
            f"The system's keyring could not {action} ({type(error).__name__})",
            hint=f"Try again; if that does not help, {_OTHER_WAYS}.",
        ) from None
