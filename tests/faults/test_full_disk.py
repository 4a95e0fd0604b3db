"""A disk that is really full: a file system of 8 MB, or of 120 files, filled to the last one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autoresumefiller.backup.space import require_space_for_copies
from autoresumefiller.errors import AutoResumeFillerError, NotEnoughSpaceError
from autoresumefiller.vault.layout import VaultLayout
from tests.faults.disks import disk_in_memory
from tests.faults.scenarios import leftovers
from tests.faults.whole import EVERY

_BIG = b"x" * 65536

# What only deletes needs no room; what needs the shim to be prepared cannot be prepared here.
_GROWING = EVERY.keys() - {"careless", "delete", "whole-delete", "whole-cleanup", "whole-doctor"}


_SPACE = ("disk is full", "No space left", "bytes and a margin of")


@pytest.fixture(params=["size=8m", "size=64m,nr_inodes=120"], ids=["blocks", "inodes"])
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    with disk_in_memory(request.param, tmp_path) as disk:
        yield disk.mount


@pytest.mark.parametrize("scenario", sorted(_GROWING))
def test_what_a_full_disk_stops_is_put_back_and_works_again_later(
    scenario: str, small_disk: Path
) -> None:
    chosen, top = EVERY[scenario], small_disk / "top"
    top.mkdir()
    root = top / "vault"
    chosen.prepare(root)
    existed = root.exists()
    if existed:
        chosen.open(root)
    old = chosen.look(root) if existed else None
    # As little room as lets the operation begin, then one block more, and more.
    refused = 0
    ballast = _fill(small_disk)
    while True:
        try:
            chosen.act(root)
        except NotEnoughSpaceError:
            refused += 1
        except AutoResumeFillerError as error:
            # An import says first that it cannot back up, a key that it is not kept.
            if not any(word in str(error) for word in _SPACE):
                raise
            refused += 1
        else:
            break
        if existed:
            chosen.open(root)
            assert chosen.look(root) == old
            assert leftovers(root) == []
        _remove_safety_copies(root)
        ballast.pop().unlink()

    assert refused
    chosen.open(root)
    assert chosen.look(root) != old
    assert leftovers(root) == []


@pytest.mark.parametrize("scenario", ["delete", "whole-delete", "whole-cleanup"])
def test_backups_can_be_deleted_from_a_full_disk(scenario: str, small_disk: Path) -> None:
    top = small_disk / "top"
    top.mkdir()
    root = top / "vault"
    EVERY[scenario].prepare(root)
    before = len(list(VaultLayout(root).backups.iterdir()))
    _fill(small_disk)

    EVERY[scenario].act(root)

    assert len(list(VaultLayout(root).backups.iterdir())) < before


def test_room_is_asked_for_on_each_disk_for_all_that_it_is_to_hold(tmp_path: Path) -> None:
    with disk_in_memory("size=8m", tmp_path) as disk:
        require_space_for_copies([tmp_path, disk.mount], 5 << 20, "It")
        with pytest.raises(NotEnoughSpaceError, match="8,388,608 are free"):
            require_space_for_copies([disk.mount, tmp_path], 10 << 20, "It")
        with pytest.raises(NotEnoughSpaceError, match="may need 10,485,760 bytes"):
            require_space_for_copies([disk.mount, disk.mount], 5 << 20, "It")


def _remove_safety_copies(root: Path) -> None:
    """Remove what each attempt made first, and which would take the room made since."""
    for made in (*root.glob("backups/pre_import_*"), *root.glob("backups/auto_*")):
        made.unlink()
    for kit in root.parent.glob("kit*.txt"):
        kit.unlink()


def _fill(disk: Path) -> list[Path]:
    """Take every block, or every inode; return the files, to be deleted one by one."""
    files = []
    for number in range(100_000):
        path = disk / f"ballast{number}"
        try:
            with path.open("wb") as file:
                files.append(path)
                file.write(_BIG if number < 100 else b"x" * 4096)
        except OSError:
            break
    return files
