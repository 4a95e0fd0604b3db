"""Reading back what was made live: any difference is found, the first one is named."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from autoresumefiller.backup.meter import Meter
from autoresumefiller.backup.rehash import Fresh, hash_again
from autoresumefiller.errors import StorageError

SIZES = [0, 1, 2000, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, (256 << 10) + 7, 3 << 20]


@pytest.fixture
def files(tmp_path: Path) -> list[Fresh]:
    made = []
    for size in SIZES:
        content = bytes(number % 251 for number in range(size))
        (tmp_path / f"{size}.txt").write_bytes(content)
        made.append(Fresh(f"{size}.txt", size, hashlib.sha256(content).hexdigest()))
    return made


def reread(root: Path, files: list[Fresh], workers: int) -> list[tuple[int, int, str]]:
    seen: list[tuple[int, int, str]] = []
    meter = Meter(lambda *call: seen.append(call))
    meter.plan(lambda: [(file.path, file.size) for file in files])
    assert hash_again(root, files, meter, workers=workers) == files[-1].path
    return seen


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_what_is_as_it_was_written_passes(tmp_path: Path, files: list[Fresh], workers: int) -> None:
    seen = reread(tmp_path, files, workers)
    assert [name for _, _, name in seen] == [file.path for file in files]


def longer(content: bytes) -> bytes:
    return content + b"x"


def shorter(content: bytes) -> bytes:
    return content[:-1]


def empty(_content: bytes) -> bytes:
    return b""


def other(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("change", [longer, shorter, empty, other])
@pytest.mark.parametrize("size", SIZES[1:])
def test_what_is_not_is_named(
    tmp_path: Path, files: list[Fresh], size: int, change: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / f"{size}.txt"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(StorageError, match=rf"^{size}\.txt reads back differently"):
        hash_again(tmp_path, files, Meter(None), workers=1)


def test_what_is_gone_is_named(tmp_path: Path, files: list[Fresh]) -> None:
    (tmp_path / "2000.txt").unlink()
    with pytest.raises(StorageError, match=r"Could not read 2000\.txt"):
        hash_again(tmp_path, files, Meter(None), workers=1)
