"""Where everything in a vault is.

``.state/`` is ours alone::

    tree.lock  data.lock   what processes lock (vault/lock.py)
    holders/               who holds a lock now, for messages
    keys.json              the ids of the vault's keys (vault/vault_keys.py)
    backups.json           what backups say of themselves (backup/list_index.py)
    api-token              what programs show to the server (backup/access_token.py)
    decrypted/             encrypted backups while they are made or read, in clear
    staging/               where imports are put together (vault/staging.py)
    tx  committed  discard one change under way, see vault/recovery.py
    undo/                  what the last import replaced, as it was
"""

import sys
from dataclasses import dataclass
from pathlib import Path

DATA = "data"
CONFIG = "config.yaml"
COVER_LETTERS = "cover_letters"
RESUMES = "resumes"
STATE = ".state"

CONTENT_DIRECTORIES = (DATA, COVER_LETTERS, RESUMES)
"""The directories that hold what belongs to the person, in the order of an archive."""

PROFILE_PATH = "data/user_profile.json"
ENCRYPTED_PROFILE_PATH = "data/user_profile.json.enc"


def is_name(part: str) -> bool:
    """Whether a part of a vault path names a file or a folder, and leads nowhere else."""
    bad = part in {"", ".", ".."} or "\0" in part
    if sys.platform == "win32":
        bad = bad or "\\" in part or ":" in part
    return not bad


@dataclass(frozen=True, slots=True)
class VaultLayout:
    """The paths of one vault; nothing is looked at or created.

    Attributes:
        root: The vault, an absolute path.

    """

    root: Path

    @property
    def data(self) -> Path:
        """The profile and other data of the application."""
        return self.root / DATA

    @property
    def profile(self) -> Path:
        """The profile in plain JSON."""
        return self.root / PROFILE_PATH

    @property
    def encrypted_profile(self) -> Path:
        """The profile when it is encrypted at rest; never there together with `profile`."""
        return self.root / ENCRYPTED_PROFILE_PATH

    @property
    def config(self) -> Path:
        """The settings."""
        return self.root / CONFIG

    @property
    def resumes(self) -> Path:
        """Any files, nested folders too."""
        return self.root / RESUMES

    @property
    def cover_letters(self) -> Path:
        """Any files, nested folders too."""
        return self.root / COVER_LETTERS

    @property
    def backups(self) -> Path:
        """Archives that we keep."""
        return self.root / "backups"

    @property
    def logs(self) -> Path:
        """Log files; never exported."""
        return self.root / "logs"

    @property
    def state(self) -> Path:
        """What is ours alone."""
        return self.root / STATE

    @property
    def creating(self) -> Path:
        """Exists while a new vault is being laid out."""
        return self.state / "creating"

    @property
    def tree_lock(self) -> Path:
        """The lock file of everything the person has in the vault."""
        return self.state / "tree.lock"

    @property
    def data_lock(self) -> Path:
        """The lock file of ``data/`` and the settings."""
        return self.state / "data.lock"

    @property
    def holders(self) -> Path:
        """One file for each lock that is held."""
        return self.state / "holders"

    @property
    def keys(self) -> Path:
        """Which keys were made for this vault; no secret."""
        return self.state / "keys.json"

    @property
    def decrypted(self) -> Path:
        """Where the archive of an encrypted backup is in clear while it is made or read."""
        return self.state / "decrypted"

    @property
    def staging(self) -> Path:
        """Imports in preparation."""
        return self.state / "staging"

    @property
    def transaction(self) -> Path:
        """A change that is not committed: undone by recovery."""
        return self.state / "tx"

    @property
    def committed(self) -> Path:
        """A change that is committed, its clean-up unfinished: finished by recovery."""
        return self.state / "committed"

    @property
    def discard(self) -> Path:
        """What is being deleted."""
        return self.state / "discard"

    @property
    def undo(self) -> Path:
        """What the last import replaced, with the journal of that import."""
        return self.state / "undo"
