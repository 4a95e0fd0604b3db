"""The journal of a change: what is read is what was written, or nothing at all."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.errors import RecoveryError, VaultLayoutError
from autoresumefiller.vault.journal import (
    JOURNAL,
    Directory,
    Heading,
    Installed,
    Journal,
    ancestors,
    read_heading,
    read_journal,
    write_journal,
)

NAMES = st.text(min_size=1, max_size=8).filter(lambda name: name.isprintable())
HEADING = Heading(
    identity="00" * 16,
    description="import of x.zip",
    created="2025-11-29T12:00:00+00:00",
    undoable=True,
    forgets_undo=False,
    source=".state/staging/1/tree",
)
SMALL = Journal(
    heading=HEADING,
    installed=(Installed("resumes/a", 3, 10**18), Installed("data/b", 0, -1)),
    displaced=("resumes/a", "resumes/ü\udcff"),
    created_directories=(Directory("data", 0o700),),
    removed_directories=(Directory("resumes/old", 0o755),),
)


@given(
    st.lists(st.builds(Installed, NAMES, st.integers(0), st.integers()), max_size=3),
    st.lists(NAMES, max_size=3),
    st.lists(st.builds(Directory, NAMES, st.integers(0, 0o7777)), max_size=2),
)
def test_a_journal_is_read_as_it_was_written(
    installed: list[Installed], displaced: list[str], directories: list[Directory]
) -> None:
    journal = Journal(
        heading=HEADING,
        installed=tuple(installed),
        displaced=tuple(displaced),
        created_directories=tuple(directories),
        removed_directories=(),
    )
    assert Journal.from_lines(journal.lines()) == journal


def test_it_is_one_heading_and_a_line_for_each_file(tmp_path: Path) -> None:
    write_journal(tmp_path, SMALL)
    lines = (tmp_path / JOURNAL).read_text().splitlines()
    assert len(lines) == 1 + len(SMALL.installed) + len(SMALL.displaced)
    assert lines[1:] == [
        f'["resumes/a", 3, {10**18}]',
        '["data/b", 0, -1]',
        '"resumes/a"',
        '"resumes/\\u00fc\\udcff"',
    ]
    assert read_journal(tmp_path) == SMALL


@pytest.mark.parametrize("filled", [b"", bytes(4096)], ids=["cut off", "zeros instead"])
def test_a_journal_torn_anywhere_is_never_taken_for_a_smaller_change(
    tmp_path: Path, filled: bytes
) -> None:
    """Writing it cannot leave that, because it gets its name when it is synced. A disk may."""
    write_journal(tmp_path, SMALL)
    whole = (tmp_path / JOURNAL).read_bytes()
    end = len(whole) - (not filled)  # without its last newline it is whole
    for cut in range(end):
        (tmp_path / JOURNAL).write_bytes(whole[:cut] + filled)
        with pytest.raises(RecoveryError, match="cannot be understood"):
            read_journal(tmp_path)


@pytest.mark.parametrize("line", range(5))
@pytest.mark.parametrize("times", [0, 2])
def test_a_journal_with_a_line_missing_or_doubled_is_refused(
    tmp_path: Path, line: int, times: int
) -> None:
    lines = [*SMALL.lines()]
    lines[line : line + 1] = times * [lines[line]]
    (tmp_path / JOURNAL).write_text("".join(lines))
    with pytest.raises(RecoveryError, match="cannot be understood"):
        read_journal(tmp_path)


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('["data/b", 0, -1]', '["data/b", 1e999, -1]'),
        ('["data/b", 0, -1]', '["data/b", 0]'),
        ('["data/b", 0, -1]', "null"),
        ('["data/b", 0, -1]', "[" * 100_000),
        ('["data/b", 0, -1]', '["data/\\ud800", 0, -1]'),
        ('["data/b", 0, -1]', '[["data"], 0, -1]'),
        ('["data/b", 0, -1]', '["data/\\u0000", 0, -1]'),
        (SMALL.heading.created, "0001-01-01T00:00:00+14:00"),
        ("448", "-1"),
        ("448", "65536"),
        ("448", "1e400"),
        ('"installed": 2', '"installed": 9e999'),
        ('"source": ".state/', '"source": "\\ud800/'),
    ],
)
def test_values_that_we_never_write_are_refused(tmp_path: Path, written: str, instead: str) -> None:
    text = "".join(SMALL.lines())
    assert written in text
    (tmp_path / JOURNAL).write_text(text.replace(written, instead))
    with pytest.raises(RecoveryError, match="cannot be understood"):
        read_journal(tmp_path)


def test_a_pipe_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / JOURNAL)
    for read in (read_journal, read_heading):
        with pytest.raises(VaultLayoutError, match="not a regular file"):
            read(tmp_path)


def test_the_folders_above_a_path_are_known_at_any_depth() -> None:
    assert ancestors("config.yaml") == []
    assert ancestors("resumes/a/b/c") == ["resumes", "resumes/a", "resumes/a/b"]
    deep = "resumes/" + 1900 * "a/" + "f"
    assert ancestors(deep)[-1] + "/f" == deep
    assert len(ancestors(deep)) == 1901
