"""The power goes at every file operation: what was synced is there, and nothing else matters.

A file system in a file is mounted, stopped by the ioctl FS_IOC_SHUTDOWN in the
middle of an operation, unmounted and mounted again, as after a power cut. Needs
root, so `make faults` as root runs it; elsewhere it says that it did not.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.injector import JOURNAL_LOST, JOURNAL_WRITTEN, Injector
from tests.faults.scenarios import SCENARIOS
from tests.support.environment import end_test, require_tool

# ext4 spares programs that forget to fsync; without auto_da_alloc it does not. XFS never did.
_DISKS = {
    "ext4": ("mkfs.ext4", ["-q", "-F"], 64 << 20, "loop,noauto_da_alloc"),
    "xfs": ("mkfs.xfs", ["-q", "-f"], 320 << 20, "loop"),
}


@pytest.fixture(params=sorted(_DISKS))
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, Path, str]]:
    if sys.platform != "linux":
        pytest.skip("only on Linux: FS_IOC_SHUTDOWN")
    if os.geteuid() != 0:
        end_test("cutting the power of a file system needs root")
    program, flags, size, options = _DISKS[request.param]
    image, mount = tmp_path / "disk.img", tmp_path / "disk"
    with image.open("wb") as file:
        file.truncate(size)
    mount.mkdir()
    subprocess.run([require_tool(program), *flags, image], check=True)
    if subprocess.run(["mount", "-o", options, image, mount], check=False).returncode:
        end_test("this machine does not let root mount a file (a container?)")
    yield image, mount, options
    subprocess.run(["umount", "-l", mount], check=True)


@pytest.mark.exhaustive
@pytest.mark.parametrize("scenario", sorted(SCENARIOS.keys() - {"careless", "create"}))
@pytest.mark.parametrize("how", [JOURNAL_WRITTEN, JOURNAL_LOST], ids=["journal", "no journal"])
def test_a_power_cut_leaves_the_old_vault_or_the_new_one(
    scenario: str, how: int, disk: tuple[Path, Path, str], prove: Callable[..., None]
) -> None:
    device, mount, options = disk

    prove(
        scenario,
        "cut_power_everywhere",
        device=str(device),
        mount=str(mount),
        options=options,
        how=how,
        step=1,
    )


@pytest.mark.exhaustive
def test_the_judge_condemns_a_change_that_does_not_sync(
    disk: tuple[Path, Path, str], injector: Injector
) -> None:
    device, mount, options = disk

    tally = injector.run(
        "careless",
        "cut_power_everywhere",
        device=str(device),
        mount=str(mount),
        options=options,
        how=JOURNAL_LOST,
        step=1,
    )

    assert any("success was reported" in fault for fault in tally.faults)
