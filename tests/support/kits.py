"""Recovery kits and passphrases that cost a test nothing."""

from collections.abc import Callable

import pytest

from autoresumefiller.backup.unlocking import Need, Unlocking
from autoresumefiller.encryption import envelope, recovery
from autoresumefiller.encryption.recovery import RecoveryKit

WORDS = "four words for tests"


def make_scrypt_cheap(patch: pytest.MonkeyPatch) -> None:
    """Spare kits and passphrases their 0.7 s and 256 MiB: in this process only."""
    for function in (recovery.make_kit, envelope.Passphrase.__init__):
        patch.setitem(function.__kwdefaults__, "work_factor", 2)


def opens_with(kit: RecoveryKit, words: str = WORDS) -> Callable[[Need], Unlocking]:
    """Return the callback of somebody who has this kit."""
    return lambda _need: Unlocking(kit=kit.text, passphrase=words)
