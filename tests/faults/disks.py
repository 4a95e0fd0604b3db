"""Disks for tests: file systems in files and in memory, mounted as root."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.environment import end_test, require_tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """A mounted file system.

    Attributes:
        device: What is mounted.
        mount: Where.
        options: How.

    """

    device: Path
    mount: Path
    options: str

    def mount_as(self, options: str) -> None:
        """Mount it in another way, without unmounting it."""
        command = ["mount", "-o", f"remount,{options}", self.mount]
        subprocess.run(command, check=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a kind of file system is made: its program, its size, how it is mounted."""

    program: str
    flags: tuple[str, ...]
    size_bytes: int
    options: str


# ext4 spares programs that forget to fsync; without auto_da_alloc it does not. XFS never did.
KINDS = {
    "ext4": Kind(
        program="mkfs.ext4",
        flags=("-q", "-F"),
        size_bytes=64 << 20,
        options="loop,noauto_da_alloc,errors=remount-ro",
    ),
    "xfs": Kind(program="mkfs.xfs", flags=("-q", "-f"), size_bytes=320 << 20, options="loop"),
}


# Less memory than the disk claims to have: what is written to its content fails, like a drive's
# bad sectors. Its own tables have their pages before, and it has no journal that would end it.
_FAILING_FLAGS = (
    *("-q", "-F", "-N", "2000", "-O", "^has_journal"),
    *("-E", "packed_meta_blocks=1,lazy_itable_init=0,nodiscard"),
)
_FAILING_BYTES = 200 << 20
_TABLES_BYTES = 16 << 20


@contextmanager
def failing_disk(directory: Path) -> Iterator[Disk]:
    """Mount a disk on which some 20 MB can be written, though it takes 200."""
    with disk_in_memory(f"size={36 << 20}", directory) as memory:
        image = memory.mount / "disk.img"
        with image.open("wb") as file:
            file.truncate(_FAILING_BYTES)
        subprocess.run([require_tool("mkfs.ext4"), *_FAILING_FLAGS, image], check=True)
        with image.open("r+b") as file:
            tables = file.read(_TABLES_BYTES)
            file.seek(0)
            file.write(tables)
        disk = Disk(device=image, mount=directory / "failing", options="loop,nodiscard")
        with _mounted(disk):
            yield disk


@contextmanager
def layer_on(disk: Disk, directory: Path) -> Iterator[Disk]:
    """Mount an overlay, as containers have it, that keeps what is written on a disk."""
    below, above, work = directory / "below", disk.mount / "above", disk.mount / "work"
    for path in (below, above, work):
        path.mkdir()
    layer = Disk(
        device=Path("overlay"),
        mount=directory / "layer",
        options=f"lowerdir={below},upperdir={above},workdir={work}",
    )
    with _mounted(layer, "-t", "overlay"):
        yield layer


@contextmanager
def disk_in_file(kind: str, directory: Path) -> Iterator[Disk]:
    """Make a file system of a kind and mount it; without root the test ends, loudly."""
    _require_root()
    how = KINDS[kind]
    image = directory / "disk.img"
    with image.open("wb") as file:
        file.truncate(how.size_bytes)
    subprocess.run([require_tool(how.program), *how.flags, image], check=True)
    with _mounted(Disk(device=image, mount=directory / "disk", options=how.options)) as disk:
        yield disk


@contextmanager
def disk_in_memory(options: str, directory: Path) -> Iterator[Disk]:
    """Mount a tmpfs; without root the test ends, loudly."""
    _require_root()
    disk = Disk(device=Path("tmpfs"), mount=directory / "small", options=f"{options},mode=700")
    with _mounted(disk, "-t", "tmpfs"):
        yield disk


@contextmanager
def _mounted(disk: Disk, *flags: str) -> Iterator[Disk]:
    disk.mount.mkdir()
    command = ["mount", *flags, "-o", disk.options, disk.device, disk.mount]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        end_test("this machine does not let root mount a file system (a container?)")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", disk.mount], check=True)


def _require_root() -> None:
    if sys.platform != "linux":
        pytest.skip("only on Linux: disks for tests")
    if os.geteuid() != 0:
        end_test("mounting a file system needs root")
