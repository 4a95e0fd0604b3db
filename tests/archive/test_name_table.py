"""Names of an archive that would meet somewhere are found, however many folders there are."""

import pytest

from autoresumefiller.archive.name_table import NameTable


def codes(*names: str, most: int = 100, most_text: int = 1 << 20) -> list[str]:
    table = NameTable(most=most, most_text=most_text)
    return [finding.code if (finding := table.add(name)) else "" for name in names]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a/b", "a/c"], ["", ""]),
        (["a/", "a/b"], ["", ""]),
        (["a/b", "a/"], ["", ""]),  # an entry for a folder that is there already
        (["a/b", "a/", "a/"], ["", "", "duplicate_name"]),
        (["a/b", "a/b"], ["", "duplicate_name"]),
        (["a/b", "a/B"], ["", "twin_names"]),
        (["a/b", "A/c"], ["", "twin_names"]),
        (["a/b/", "a/B/"], ["", "twin_names"]),
        (["a/e\u0301", "a/\u00e9"], ["", "twin_names"]),
        (["a/b", "a/b/"], ["", "file_and_folder"]),
        (["a/b/", "a/b"], ["", "file_and_folder"]),
        (["a/b", "a/b/c"], ["", "file_and_folder"]),
        (["a/b/c", "a/b"], ["", "file_and_folder"]),
        (["a/b/c", "a/B"], ["", "file_and_folder"]),  # what is worse is said
    ],
)
def test_names_that_meet_are_told(names: list[str], expected: list[str]) -> None:
    assert codes(*names) == expected


def test_folders_that_a_name_implies_count() -> None:
    assert codes("a/b/c/d", "e", "f", most=5) == ["", "", "too_many_entries"]


def test_the_paths_of_implied_folders_are_bounded() -> None:
    deep = "/".join(["a"] * 100)
    assert codes(f"{deep}/b", f"{deep}/c", most=200, most_text=9000) == ["", "too_large"]
    assert codes(f"{deep}/b", f"{deep}/c", most=200, most_text=11_000) == ["", ""]


def test_after_the_last_that_there_is_room_for_nothing_more_is_said() -> None:
    table = NameTable(most=1)
    assert table.add("a") is None
    full = table.add("b")
    assert full is not None
    assert table.full
    assert table.add("a") is None


def test_a_name_may_imply_thousands_of_folders() -> None:
    deep = "/".join(["a"] * 8000)
    assert codes(f"{deep}/b", f"{deep}/B", most=10_000, most_text=1 << 30) == ["", "twin_names"]
