"""Vaults for the use cases: one in clear, and machines with keys of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.encryption.recovery import RecoveryKit
from tests.support.kits import make_scrypt_cheap

PERSON = {
    "personal_info": {"first_name": "Test", "last_name": "Person", "email": "t@example.org"},
}

Machine = Callable[[str], UserDataManager]


class StopHereError(Exception):
    """Raised by a caller's callback."""


@pytest.fixture(autouse=True)
def _cheap_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    make_scrypt_cheap(monkeypatch)


@pytest.fixture
def manager(vault_dir: Path) -> UserDataManager:
    """A vault with a profile, in clear."""
    manager = UserDataManager(vault_dir)
    manager.save_user_profile(PERSON)
    return manager


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """``machine("a")`` goes to a machine with a vault and a key file of its own."""

    def go_to(name: str) -> UserDataManager:
        home = tmp_path / name
        home.mkdir(exist_ok=True)
        monkeypatch.setenv("AUTORESUMEFILLER_KEY_FILE", str(home / "key"))
        return UserDataManager(home / "vault")

    return go_to


@pytest.fixture
def kits() -> list[RecoveryKit]:
    """The kits that were delivered; ``kits.append`` takes delivery."""
    return []
