import errno
import os
import socket
import stat
import sys
from pathlib import Path

import pytest

from autoresumefiller.errors import (
    AccessDeniedError,
    NotEnoughSpaceError,
    StorageError,
    VaultLayoutError,
)
from autoresumefiller.vault.durable import (
    is_temporary,
    is_there,
    make_private_directory,
    read_regular_file,
    remove_file,
    replace_file,
    storage,
)


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, NotEnoughSpaceError, "the disk is full"),
        (errno.EDQUOT, NotEnoughSpaceError, "share of the disk"),
        (errno.EFBIG, NotEnoughSpaceError, "larger than"),
        (errno.EACCES, AccessDeniedError, "may not"),
        (errno.EROFS, AccessDeniedError, "read-only"),
        (errno.EIO, StorageError, "the disk reported an error"),
        (errno.EXDEV, StorageError, "another disk"),
        (errno.EPROTO, StorageError, "rotocol error"),
    ],
)
def test_errors_of_the_system_become_ours_in_plain_words(
    number: int, kind: type[StorageError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught, storage("write", "a\x1b[2Jb"):
        raise OSError(number, os.strerror(number))

    assert type(caught.value) is kind
    assert caught.value.errno == number
    assert caught.value.message.startswith("Could not write a\\x1b[2Jb: ")
    assert isinstance(caught.value.__cause__, OSError)


def test_an_error_without_a_number_is_still_ours() -> None:
    with pytest.raises(StorageError, match="odd"), storage("read", "x"):
        raise OSError("odd")


def test_a_file_is_replaced_wholly_and_privately(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("old")
    path.chmod(0o644)

    replace_file(path, b"new")

    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_open_reader_keeps_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("old")

    with path.open() as reader:
        replace_file(path, b"new")

        assert reader.read() == "old"


def test_a_linked_file_is_replaced_where_it_really_is(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    real, link = tmp_path / "dotfiles" / "config.yaml", tmp_path / "config.yaml"
    real.write_text("old")
    link.symlink_to(real)

    replace_file(link, b"new")

    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert list(real.parent.iterdir()) == [real]


def test_a_failed_replacement_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.mkdir()  # a file cannot be renamed over a folder

    with pytest.raises(StorageError, match="Could not write"):
        replace_file(path, b"new")

    assert list(tmp_path.iterdir()) == [path]


def test_temporary_names_are_told_from_those_of_people() -> None:
    assert is_temporary(".arf-0123456789abcdef0123456789abcdef.tmp")
    assert not is_temporary("user_profile.json.tmp")
    assert not is_temporary(".arf-notes.txt")
    assert not is_temporary(".arf-notes.tmp")


def test_what_is_there_is_seen_and_what_cannot_be_seen_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")

    assert is_there(tmp_path / "dangling")
    assert is_there(tmp_path / "loop")
    assert not is_there(tmp_path / "absent" / "deep")
    assert not is_there(tmp_path / "dangling" / "below")
    with pytest.raises(OSError, match="symbolic links"):
        is_there(tmp_path / "loop" / "below")


def test_a_directory_in_the_place_of_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(VaultLayoutError, match="not a folder"):
        make_private_directory(tmp_path / "file")


def test_a_deleted_file_is_gone_and_a_missing_one_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_text("")

    remove_file(path)

    assert not path.exists()
    with pytest.raises(StorageError, match="it is not there"):
        remove_file(path)


def test_a_regular_file_is_read_up_to_a_limit_also_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    (tmp_path / "link").symlink_to("file")

    assert read_regular_file(tmp_path / "file") == b"0123456789"
    assert read_regular_file(tmp_path / "link", 4) == b"0123"
    with pytest.raises(FileNotFoundError):
        read_regular_file(tmp_path / "absent")


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: pipes, devices")
@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "folder"])
def test_what_is_no_regular_file_is_refused_at_once(
    tmp_path: Path, kind: str, never_waiting: None
) -> None:
    path = tmp_path / "it"
    with socket.socket(socket.AF_UNIX) as listening:
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "socket":
            listening.bind(str(path))
        elif kind == "device":
            path.symlink_to("/dev/zero")
        else:
            path.mkdir()

        with pytest.raises(VaultLayoutError, match="is not a regular file"):
            read_regular_file(path)
