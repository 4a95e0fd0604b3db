import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autoresumefiller.errors import (
    AccessDeniedError,
    NotEnoughSpaceError,
    StorageError,
    VaultLayoutError,
)
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


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: /proc")
def test_where_no_folder_can_be_made_is_an_error_of_ours() -> None:
    with pytest.raises(StorageError, match="Could not create /proc/self/vault"):
        create_vault(VaultLayout(Path("/proc/self/vault")))


def test_a_name_that_no_file_can_have_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no file on this system can have that name"):
        create_vault(VaultLayout(tmp_path / "\ud800"))


_CREATE_WITHOUT_SPACE = """
import resource, sys
from pathlib import Path
from autoresumefiller.errors import NotEnoughSpaceError
from autoresumefiller.vault.creation import create_vault
from autoresumefiller.vault.layout import VaultLayout
import autoresumefiller.model.settings
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
try:
    create_vault(VaultLayout(Path(sys.argv[1])))
except NotEnoughSpaceError as error:
    print(type(error).__name__)
"""


@posix
@pytest.mark.parametrize("before", [[], ["deep"], ["deep/vault"], ["deep/vault/mine", "deep/b"]])
def test_a_creation_that_fails_leaves_what_was_there_and_nothing_else(
    tmp_path: Path, before: list[str]
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    for name in before:
        (place / name).mkdir(parents=True)
    was = sorted(place.rglob("*"))

    done = subprocess.run(
        [sys.executable, "-c", _CREATE_WITHOUT_SPACE, str(place / "deep" / "vault")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == NotEnoughSpaceError.__name__
    assert sorted(place.rglob("*")) == was
    create_vault(VaultLayout(place / "deep" / "vault"))
    assert is_vault(place / "deep" / "vault")


_OPEN = """
import sys
from autoresumefiller import UserDataManager
from autoresumefiller.errors import InvalidArgumentError
try:
    result = UserDataManager(sys.argv[1]).export_all(sys.argv[2])
    print(ascii(result["warnings"]))
except InvalidArgumentError as error:
    print("refused:", error)
"""


def _opened(tmp_path: Path, **environ: str) -> str:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"LANG", "PYTHONUTF8", "PYTHONCOERCECLOCALE", "PYTHONIOENCODING"}
        and not name.startswith("LC_")
    }
    command = [sys.executable, "-c", _OPEN, str(tmp_path / "vault"), str(tmp_path / "a.zip")]
    done = subprocess.run(
        command, env=inherited | environ, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@posix
def test_where_names_are_not_utf8_a_vault_is_refused_before_anything_is_made(
    tmp_path: Path,
) -> None:
    said = _opened(tmp_path, LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")

    assert said.startswith("refused: This process reads file names as ascii, not as UTF-8")
    assert "Set PYTHONUTF8=1" in said
    assert list(tmp_path.iterdir()) == []


@posix
@pytest.mark.parametrize("environ", [{}, {"LANG": "C"}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX"}])
def test_a_plain_c_locale_is_fine(tmp_path: Path, environ: dict[str, str]) -> None:
    create_vault(VaultLayout(tmp_path / "vault"))
    (tmp_path / "vault" / "resumes" / "Lebenslauf für Zoë 😀.txt").write_text("x")

    assert _opened(tmp_path, **environ) == "[]"
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert "resumes/Lebenslauf für Zoë 😀.txt" in archive.namelist()
