"""A disk that is really full: a file system of 8 MB, filled to the last block."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoresumefiller.errors import AutoResumeFillerError, NotEnoughSpaceError
from autoresumefiller.vault.layout import VaultLayout
from tests.faults.scenarios import SCENARIOS, leftovers, look, open_vault
from tests.support.environment import end_test

_BIG = b"x" * 65536


@pytest.fixture(params=["size=8m", "size=64m,nr_inodes=60"], ids=["blocks", "inodes"])
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    if sys.platform != "linux":
        pytest.skip("only on Linux: tmpfs")
    if os.geteuid() != 0:
        end_test("mounting a small file system needs root")
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"{request.param},mode=700", "tmpfs", mount]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        end_test("this machine does not let root mount a tmpfs (a container?)")
    try:
        yield mount
    finally:
        subprocess.run(["umount", "-l", mount], check=True)


@pytest.mark.parametrize("scenario", ["import", "undo", "save", "set", "publish", "encrypt"])
def test_what_a_full_disk_stops_is_put_back_and_works_again_later(
    scenario: str, small_disk: Path
) -> None:
    chosen, root = SCENARIOS[scenario], small_disk / "vault"
    chosen.prepare(root)
    open_vault(root)
    old = look(root)
    # As little room as lets the operation begin, then one block more, and more.
    refused = 0
    ballast = _fill(small_disk)
    while True:
        try:
            chosen.act(root)
        except NotEnoughSpaceError:
            refused += 1
        except AutoResumeFillerError as error:  # pragma: no cover - a failure
            pytest.fail(f"a full disk is not called one: {error!r}")
        else:
            break
        open_vault(root)
        assert look(root) == old
        assert leftovers(root) == []
        ballast.pop().unlink()

    assert refused
    open_vault(root)
    assert look(root) != old
    assert leftovers(root) == []


def test_a_backup_can_be_deleted_from_a_full_disk(small_disk: Path) -> None:
    root = small_disk / "vault"
    SCENARIOS["delete"].prepare(root)
    _fill(small_disk)

    SCENARIOS["delete"].act(root)

    assert list(VaultLayout(root).backups.iterdir()) == []


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
