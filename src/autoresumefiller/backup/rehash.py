"""Reading back what an import made live, while it can still be undone.

Small files are read in batches: what 100,000 of them cost is the calls, not
the hashing, and a queue entry for each would take more memory than their
contents.
"""

import hashlib
import os
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from autoresumefiller.archive.buffers import LEAST_BYTES, Buffers
from autoresumefiller.backup.meter import Meter
from autoresumefiller.errors import StorageError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import storage
from autoresumefiller.workers import Task, Workers

_BATCH_FILES = 256
_BATCH_BYTES = 1 << 20
_BUFFER_BYTES = 1 << 18  # fits the second-level cache with its hash


class Fresh(NamedTuple):
    """A file that must be live after the swap, with this content.

    Attributes:
        path: In the vault.
        size: In bytes.
        sha256: 64 lower-case hexadecimal digits.

    """

    path: str
    size: int
    sha256: str


def hash_again(root: Path, files: Iterable[Fresh], meter: Meter, *, workers: int) -> str:
    """Hash what is live now, compare it with what was proven; return the last file's path or "".

    Args:
        root: Of the vault.
        files: What must be there.
        meter: Told of each file.
        workers: Threads.

    Raises:
        StorageError: a file cannot be read, or is not what it should be.
        Exception: what the meter's callback raises; no thread is left.

    """
    last = ""
    buffers = Buffers()
    with Workers(workers) as pool:
        waiting: deque[tuple[list[Fresh], Task[Fresh | None]]] = deque()
        for batch in _batches(files):
            check = partial(_first_wrong, os.fspath(root), batch, buffers)
            waiting.append((batch, pool.submit(check)))
            last = batch[-1].path
            if len(waiting) > 2 * pool.count:
                _settle(*waiting.popleft(), meter)
        while waiting:
            _settle(*waiting.popleft(), meter)
    return last


def _batches(files: Iterable[Fresh]) -> Iterator[list[Fresh]]:
    batch: list[Fresh] = []
    total = 0
    for file in files:
        batch.append(file)
        total += file.size
        if len(batch) == _BATCH_FILES or total >= _BATCH_BYTES:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch


def _settle(batch: list[Fresh], task: Task[Fresh | None], meter: Meter) -> None:
    wrong = task.result()
    for file in batch:
        if file is wrong:
            raise StorageError(
                f"{printable(file.path)} reads back differently from what was written",
                path=file.path,
                consequence="The import was undone: your vault is as it was.",
                hint="Check the disk, and the memory of this computer, before trying again.",
            )
        meter(file.path, file.size)


def _first_wrong(root: str, batch: list[Fresh], buffers: Buffers) -> Fresh | None:
    buffer = buffers.take(_BUFFER_BYTES)
    try:
        for file in batch:
            # As text: a Path for each of 100,000 files would take longer than hashing it.
            with storage("read", file.path):
                if _sha256(f"{root}/{file.path}", file.size, buffer) != file.sha256:
                    return file
    finally:
        buffers.give(buffer)
    return None


def _sha256(path: str, size: int, buffer: memoryview) -> str:
    """Hash a file of about this size: a small one takes three calls of the system, not six."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        if size < LEAST_BYTES:
            data = os.read(descriptor, size + 1)  # one more byte than there should be
            if len(data) == size:
                return hashlib.sha256(data).hexdigest()
            os.lseek(descriptor, 0, os.SEEK_SET)
        digest = hashlib.sha256()
        with open(descriptor, "rb", buffering=0, closefd=False) as file:
            while count := file.readinto(buffer):
                digest.update(buffer[:count])
        return digest.hexdigest()
    finally:
        os.close(descriptor)
