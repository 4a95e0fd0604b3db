"""The corpora are the same on every machine, and what the report says of them."""

import zlib
from pathlib import Path

import pytest

from autoresumefiller.archive.compression import WHOLE_LIMIT_BYTES
from benchmarks.corpora import corpus, files_of

MIB = 1 << 20


@pytest.mark.parametrize(("name", "amount"), [("prose", 50_000), ("small", 20), ("heavy", 50_000)])
def test_a_corpus_is_the_same_each_time(tmp_path: Path, name: str, amount: int) -> None:
    found = []
    for cache in (tmp_path / "one", tmp_path / "two"):
        cache.mkdir()
        built = corpus(name, amount, cache)
        found.append(
            {path.relative_to(built.root): path.read_bytes() for path in files_of(built.root)}
        )
        assert built.total_bytes > amount
    assert found[0] == found[1]
    assert len(found[0]) > 1


def test_heavy_documents_all_shrink_and_barely_fit_into_one_buffer(tmp_path: Path) -> None:
    built = corpus("heavy", 52 * MIB, tmp_path)
    sizes = {path: path.stat().st_size for path in files_of(built.root)}
    largest = [path for path, size in sizes.items() if size == max(sizes.values())]
    assert len(largest) > 1
    assert WHOLE_LIMIT_BYTES - MIB <= max(sizes.values()) <= WHOLE_LIMIT_BYTES
    for path, size in sizes.items():
        if size > MIB:
            assert len(zlib.compress(path.read_bytes(), 1)) < 0.9 * size
