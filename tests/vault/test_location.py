import os
import sys
from pathlib import Path

import pytest

from autoresumefiller.errors import InvalidArgumentError
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


@pytest.mark.parametrize("blank", ["", " ", "\t"])
def test_a_blank_place_is_refused_and_is_not_the_current_directory(blank: str) -> None:
    with pytest.raises(InvalidArgumentError, match="is blank"):
        resolve(blank)
    if blank:  # set to nothing counts as not set
        with pytest.raises(InvalidArgumentError, match="AUTORESUMEFILLER_HOME is blank"):
            resolve(environ={"AUTORESUMEFILLER_HOME": blank})


@pytest.mark.parametrize("bad", ["a\0", "~nobody-of-this-name/x"])
def test_what_is_no_path_is_refused(bad: str) -> None:
    with pytest.raises(InvalidArgumentError):
        resolve(bad)
    with pytest.raises(InvalidArgumentError):
        resolve(Path(bad))


@unix
def test_a_home_is_needed_only_where_the_place_depends_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown)

    assert resolve(tmp_path) == tmp_path
    assert resolve(environ={"AUTORESUMEFILLER_HOME": str(tmp_path)}) == tmp_path
    for explicit in (None, "~", "~/vault"):
        with pytest.raises(InvalidArgumentError, match="no home directory"):
            resolve(explicit, environ={})


@unix
def test_a_current_directory_is_needed_only_by_a_relative_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    assert resolve(tmp_path) == tmp_path
    with pytest.raises(InvalidArgumentError, match="current directory is not there"):
        resolve("vault")
    os.chdir(tmp_path)
