"""Build a vault as a person could have one, of any size, the same each time.

Used by `make run`, the tests and the benchmarks::

    build_sample_vault(Path("sample/vault"))             # 19 files, 0.2 MB
    build_sample_vault(path, target_bytes=100_000_000)   # 60 % PDF, 30 % DOCX, 10 % text
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tools.sample_content import CONFIG, DATA_FILES, LETTERS, NOTES, PROFILE, RESUMES
from tools.sample_documents import (
    Content,
    docx,
    docx_with_picture,
    noise_png,
    pdf,
    pdf_with_attachment,
    prose,
)

# 2024-01-01T00:00:00Z and an hour and a bit for each file: odd seconds included.
_FIRST_MTIME = 1_704_067_200
_MTIME_STEP = 3_661

# The mix that DESIGN's measurements were made on: about 500 kB a file.
_BULK_DOCUMENT_BYTES = 490_000
_BULK_KINDS = ("pdf",) * 6 + ("docx",) * 3 + ("txt",)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleVault:
    """What was built.

    Attributes:
        root: The vault.
        files: Paths relative to the root, POSIX separators, sorted: what an export carries.
        total_bytes: The sum of their sizes.

    """

    root: Path
    files: tuple[str, ...]
    total_bytes: int


def build_sample_vault(root: Path, *, target_bytes: int = 0, seed: int = 1) -> SampleVault:
    """Create a vault at ``root``, which must not exist.

    Args:
        root: The new vault's directory.
        target_bytes: Add documents of a realistic mix until the files have at
            least so many bytes together; 0 for the small set alone.
        seed: Another seed gives other documents under the same names.

    Raises:
        FileExistsError: ``root`` is there already.

    """
    root.mkdir(parents=True)
    root.chmod(0o700)
    random = Random(seed)  # noqa: S311 - the same documents each time is the point
    vault = _Writing(root)
    vault.put("data/user_profile.json", _json(PROFILE))
    vault.put("config.yaml", CONFIG.encode())
    for path, text in DATA_FILES.items():
        vault.put(path, text.encode())
    picture = noise_png(random, 8_000)
    for path, content in (*RESUMES, *LETTERS):
        vault.put(path, _document(path, _elaborate(content, random), picture))
    for path, text in NOTES.items():
        vault.put(path, text.encode())
    for path, data in _bulk(random, target_bytes - vault.total_bytes):
        vault.put(path, data)
    for folder in ("cover_letters/drafts", "backups", "logs"):
        vault.folder(folder)
    vault.log("logs/app.log", b"2024-01-01 00:00:00 INFO started\n")
    return SampleVault(root=root, files=tuple(sorted(vault.files)), total_bytes=vault.total_bytes)


class _Writing:
    """Private files with old and different modification times."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.files: list[str] = []
        self.total_bytes = 0

    def folder(self, path: str) -> None:
        at = self._root
        for part in path.split("/"):
            at /= part
            if not at.is_dir():
                at.mkdir(mode=0o700)

    def put(self, path: str, data: bytes) -> None:
        self.log(path, data)
        self.files.append(path)
        self.total_bytes += len(data)

    def log(self, path: str, data: bytes) -> None:
        """Write a file that no export carries."""
        self.folder(path.rpartition("/")[0]) if "/" in path else None
        file = self._root / path
        file.write_bytes(data)
        file.chmod(0o600)
        mtime = _FIRST_MTIME + _MTIME_STEP * len(self.files)
        os.utime(file, (mtime, mtime))


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _elaborate(content: Content, random: Random) -> Content:
    more = prose(random, random.randint(500, 6_000)).splitlines()
    return Content(title=content.title, paragraphs=(*content.paragraphs, *more))


def _document(path: str, content: Content, picture: bytes) -> bytes:
    if path.endswith(".pdf"):
        return pdf(content)
    if path.endswith(".docx"):
        return docx(content, picture)
    return "\n\n".join((content.title, *content.paragraphs)).encode()


def _bulk(random: Random, wanted: int) -> Iterator[tuple[str, bytes]]:
    """Yield documents until ``wanted`` bytes are reached, a year's folder for every fifty."""
    if wanted <= 0:
        return
    content = Content(title="Application", paragraphs=prose(random, 3_000).splitlines())
    base_pdf = pdf(content)
    base_docx = docx(content, noise_png(random, 8_000))
    make: dict[str, Callable[[int], bytes]] = {
        "pdf": lambda size: pdf_with_attachment(base_pdf, "scan.png", noise_png(random, size)),
        "docx": lambda size: docx_with_picture(base_docx, noise_png(random, size)),
        "txt": lambda size: prose(random, size).encode(),
    }
    number = 0
    while wanted > 0:
        kind = _BULK_KINDS[number % len(_BULK_KINDS)]
        size = random.randint(_BULK_DOCUMENT_BYTES // 4, _BULK_DOCUMENT_BYTES * 7 // 4)
        data = make[kind](min(size, max(wanted, 4_000)))
        folder = "cover_letters" if number % 4 == 3 else "resumes"  # noqa: PLR2004
        yield f"{folder}/archive {2000 + number // 50}/Application {number:05d}.{kind}", data
        wanted -= len(data)
        number += 1
