"""An archive that is usual by its names alone meets no limit of a reader."""

import io
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autoresumefiller.archive.extent import is_usual
from autoresumefiller.archive.faults import OF_SIZE
from autoresumefiller.archive.limits import DEFAULT_LIMITS
from autoresumefiller.archive.reader import ArchiveReader
from tests.vectors.zip_parts import Part, build

TIGHT = replace(
    DEFAULT_LIMITS, max_entries=6, max_folders=8, max_central_bytes=1_000, max_text_bytes=4_000
)
STEP = st.sampled_from(["a", "b", "long-" * 9, "é", "\N{GRINNING FACE}" * 4])
NAMES = st.lists(st.lists(STEP, min_size=1, max_size=9).map("/".join), max_size=9, unique=True).map(
    sorted
)


@given(NAMES)
@example(["/".join("a" * 9) + "/f"])
@example([f"{'é' * 60}{n}" for n in range(6)])
def test_no_usual_archive_is_refused_for_its_size(names: list[str]) -> None:
    archive = build([Part(name.encode(), b"x") for name in names])
    found = ArchiveReader(io.BytesIO(archive), TIGHT).structure.findings
    if is_usual(((name, name) for name in names), TIGHT):
        assert [finding for finding in found if finding.code in OF_SIZE] == []


@pytest.mark.parametrize(
    ("names", "usual"),
    [
        ([], True),
        (["data/a", "resumes/b/c", "resumes/b/d"], True),
        ([f"resumes/{number}" for number in range(7)], False),
        (["resumes/" + "a/" * 8 + "f"], False),
        ([f"resumes/{'x' * 250}{number}" for number in range(5)], False),
    ],
    ids=["nothing", "little", "many", "deep", "long"],
)
def test_what_may_meet_a_limit_is_not_usual(names: list[str], usual: bool) -> None:
    assert is_usual(((name, name) for name in names), TIGHT) is usual


def test_a_hundred_thousand_files_of_ordinary_names_are_usual() -> None:
    names = [f"cover_letters/2025/letter to company number {n}.pdf" for n in range(100_000)]
    assert is_usual((name, name) for name in names)
    assert not is_usual((f"{name}{'é' * 60}", name) for name in names)
