"""The keys of one vault: which there are, where they live, which one writes.

``.state/keys.json`` remembers the ids of the keys that were made for the
vault, oldest first, and the key file if one was chosen for it. It holds no
secret and can be lost: an encrypted profile names its key itself. An id in it
says that such a key was stored, not that a file needs it: it is written before
the file.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from autoresumefiller.errors import (
    KeyNotFoundError,
    KeyStoreError,
    ProfileLockedError,
    VaultLayoutError,
)
from autoresumefiller.model.profile_text import MAX_PROFILE_BYTES
from autoresumefiller.vault.durable import (
    is_there,
    make_private_directory,
    read_regular_file,
    replace_file,
    storage,
)
from autoresumefiller.vault.layout import VaultLayout

if TYPE_CHECKING:
    from autoresumefiller.encryption.cipher import Sealed
    from autoresumefiller.encryption.key_places import KeyPlace
    from autoresumefiller.encryption.vault_key import VaultKey

MAX_ENCRYPTED_BYTES: Final = MAX_PROFILE_BYTES + 128 * 1024
"""The largest profile and the largest header; of more, the rest is not read and the proof fails."""

_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyList:
    """What ``.state/keys.json`` says.

    Attributes:
        key_file: The key file chosen for this vault, or None.
        ids: Key ids, oldest first.

    """

    key_file: Path | None = None
    ids: tuple[str, ...] = ()


def parse_sealed(data: bytes) -> "Sealed":
    """Take an encrypted profile apart.

    Raises:
        ProfileLockedError: another program encrypted it.
        AuthenticationFailedError: it is damaged.

    """
    from autoresumefiller.encryption.cipher import MAGIC, Sealed

    if not data.startswith(MAGIC):
        raise ProfileLockedError(
            "Encryption key not found. Cannot decrypt data: the profile was not encrypted "
            "by this version of AutoResumeFiller",
            hint="Open it with the program that encrypted it, or import a backup.",
        )
    return Sealed.parse(data)


def _parse_list(text: bytes) -> KeyList:
    try:
        value: dict[str, Any] = json.loads(text)
        if value["version"] == _VERSION:
            file = value["key_file"]
            return KeyList(
                key_file=None if file is None else Path(file), ids=tuple(map(str, value["ids"]))
            )
    except (ValueError, KeyError, TypeError):
        pass
    raise VaultLayoutError(
        ".state/keys.json is not as we wrote it",
        hint="Delete it: the profile names its key itself. If the key is in a key file "
        "that you chose, set AUTORESUMEFILLER_KEY_FILE to it.",
    )


class VaultKeys:
    """The keys of one vault; a key that was read is kept in memory, for its id never changes."""

    def __init__(self, layout: VaultLayout) -> None:
        self._layout = layout
        self._known: dict[str, VaultKey] = {}

    def __repr__(self) -> str:
        """Name the vault, never a key."""
        return f"VaultKeys({str(self._layout.root)!r})"

    def listed(self) -> KeyList:
        """Return what is remembered.

        Raises:
            StorageError: it cannot be read.
            VaultLayoutError: it is not what we wrote.

        """
        path = self._layout.keys
        with storage("read", path):
            try:
                text = read_regular_file(path)
            except FileNotFoundError:
                return KeyList()
        return _parse_list(text)

    def place(self) -> "KeyPlace":
        """Return where this vault's keys live; KeyStoreError if two places are named."""
        from autoresumefiller.encryption.key_places import key_place

        return key_place(os.environ, self.listed().key_file)

    def find(self, key_id: str) -> "VaultKey":
        """Return the key of this id.

        Raises:
            KeyNotFoundError: it is not here.
            KeyStoreError: the place where it would be fails.

        """
        key = self.look_for(key_id)
        if key is None:
            from autoresumefiller.encryption.cipher import key_not_found

            raise key_not_found(key_id)
        return key

    def look_for(self, key_id: str) -> "VaultKey | None":
        """Return the key of this id, or None; KeyStoreError if the place fails."""
        if key_id not in self._known:
            key = self.place().find(key_id)
            if key is None:
                return None
            self._known[key_id] = key
        return self._known[key_id]

    def for_writing(self) -> "VaultKey":
        """Return the key that the profile is, or would be, encrypted with.

        Raises:
            KeyNotFoundError: it is not here, or none was ever made.
            ProfileLockedError: another program encrypted the profile.
            AuthenticationFailedError: the encrypted profile is damaged.
            KeyStoreError: the place fails.

        """
        sealed = self.sealed_profile()
        if sealed is not None:
            return self.find(sealed.key_id)
        made = self.listed().ids
        for key_id in reversed(made):
            key = self.look_for(key_id)
            if key is not None:
                return key
        if made:
            raise KeyNotFoundError(
                "Encryption key not found. None of the keys that were made for this vault "
                f"is in {self.place().name}"
            )
        raise KeyNotFoundError(
            "Encryption key not found. No key was made for this vault",
            hint="Run 'arf encrypt on': it makes a key and your recovery kit.",
        )

    def were_made(self) -> bool:
        """Whether a key was made for this vault; asks no keyring.

        Raises:
            StorageError, VaultLayoutError: as `listed`.

        """
        with storage("look at", self._layout.data):
            if is_there(self._layout.encrypted_profile):
                return True
        return bool(self.listed().ids)

    def sealed_profile(self) -> "Sealed | None":
        """Return the encrypted profile, not yet decrypted, or None if there is none.

        Raises:
            ProfileLockedError: another program encrypted it.
            AuthenticationFailedError: it is damaged.
            VaultLayoutError: it is no regular file.
            StorageError: it cannot be read.

        """
        path = self._layout.encrypted_profile
        with storage("read", path):
            if not is_there(path):
                return None
            data = read_regular_file(path, MAX_ENCRYPTED_BYTES)
        return parse_sealed(data)

    def store(
        self,
        key: "VaultKey",
        *,
        key_file: Path | None = None,
        when_kept: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep a new key where this vault's keys live, and remember its id; durable on return.

        What needs the key is written after this, so that a key is never missing.

        Args:
            key: The new key.
            key_file: A key file to choose for this vault, from now on.
            when_kept: Called before the id is remembered: if it raises, the key
                lies in its place, but nothing will ever be encrypted with it.

        Raises:
            KeyStoreError: it is not kept.
            StorageError: its id is not remembered.

        """
        listed = self.listed()
        chosen, place = self._place_for(listed, key_file)
        if place.find(key.key_id) != key:
            place.add(key)
        when_kept()
        ids = (*(known for known in listed.ids if known != key.key_id), key.key_id)
        self._remember(replace(listed, key_file=chosen, ids=ids))

    def usable_place(self, key_file: Path | None = None) -> "KeyPlace":
        """Return where `store` would put a key; KeyStoreError if it can be seen to fail."""
        _, place = self._place_for(self.listed(), key_file)
        place.require_usable()
        return place

    def _place_for(self, listed: KeyList, key_file: Path | None) -> "tuple[Path | None, KeyPlace]":
        from autoresumefiller.encryption.key_places import key_place

        chosen = listed.key_file
        if key_file is not None:
            # Path.expanduser raises for ~unknown.
            chosen = Path(os.path.expanduser(key_file)).absolute()  # noqa: PTH111 - see above
        place = key_place(os.environ, chosen)
        self._require_apart(place)
        return chosen, place

    def _require_apart(self, place: "KeyPlace") -> None:
        """Refuse a key file among the person's files: every backup would carry the key."""
        from autoresumefiller.encryption.key_places import KeyFile

        if not isinstance(place, KeyFile):
            return
        if self.is_among_files(place.path):
            raise KeyStoreError(
                f"{place.name[0].upper()}{place.name[1:]} would be in the vault, "
                "and so in every backup of it",
                hint="Name a file outside of the vault.",
            )

    def is_among_files(self, path: Path) -> bool:
        """Whether a file lies where backups look; a folder of the vault may be a link elsewhere."""
        layout, found = self._layout, Path(os.path.realpath(path))
        within = (layout.root, layout.resumes, layout.cover_letters)
        return not found.is_relative_to(os.path.realpath(layout.state)) and any(
            found.is_relative_to(os.path.realpath(folder)) for folder in within
        )

    def forget_memory(self) -> None:
        """Read keys anew from their place the next time."""
        self._known.clear()

    def _remember(self, listed: KeyList) -> None:
        make_private_directory(self._layout.state)
        file = None if listed.key_file is None else str(listed.key_file)
        value = {"version": _VERSION, "key_file": file, "ids": list(listed.ids)}
        replace_file(self._layout.keys, f"{json.dumps(value)}\n".encode())
