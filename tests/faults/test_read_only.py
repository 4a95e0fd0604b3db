"""A disk that is read-only: from the beginning, or turned so by the system in the middle.

ext4 mounted with errors=remount-ro turns read-only when it finds itself
damaged, whatever is open then; sysfs has a file that makes it do so.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.errors import AccessDeniedError, AutoResumeFillerError
from tests.faults.disks import Disk, disk_in_file, disk_in_memory
from tests.faults.scenarios import leftovers
from tests.faults.whole import EVERY, open_manager

Prove = Callable[..., None]

every = pytest.mark.parametrize("scenario", sorted(EVERY.keys() - {"careless", "whole-upload"}))
# What needs the shim to be prepared cannot be prepared here.
plain = pytest.mark.parametrize("scenario", sorted(EVERY.keys() - {"careless", "whole-doctor"}))
some = pytest.mark.parametrize("scenario", ["import", "save", "publish", "delete"])


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with disk_in_file("ext4", tmp_path) as disk:
        yield disk


@plain
def test_a_disk_that_is_read_only_refuses_every_change_and_keeps_everything(
    scenario: str, tmp_path: Path
) -> None:
    chosen = EVERY[scenario]
    with disk_in_memory("size=64m", tmp_path) as disk:
        top = disk.mount / "top"
        top.mkdir()
        root = top / "vault"
        chosen.prepare(root)
        before = chosen.look(root) if root.exists() else None

        disk.mount_as("ro")
        with pytest.raises(AutoResumeFillerError, match="read-only"):
            chosen.act(root)

        assert (chosen.look(root) if root.exists() else None) == before
        disk.mount_as("rw")
        chosen.open(root)
        assert leftovers(root) == []
        chosen.act(root)
        assert chosen.look(root) != before


def test_a_vault_on_a_read_only_disk_can_be_read_and_exported(tmp_path: Path) -> None:
    with disk_in_memory("size=64m", tmp_path) as disk:
        root = disk.mount / "vault"
        EVERY["whole-delete"].prepare(root)
        disk.mount_as("ro")

        manager = open_manager(root)

        assert len(manager.list_backups()) == 3
        assert manager.load_user_profile().personal_info.first_name == "Test"
        exported = manager.export_all(tmp_path / "elsewhere.zip")["output_path"]
        assert manager.validate_backup(exported)["valid"]
        with pytest.raises(AccessDeniedError, match="read-only"):
            manager.export_all()
        disk.mount_as("rw")
        assert len(UserDataManager(root).list_backups()) == 3


@some
@pytest.mark.slow
def test_a_disk_that_turns_read_only_in_the_middle(scenario: str, disk: Disk, prove: Prove) -> None:
    _turn(prove, scenario, disk, step=5)


@pytest.mark.exhaustive
@every
def test_exhaustively_a_disk_that_turns_read_only_at_every_operation(
    scenario: str, disk: Disk, prove: Prove
) -> None:
    _turn(prove, scenario, disk, step=1)


def _turn(prove: Prove, scenario: str, disk: Disk, *, step: int) -> None:
    prove(
        scenario,
        "turn_read_only_everywhere",
        fault="turned read-only, ext4",
        device=str(disk.device),
        mount=str(disk.mount),
        options=disk.options,
        step=step,
    )
