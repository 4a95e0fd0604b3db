"""Reading and writing the profile."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autoresumefiller.errors import (
    ProfileInvalidError,
    ProfileLockedError,
    ProfileNotFoundError,
    VaultLayoutError,
)
from autoresumefiller.model.profile_text import MAX_PROFILE_BYTES, parse_profile
from autoresumefiller.vault.durable import is_there, replace_file, storage
from autoresumefiller.vault.layout import VaultLayout

if TYPE_CHECKING:
    from autoresumefiller.model.profile import UserProfile


def read_profile(layout: VaultLayout) -> "UserProfile":
    """Read the profile; its ``last_updated`` stays as it is in the file.

    Raises:
        ProfileNotFoundError: there is none.
        ProfileLockedError: it is encrypted, and no key is here.
        ProfileInvalidError: it is no JSON, or does not follow the schema.
        VaultLayoutError: there are two of them.
        StorageError: it cannot be read.

    """
    with storage("read", layout.profile):
        plain, encrypted = (is_there(path) for path in (layout.profile, layout.encrypted_profile))
    if plain and encrypted:
        raise VaultLayoutError(
            "The profile is there twice, plain and encrypted, and they may differ",
            hint="Move the one that is out of date out of data/: "
            "user_profile.json or user_profile.json.enc.",
        )
    if encrypted:
        raise ProfileLockedError(
            "Encryption key not found. Cannot decrypt data",
            hint="Open the vault on the computer that encrypted it, or import a backup of it.",
        )
    if not plain:
        raise ProfileNotFoundError("There is no profile in this vault yet")
    return parse_profile(_read(layout.profile))


def profile_problems(layout: VaultLayout) -> list[str] | None:
    """Return what is wrong with the profile, one sentence each; empty if nothing is.

    None where there is no profile, or one that cannot be looked into.
    """
    try:
        read_profile(layout)
    except ProfileInvalidError as error:
        return list(error.problems) or [error.message]
    except (ProfileNotFoundError, ProfileLockedError, VaultLayoutError):
        return None
    return []


def write_profile(layout: VaultLayout, profile: "UserProfile", now: datetime) -> "UserProfile":
    """Save the profile with ``last_updated`` set to ``now``, and return it like that.

    The file is replaced in one step (`durable.replace_file`), mode 0600, and
    is the commit: no journal is needed for one file. Unknown fields are kept.

    Raises:
        StorageError: the profile that was there is still there.

    """
    saved = profile.model_copy(update={"last_updated": now.astimezone(UTC)})
    value = saved.model_dump(mode="json")
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    # A lone surrogate cannot be UTF-8; it is kept as the escape that it came from.
    replace_file(layout.profile, f"{text}\n".encode("utf-8", "backslashreplace"))
    return saved


def _read(path: Path) -> bytes:
    # One byte more than may be: then it is told as too large, and no more is read.
    with storage("read", path), path.open("rb") as file:
        return file.read(MAX_PROFILE_BYTES + 1)
