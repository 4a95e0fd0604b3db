"""Where the milliseconds go: what an export and an import cannot do without, each by itself.

``python -m benchmarks.parts export|import PART VAULT ARCHIVE OUT`` does one
part on one core, with nothing around it, and prints its seconds: reading every
file, hashing every byte, and so on, by the same codecs and system calls as
ours. What hashes and compresses can be shared by the cores; the sum over the
cores is the floor for whoever reads once, hashes, compresses and syncs.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from autoresumefiller.archive.compression import Buffer, crc32, inflate_whole
from autoresumefiller.archive.effort import effort_for
from autoresumefiller.archive.packing import compress
from autoresumefiller.archive.reader import ArchiveReader
from autoresumefiller.archive.records import DEFLATED
from autoresumefiller.archive.round_trip import reads_back
from benchmarks.corpora import MEMBERS

_CHUNK_BYTES = 1 << 20
_taken = 0.0


@contextmanager
def _timed() -> Iterator[None]:
    global _taken  # noqa: PLW0603 - one number of a program that measures one thing
    started = time.perf_counter()
    yield
    _taken += time.perf_counter() - started


class Trip:
    """Where things are: the vault, an archive of it, a place to write to."""

    def __init__(self, vault: str, archive: str, out: str) -> None:
        self.vault, self.archive, self.out = Path(vault), Path(archive), Path(out)

    def paths(self) -> list[str]:
        """Return every file of the vault."""
        return [
            f"{folder}/{name}"
            for member in MEMBERS
            for folder, _, names in os.walk(self.vault / member)
            for name in names
        ] + [str(self.vault / "config.yaml")]

    def contents(self) -> Iterator[bytes]:
        """Yield what the files hold, one at a time."""
        return map(_read_file, self.paths())


def _read_file(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        data = os.read(descriptor, size)
        os.fstat(descriptor)
    finally:
        os.close(descriptor)
    return data


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


# --- parts of an export --------------------------------------------------------


def scan(trip: Trip) -> None:
    with _timed():
        waiting = [str(trip.vault / member) for member in MEMBERS if member != "config.yaml"]
        while waiting:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)


def read(trip: Trip) -> None:
    paths = trip.paths()
    with _timed():
        for path in paths:
            _read_file(path)


def hash_content(trip: Trip) -> None:
    for data in trip.contents():
        with _timed():
            hashlib.sha256(data).hexdigest()
            crc32(data)


def compress_content(trip: Trip) -> None:
    effort = effort_for((path, Path(path).stat().st_size) for path in trip.paths())
    for data in trip.contents():
        with _timed():
            compress(data, effort)


def write(trip: Trip) -> None:
    with trip.out.open("wb", buffering=0) as file:
        for chunk in _chunks(trip.archive):
            with _timed():
                file.write(chunk)


def sync(trip: Trip) -> None:
    with trip.out.open("wb", buffering=0) as file:
        for chunk in _chunks(trip.archive):
            file.write(chunk)
        with _timed():
            os.fsync(file.fileno())


def read_back(trip: Trip) -> None:
    with trip.archive.open("rb") as file, _timed():
        if not reads_back(file, workers=0):
            raise SystemExit("the archive does not read back")


# --- parts of an import --------------------------------------------------------


def read_archive(trip: Trip) -> None:
    chunks = _chunks(trip.archive)
    with _timed():
        for _ in chunks:
            pass


def _members(trip: Trip) -> Iterator[tuple[str, Buffer, int, int, bool]]:
    with trip.archive.open("rb") as file:
        reader = ArchiveReader(file)
        for member in reader.structure.members:
            data = reader.file.read(member.offset, member.compressed_size)
            yield member.name, data, member.size, member.crc, member.method == DEFLATED


def inflate(trip: Trip) -> None:
    for _, data, size, crc, deflated in _members(trip):
        with _timed():
            if deflated:
                inflate_whole(data, size, crc=crc)


def write_files(trip: Trip) -> None:
    trip.out.mkdir()
    for number, data in enumerate(trip.contents()):
        with _timed():
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            descriptor = os.open(f"{trip.out}/{number}", flags, 0o600)
            os.write(descriptor, data)
            os.utime(descriptor, ns=(0, 0))
            os.close(descriptor)


def move_files(trip: Trip) -> None:
    trip.out.mkdir()
    places = [trip.out / name for name in ("staged", "live")]
    for place in places:
        place.mkdir()
    paths = range(len(trip.paths()))
    staged, live = ([f"{place}/{number}" for number in paths] for place in places)
    for path in staged:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with _timed():
        for source, target in zip(staged, live, strict=True):
            os.rename(source, target)  # noqa: PTH104 - what an import does


def sync_files(trip: Trip) -> None:
    trip.out.mkdir()
    for number, data in enumerate(trip.contents()):
        (trip.out / str(number)).write_bytes(data)
    with _timed():
        os.sync()


Part = Callable[[Trip], None]

# By name; True for what the cores can share.
EXPORT: dict[str, tuple[Part, bool]] = {
    "scan": (scan, False),
    "read": (read, True),
    "hash (SHA-256, CRC-32)": (hash_content, True),
    "sample and compress": (compress_content, True),
    "write": (write, False),
    "fsync": (sync, False),
    "read back": (read_back, True),
}
IMPORT: dict[str, tuple[Part, bool]] = {
    "read the archive": (read_archive, True),
    "decompress": (inflate, True),
    "hash (SHA-256, CRC-32)": (hash_content, True),
    "create, write and date files": (write_files, True),
    "sync": (sync_files, False),
    "move them into place": (move_files, False),
    "read the live files again": (read, True),
    "hash them again": (hash_content, True),
}


def main(arguments: Sequence[str]) -> None:
    what, part, *places = arguments
    (EXPORT if what == "export" else IMPORT)[part][0](Trip(*places))
    print(json.dumps({"seconds": _taken, "peak_bytes": 0}))


if __name__ == "__main__":
    main(sys.argv[1:])
