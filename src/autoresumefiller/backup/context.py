"""What every use case works on: one vault, its lock, a clock, our version."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.lock import VaultLock
from autoresumefiller.vault.vault_keys import VaultKeys
from autoresumefiller.version import __version__


def utc_now() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """An open vault.

    Attributes:
        layout: Where everything is.
        lock: Who may read and change it.
        now: The clock; a parameter so that tests can set it.
        app_version: What archives are marked with and compared to, PEP 440.
        keys: What its profile is encrypted with, if it is.

    """

    layout: VaultLayout
    lock: VaultLock
    now: Callable[[], datetime] = field(default=utc_now)
    app_version: str = __version__
    keys: VaultKeys = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Give it the keys that belong to its layout."""
        object.__setattr__(self, "keys", VaultKeys(self.layout))
