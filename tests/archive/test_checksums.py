"""SHA256SUMS: what we write, sha256sum reads; what it writes, we read."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.archive.checksums import encode, parse
from autoresumefiller.archive.limits import Limits
from autoresumefiller.model.metadata import FileRecord

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda name: not name.startswith("./")
)
SUMS = st.text("0123456789abcdef", min_size=64, max_size=64)


def record(name: str, digest: str) -> FileRecord:
    return FileRecord(path=name, size_bytes=0, checksum_sha256=digest)


@given(st.dictionaries(NAMES, SUMS, max_size=5))
def test_any_name_survives(sums: dict[str, str]) -> None:
    assert parse(encode(record(name, digest) for name, digest in sums.items())) == sums


@pytest.mark.parametrize("options", [[], ["--binary"], ["--text"]])
def test_what_sha256sum_writes_is_read(
    tmp_path: Path, require_tool: Callable[[str], Path], options: list[str]
) -> None:
    names = ["plain.txt", "with space", "back\\slash", "line\nfeed", "car\rriage", "ü"]
    for name in names:
        (tmp_path / name).write_text(name)
    tool = str(require_tool("sha256sum"))
    output = subprocess.run(
        [tool, *options, "--", *names], cwd=tmp_path, stdout=subprocess.PIPE, check=True
    ).stdout
    assert list(parse(output)) == names
    ours = tmp_path.with_suffix(".sums")
    ours.write_bytes(encode(record(name, digest) for name, digest in parse(output).items()))
    subprocess.run([tool, "--strict", "--quiet", "-c", str(ours)], cwd=tmp_path, check=True)


@pytest.mark.parametrize(
    "line",
    [
        b"hello",
        b"0" * 63 + b"  a",
        b"0" * 64 + b" a",
        b"0" * 64 + b"  ",
        b"g" * 64 + b"  a",
        b"0" * 64 + b"  ./",
    ],
)
def test_another_form_is_refused_with_its_line(line: bytes) -> None:
    with pytest.raises(ValueError, match="line 2"):
        parse(b"0" * 64 + b"  fine\n" + line + b"\n")


@pytest.mark.parametrize(
    ("text", "what"),
    [(b"0" * 64 + b"  \xff", "UTF-8"), (b"0" * 64 + b"  a\n" + b"1" * 64 + b"  a", "contradicts")],
)
def test_what_cannot_be_right_is_refused(text: bytes, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        parse(text)


def test_lines_are_counted_where_many_are_empty() -> None:
    with pytest.raises(ValueError, match="line 1000003"):
        parse(b"0" * 64 + b"  a\r\n" + b"\n" * 500_000 + b"\r\n" * 500_001 + b"\rx\n")


def test_as_many_files_as_no_backup_has_are_refused() -> None:
    limits = Limits(max_entries=3)
    lines = [b"0" * 64 + b"  %d\n" % number for number in range(6)]
    assert len(parse(b"".join(lines[:5]), limits)) == 5
    with pytest.raises(ValueError, match="line 6 is one too many"):
        parse(b"".join(lines), limits)


def test_names_that_would_fill_the_memory_are_refused() -> None:
    name = "\U0001f600" + "a" * 1000
    data = b"0" * 64 + b"  " + name.encode()
    assert parse(data, Limits(max_text_bytes=5000)) == {name: "0" * 64}
    with pytest.raises(ValueError, match="one too many"):
        parse(data, Limits(max_text_bytes=3000))
    assert parse(data, Limits(max_text_bytes=0), expected={name: "1" * 64}) == {name: "0" * 64}
