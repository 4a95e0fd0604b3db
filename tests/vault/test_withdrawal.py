"""A vault that was made for something that failed goes again, and only that."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from autoresumefiller.vault.creation import create_vault
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.lock import VaultLock
from autoresumefiller.vault.staging import staging_area
from autoresumefiller.vault.withdrawal import withdrawn_on_failure
from tests.support.trees import snapshot


class ItFailedError(Exception):
    """What the block raises."""


def fail_after(layout: VaultLayout, *then: Callable[[VaultLayout], object]) -> None:
    def make_and_fail() -> None:
        with withdrawn_on_failure(layout):
            create_vault(layout)
            with VaultLock(layout).changing("test"), staging_area(layout):
                layout.decrypted.mkdir()
            for use in then:
                use(layout)
            raise ItFailedError

    with pytest.raises(ItFailedError):
        make_and_fail()


def test_nothing_is_left(tmp_path: Path) -> None:
    fail_after(VaultLayout(tmp_path / "deep" / "er" / "vault"))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_that_was_there_stays(tmp_path: Path) -> None:
    fail_after(VaultLayout(tmp_path))
    assert tmp_path.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_where_all_went_well_the_vault_stays(vault_dir: Path) -> None:
    with withdrawn_on_failure(VaultLayout(vault_dir)):
        create_vault(VaultLayout(vault_dir))
    assert (vault_dir / "config.yaml").exists()


def test_a_vault_that_was_there_stays(vault_dir: Path) -> None:
    create_vault(VaultLayout(vault_dir))
    before = snapshot(vault_dir, without=())
    with pytest.raises(ItFailedError), withdrawn_on_failure(VaultLayout(vault_dir)):
        raise ItFailedError
    assert snapshot(vault_dir, without=()) == before


@pytest.mark.parametrize("path", ["resumes/a.pdf", "notes.txt", "data/x", ".state/keys.json"])
def test_a_vault_that_somebody_used_meanwhile_stays(vault_dir: Path, path: str) -> None:
    fail_after(VaultLayout(vault_dir), lambda layout: (layout.root / path).write_text("mine"))
    assert (vault_dir / path).read_text() == "mine"
    assert (vault_dir / "config.yaml").exists()


def test_settings_that_were_changed_meanwhile_stay(vault_dir: Path) -> None:
    fail_after(VaultLayout(vault_dir), lambda layout: layout.config.write_text("mine: true\n"))
    assert (vault_dir / "config.yaml").read_text() == "mine: true\n"
    assert (vault_dir / "resumes").is_dir()


@pytest.mark.parametrize("use", [staging_area, lambda layout: VaultLock(layout).reading("test")])
def test_a_vault_in_which_something_is_under_way_stays(
    vault_dir: Path, use: Callable[[VaultLayout], AbstractContextManager[object]]
) -> None:
    layout = VaultLayout(vault_dir)
    with ExitStack() as under_way:
        fail_after(layout, lambda layout: under_way.enter_context(use(layout)))
        assert (vault_dir / "config.yaml").exists()
        assert (vault_dir / "data").is_dir()


def test_a_creation_that_was_killed_long_ago_loses_no_settings(vault_dir: Path) -> None:
    layout = VaultLayout(vault_dir)
    layout.state.mkdir(parents=True)
    layout.creating.touch()
    layout.config.write_text("mine: true\n")
    fail_after(layout)
    assert layout.config.read_text() == "mine: true\n"
