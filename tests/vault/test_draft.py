import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from autoresumefiller.errors import OutputExistsError, StorageError
from autoresumefiller.vault import draft
from autoresumefiller.vault.draft import draft_in
from autoresumefiller.vault.writeback import STEP_BYTES


def _names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.fixture(params=["nameless", "named", "no hard links"], autouse=True)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param != "nameless":
        monkeypatch.setattr(draft, "_nameless", lambda _directory, _stack: None)
    if request.param == "no hard links":

        def refuse(*_: object) -> None:
            raise PermissionError(1, "Operation not permitted")  # what FAT says

        monkeypatch.setattr(Path, "hardlink_to", refuse)
    return str(request.param)


def test_a_published_draft_has_its_content_and_is_private(tmp_path: Path) -> None:
    with draft_in(tmp_path) as new:
        new.file.write(b"content")
        path = new.publish(["a.zip"])

    assert path == tmp_path / "a.zip"
    assert path.read_bytes() == b"content"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert _names(tmp_path) == ["a.zip"]


def test_a_draft_has_no_final_name_before_it_is_published(tmp_path: Path) -> None:
    with draft_in(tmp_path) as new:
        new.file.write(b"content")
        new.sync()

        assert not [name for name in _names(tmp_path) if name.endswith(".zip")]


def test_a_taken_name_is_passed_over_and_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("mine")
    (tmp_path / "a_2.zip").symlink_to("nowhere")

    with draft_in(tmp_path) as new:
        path = new.publish(f"a_{number}.zip" if number > 1 else "a.zip" for number in count(1))

    assert path.name == "a_3.zip"
    assert (tmp_path / "a.zip").read_text() == "mine"


def test_without_a_free_name_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("mine")

    with draft_in(tmp_path) as new, pytest.raises(OutputExistsError, match=r"a\.zip exists"):
        new.publish(["a.zip"])

    assert _names(tmp_path) == ["a.zip"]
    assert (tmp_path / "a.zip").read_text() == "mine"


def test_an_exception_discards_the_draft(tmp_path: Path) -> None:
    def interrupted() -> None:
        with draft_in(tmp_path) as new:
            new.file.write(b"x" * 100_000)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert _names(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "fdatasync"), reason="nothing is synced early there")
def test_what_an_early_sync_lost_is_never_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fdatasync", fail)
    with draft_in(tmp_path) as new:
        new.file.write(b"content")
        new.wrote(STEP_BYTES)
        for _ in range(2):  # an fsync that comes later would report success
            with pytest.raises(StorageError, match="the disk reported an error"):
                new.publish(["a.zip"])

    assert _names(tmp_path) == []


def test_a_directory_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="absent"), draft_in(tmp_path / "absent"):
        pass


def test_many_at_once_each_get_a_name_of_their_own(tmp_path: Path) -> None:
    def publish(number: int) -> Path:
        with draft_in(tmp_path) as new:
            new.file.write(str(number).encode())
            return new.publish(f"{name}.zip" for name in count())

    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(publish, range(40)))

    assert [path.read_text() for path in paths] == [str(number) for number in range(40)]
    assert _names(tmp_path) == sorted(f"{name}.zip" for name in range(40))


@pytest.mark.parametrize("name", ["\ud800.zip", f"{'a' * 300}.zip"])
def test_a_name_that_the_disk_cannot_hold_is_an_error_of_ours(tmp_path: Path, name: str) -> None:
    with draft_in(tmp_path) as new:
        new.file.write(b"content")
        with pytest.raises(StorageError):
            new.publish([name])

    assert _names(tmp_path) == []
