"""The vaults that are measured: built from a seed, the same on every machine.

Building takes much memory for a moment, so the benchmark builds them in a
process of its own::

    python -m benchmarks.corpora mixed 100000000 .cache/benchmarks/mixed-100000000
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.english import english
from tools.sample_vault import build_sample_vault

MEMBERS = ("config.yaml", "cover_letters", "data", "resumes")
"""What an export carries, and so what every other tool is given."""

_PROSE_FILE_BYTES = 490_000
_CHUNK_BYTES = 1 << 20
_TEXT_SHARE = 0.05

_MIB = 1 << 20
_HEAVY_FILES = (
    # Under what name, how many of 306 MiB, size, and how much of that is text behind noise.
    ("Portfolio {:03d}.pdf", 120, 15 * _MIB, 4 / 15),
    ("Scan {:03d}.pdf", 96, 4 * _MIB, 1 / 2),
    ("Transcript {:03d}.txt", 90, 15 * _MIB, 1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """A vault on disk.

    Attributes:
        name: Its kind.
        root: The vault.
        files: How many files an export carries.
        total_bytes: Their sizes together.

    """

    name: str
    root: Path
    files: int
    total_bytes: int


def corpus(name: str, amount: int, cache: Path) -> Corpus:
    """Return a corpus, built unless it is there already.

    Args:
        name: A key of `BUILDERS`.
        amount: Bytes; for ``small`` the number of files.
        cache: Where corpora are kept.

    """
    root = cache / f"{name}-{amount}"
    if not root.is_dir():
        draft = root.with_name(f"{root.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        command = [sys.executable, "-m", "benchmarks.corpora", name, str(amount), str(draft)]
        subprocess.run(command, check=True)
        draft.rename(root)
    sizes = [path.stat().st_size for path in files_of(root)]
    return Corpus(name=name, root=root, files=len(sizes), total_bytes=sum(sizes))


def files_of(root: Path) -> Iterator[Path]:
    """Yield every file of a vault that an export carries."""
    for member in MEMBERS:
        path = root / member
        if path.is_file():
            yield path
        yield from (below for below in path.rglob("*") if below.is_file())


def _mixed(root: Path, amount: int) -> None:
    build_sample_vault(root, target_bytes=amount)


def _prose(root: Path, amount: int) -> None:
    build_sample_vault(root)
    random = Random(2)
    number = 0
    while amount > 0:
        size = min(amount, random.randint(_PROSE_FILE_BYTES // 4, _PROSE_FILE_BYTES * 7 // 4))
        path = root / "resumes" / f"notes {number // 50}" / f"Notes {number:05d}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(english(random, size), encoding="utf-8")
        amount -= size
        number += 1


def _small(root: Path, amount: int) -> None:
    build_sample_vault(root)
    random = Random(3)
    text = english(random, 1_000_000)
    for number in range(amount):
        path = root / "cover_letters" / f"{number // 1000:03d}" / f"Letter {number:06d}.txt"
        path.parent.mkdir(exist_ok=True)
        start = random.randrange(len(text) - 4000)
        path.write_text(text[start : start + random.randint(200, 4000)], encoding="utf-8")


def _one_large(root: Path, amount: int) -> None:
    build_sample_vault(root)
    _large_file(root / "resumes" / "application video.mp4", amount, Random(4))


def _everything(root: Path, amount: int) -> None:
    """One file has half of all bytes; every other tenth of a megabyte is a small letter."""
    build_sample_vault(root, target_bytes=amount * 45 // 100)
    _large_file(root / "resumes" / "application video.mp4", amount // 2, Random(5))
    random = Random(6)
    text = english(random, 1_000_000)
    for number in range(amount // 100_000):
        path = root / "cover_letters" / f"{number // 1000:03d}" / f"Letter {number:06d}.txt"
        path.parent.mkdir(exist_ok=True)
        start = random.randrange(len(text) - 9000)
        path.write_text(text[start : start + random.randint(200, 9000)], encoding="utf-8")


def _heavy(root: Path, amount: int) -> None:
    """Files just small enough to be packed in one buffer, which takes most memory.

    All of them shrink, so that what they become is held beside what they are.
    """
    build_sample_vault(root)
    random = Random(7)
    whole = sum(share for _, share, _, _ in _HEAVY_FILES)
    for name, share, file_bytes, text_share in _HEAVY_FILES:
        rest = amount * share // whole
        for number in range(-(-rest // file_bytes)):
            size = min(file_bytes, rest - number * file_bytes)
            text_bytes = round(size * text_share)
            text = english(random, text_bytes).encode()[:text_bytes]
            path = root / "resumes" / name.format(number)
            path.write_bytes(random.randbytes(size - len(text)) + text)


def _large_file(path: Path, size: int, random: Random) -> None:
    """Write what does not shrink, with text here and there, as a container file has it."""
    text = english(random, _CHUNK_BYTES).encode()[:_CHUNK_BYTES]
    with path.open("wb") as file:
        while size > 0:
            is_text = random.random() < _TEXT_SHARE
            piece = text if is_text else random.randbytes(_CHUNK_BYTES)
            file.write(piece[:size])
            size -= len(piece)


BUILDERS: dict[str, Callable[[Path, int], None]] = {
    "mixed": _mixed,
    "prose": _prose,
    "small": _small,
    "large": _one_large,
    "everything": _everything,
    "heavy": _heavy,
}

if __name__ == "__main__":
    BUILDERS[sys.argv[1]](Path(sys.argv[3]), int(sys.argv[2]))
