"""The power goes at every file operation: what was synced is there, and nothing else matters.

A file system in a file is mounted, stopped by the ioctl FS_IOC_SHUTDOWN in the
middle of an operation, unmounted and mounted again, as after a power cut. Needs
root, so `make faults` as root runs it; elsewhere it says that it did not.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.disks import KINDS, Disk, disk_in_file
from tests.faults.injector import JOURNAL_LOST, JOURNAL_WRITTEN, Injector
from tests.faults.whole import EVERY

# Through the server nothing else happens to the disk than in "whole-import".
every = pytest.mark.parametrize("scenario", sorted(EVERY.keys() - {"careless", "whole-upload"}))


@pytest.fixture(params=sorted(KINDS))
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    with disk_in_file(request.param, tmp_path) as disk:
        yield disk


@pytest.mark.exhaustive
@every
@pytest.mark.parametrize("how", [JOURNAL_WRITTEN, JOURNAL_LOST], ids=["journal", "no journal"])
def test_a_power_cut_leaves_the_old_vault_or_the_new_one(
    scenario: str, how: int, disk: Disk, prove: Callable[..., None]
) -> None:
    kind = "xfs" if disk.options == KINDS["xfs"].options else "ext4"
    journal = "written" if how == JOURNAL_WRITTEN else "lost"

    _cut(prove, scenario, disk, how, fault=f"power cut, {kind}, journal {journal}")


@pytest.mark.exhaustive
def test_the_judge_condemns_a_change_that_does_not_sync(disk: Disk, injector: Injector) -> None:
    tally = injector.run(
        "careless",
        "cut_power_everywhere",
        device=str(disk.device),
        mount=str(disk.mount),
        options=disk.options,
        how=JOURNAL_LOST,
        step=1,
    )

    assert any("success was reported" in fault for fault in tally.faults)
    assert tally.lost


def _cut(prove: Callable[..., None], scenario: str, disk: Disk, how: int, *, fault: str) -> None:
    prove(
        scenario,
        "cut_power_everywhere",
        fault=fault,
        device=str(disk.device),
        mount=str(disk.mount),
        options=disk.options,
        how=how,
        step=1,
    )
