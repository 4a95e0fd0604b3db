import sys
from pathlib import Path

import pytest

from autoresumefiller.vault.location import resolve

unix = pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="only on Linux and its like")


def test_an_explicit_place_wins_over_everything(tmp_path: Path) -> None:
    environ = {"AUTORESUMEFILLER_HOME": str(tmp_path / "named")}

    assert resolve(tmp_path / "explicit", environ=environ, home=tmp_path) == tmp_path / "explicit"


def test_the_variable_wins_over_the_dot_directory(tmp_path: Path) -> None:
    (tmp_path / ".autoresumefiller").mkdir()
    environ = {"AUTORESUMEFILLER_HOME": str(tmp_path / "named")}

    assert resolve(environ=environ, home=tmp_path) == tmp_path / "named"


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    (tmp_path / ".autoresumefiller").mkdir()

    place = resolve(environ={"AUTORESUMEFILLER_HOME": ""}, home=tmp_path)

    assert place == tmp_path / ".autoresumefiller"


@unix
def test_a_new_vault_goes_to_the_data_directory_of_the_platform(tmp_path: Path) -> None:
    assert resolve(environ={}, home=tmp_path) == tmp_path / ".local/share/autoresumefiller"
    xdg = {"XDG_DATA_HOME": str(tmp_path / "xdg")}
    assert resolve(environ=xdg, home=tmp_path) == tmp_path / "xdg/autoresumefiller"


@unix
def test_a_relative_xdg_directory_is_invalid_and_ignored(tmp_path: Path) -> None:
    place = resolve(environ={"XDG_DATA_HOME": "somewhere"}, home=tmp_path)

    assert place == tmp_path / ".local/share/autoresumefiller"


def test_a_file_in_the_dot_directorys_place_is_not_a_vault(tmp_path: Path) -> None:
    (tmp_path / ".autoresumefiller").write_text("")

    assert resolve(environ={}, home=tmp_path) != tmp_path / ".autoresumefiller"


def test_a_tilde_is_the_home_directory(tmp_path: Path) -> None:
    assert resolve("~/vault", environ={}, home=tmp_path) == tmp_path / "vault"


def test_a_relative_place_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert resolve(Path("a/../vault")) == tmp_path / "vault"
