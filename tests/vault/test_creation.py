import os
import stat
import sys
from pathlib import Path

import pytest

from autoresumefiller.errors import AccessDeniedError, StorageError, VaultLayoutError
from autoresumefiller.model.settings import DEFAULT_CONFIG
from autoresumefiller.vault.creation import check_root, create_vault, is_vault
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.lock import VaultLock

posix = pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: modes")


def test_a_new_vault_has_every_folder_and_the_default_settings(vault_dir: Path) -> None:
    assert not is_vault(vault_dir)

    create_vault(VaultLayout(vault_dir))

    assert is_vault(vault_dir)
    folders = {path.name for path in vault_dir.iterdir() if path.is_dir()}
    assert folders == {"data", "resumes", "cover_letters", "backups", "logs", ".state"}
    assert (vault_dir / "config.yaml").read_text() == DEFAULT_CONFIG
    assert list((vault_dir / ".state").iterdir()) == []


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_everything_is_private_whatever_the_umask(vault_dir: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        create_vault(VaultLayout(vault_dir / "deep" / "er"))
        with VaultLock(VaultLayout(vault_dir / "deep" / "er")).changing("test"):
            pass
    finally:
        os.umask(before)

    modes = {
        path: stat.S_IMODE(path.lstat().st_mode) for path in [vault_dir, *vault_dir.rglob("*")]
    }
    assert {path: oct(mode) for path, mode in modes.items()} == {
        path: oct(0o700 if path.is_dir() else 0o600) for path in modes
    }


def test_a_folder_that_the_person_removed_does_not_make_it_a_new_vault(
    layout: VaultLayout,
) -> None:
    layout.cover_letters.rmdir()

    assert is_vault(layout.root)


def test_a_vault_without_our_state_is_one(vault_dir: Path) -> None:
    (vault_dir / "resumes").mkdir(parents=True)

    assert is_vault(vault_dir)


def test_settings_that_are_there_are_kept(vault_dir: Path) -> None:
    layout = VaultLayout(vault_dir)
    vault_dir.mkdir()
    (vault_dir / ".state").mkdir()
    layout.creating.touch()
    layout.config.write_text("mine: true\n")

    create_vault(layout)

    assert layout.config.read_text() == "mine: true\n"
    assert is_vault(vault_dir)


def test_a_file_in_the_vaults_place_is_refused(vault_dir: Path) -> None:
    vault_dir.write_text("a file")

    with pytest.raises(VaultLayoutError, match="a file, not a folder"):
        create_vault(VaultLayout(vault_dir))
    assert vault_dir.read_text() == "a file"


def test_a_link_that_leads_nowhere_is_refused(vault_dir: Path) -> None:
    vault_dir.symlink_to(vault_dir.with_name("nowhere"))

    with pytest.raises(VaultLayoutError, match="leads nowhere"):
        create_vault(VaultLayout(vault_dir))


def test_a_file_in_a_folders_place_is_refused(vault_dir: Path) -> None:
    vault_dir.mkdir()
    (vault_dir / "data").write_text("a file")

    with pytest.raises(VaultLayoutError, match="data is there, but it is not a folder"):
        create_vault(VaultLayout(vault_dir))


def test_a_file_above_the_vault_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageError, match="a file is where a folder should be"):
        create_vault(VaultLayout(tmp_path / "file" / "vault"))


def test_state_that_is_a_link_is_refused(layout: VaultLayout, tmp_path: Path) -> None:
    layout.state.rmdir()
    layout.state.symlink_to(tmp_path)

    with pytest.raises(VaultLayoutError, match=r"\.state is not a folder of its own"):
        check_root(layout)


@posix
@pytest.mark.skipif(
    os.name == "posix" and os.geteuid() == 0, reason="not on an account that may do everything"
)
def test_a_place_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(AccessDeniedError):
        create_vault(VaultLayout(tmp_path / "vault"))
    tmp_path.chmod(0o700)


def test_the_vault_may_be_a_link_to_a_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    create_vault(VaultLayout(tmp_path / "link"))

    assert is_vault(tmp_path / "real")
