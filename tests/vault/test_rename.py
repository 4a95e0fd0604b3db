import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoresumefiller.vault import rename
from autoresumefiller.vault.rename import rename_exclusive
from tests.support.environment import end_test


@pytest.fixture(params=["as the system does it", "without renameat2"])
def any_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "without renameat2":  # as on NFS and with musl
        monkeypatch.setattr(rename, "_renameat2", None, raising=False)


@pytest.mark.usefixtures("any_way")
def test_a_file_moves_to_a_free_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")

    rename_exclusive(tmp_path / "a", tmp_path / "b")

    assert (tmp_path / "b").read_text() == "a"
    assert not (tmp_path / "a").exists()


@pytest.mark.usefixtures("any_way")
def test_a_taken_name_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    (tmp_path / "dangling").symlink_to("nowhere")

    for taken in ("b", "dangling"):
        with pytest.raises(FileExistsError):
            rename_exclusive(tmp_path / "a", tmp_path / taken)

    assert (tmp_path / "a").read_text() == "a"
    assert (tmp_path / "b").read_text() == "b"
    assert (tmp_path / "dangling").is_symlink()


@pytest.mark.usefixtures("any_way")
def test_a_missing_source_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rename_exclusive(tmp_path / "absent", tmp_path / "b")


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    if sys.platform != "linux":
        pytest.skip("only on Linux: tmpfs")
    if os.geteuid() != 0:
        end_test("mounting another disk needs root")
    mount = tmp_path / "other"
    mount.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", mount], check=False).returncode:
        end_test("this machine does not let root mount a tmpfs (a container?)")
    yield mount
    subprocess.run(["umount", "-l", mount], check=True)


@pytest.mark.usefixtures("any_way")
def test_another_disk_is_an_error_and_never_a_copy(tmp_path: Path, other_disk: Path) -> None:
    (tmp_path / "a").write_text("a")

    with pytest.raises(OSError, match="cross-device"):
        rename_exclusive(tmp_path / "a", other_disk / "a")

    assert (tmp_path / "a").read_text() == "a"
    assert list(other_disk.iterdir()) == []
