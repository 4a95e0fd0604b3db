"""A vault of documents is packed sooner, one of text smaller; either way it is the same content."""

import random
import zipfile
from pathlib import Path

import pytest

from autoresumefiller.archive.compression import BRISK_FROM, deflate_whole, inflate_whole
from autoresumefiller.archive.effort import MOST_TEXT, Effort, effort_for
from autoresumefiller.archive.writer import ArchiveWriter, Source
from benchmarks.english import english

LONG = english(random.Random(1), 2 * BRISK_FROM).encode()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([], Effort.BRISK),
        ([("data/user_profile.json", 4000)], Effort.SMALLEST),
        ([("resumes/a.pdf", 900), ("resumes/b.txt", 100)], Effort.BRISK),
        ([("resumes/A.PDF", 900), ("cover_letters/photo.JPG", 50)], Effort.BRISK),
        ([("resumes/a.pdf", 500), ("resumes/b.txt", 500)], Effort.SMALLEST),
        ([("resumes/a.unknown", 900), ("resumes/b.docx", 100)], Effort.SMALLEST),
        ([("resumes/pdf", 100)], Effort.SMALLEST),
        ([("resumes/edge.pdf", 800), ("resumes/edge.md", 200)], Effort.BRISK),
    ],
)
def test_text_counts_by_its_share_of_the_bytes(
    files: list[tuple[str, int]], expected: Effort
) -> None:
    assert effort_for(files) is expected


def test_haste_costs_a_few_percent_of_the_text_and_nothing_of_what_is_small() -> None:
    smallest, brisk = (bytes(deflate_whole(LONG, effort)) for effort in Effort)
    assert len(smallest) < len(brisk) < 1.06 * len(smallest)
    assert inflate_whole(brisk, len(LONG)) == LONG
    small = LONG[: BRISK_FROM - 1]
    assert deflate_whole(small, Effort.BRISK) == deflate_whole(small)


def test_the_loss_stays_below_a_hundredth_of_the_archive() -> None:
    # Where most of the text is that `effort_for` lets pass, packed to a quarter.
    text = len(deflate_whole(LONG))
    noise = len(LONG) * (1 - MOST_TEXT) / MOST_TEXT
    loss = len(deflate_whole(LONG, Effort.BRISK)) - text
    assert loss / (text + noise) < 0.01


@pytest.mark.parametrize("effort", Effort)
def test_an_archive_of_either_kind_holds_the_same(tmp_path: Path, effort: Effort) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(LONG)
    with (tmp_path / "out.zip").open("w+b") as file:
        with ArchiveWriter(file) as writer:
            source = Source("resumes/letter.txt", path, len(LONG))
            (record,) = writer.add_files([source], effort=effort).records
            writer.close()
        with zipfile.ZipFile(file) as opened:
            assert opened.read(record.path) == LONG
