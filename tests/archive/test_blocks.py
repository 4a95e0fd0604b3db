"""A stream made of parts is what it was made from, and spends its time where it helps."""

import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.archive.blocks import MOST_SHRINKING, deflate_block, deflate_mixed
from autoresumefiller.archive.compression import LAST_BLOCK, total_length
from autoresumefiller.archive.sampling import SEGMENT_BYTES, runs

NOISE = random.Random(1).randbytes(400_000)
TEXT = b" ".join(b"word%d" % (n * n % 977) for n in range(40_000))


def bytes_of(pieces: list) -> bytes:
    return b"".join(pieces)


kinds = st.sampled_from(["noise", "text", "zeros"])
stretches = st.lists(st.tuples(kinds, st.integers(1, 140_000)), max_size=5)


def build(parts: list[tuple[str, int]]) -> bytes:
    sources = {"noise": NOISE, "text": TEXT, "zeros": bytes(200_000)}
    return b"".join(sources[kind][:length] for kind, length in parts)


@given(stretches)
def test_any_mixture_comes_back(parts: list[tuple[str, int]]) -> None:
    data = build(parts)
    assert zlib.decompress(bytes_of(deflate_mixed(data, runs(data))), -15) == data


@given(stretches, st.sampled_from([1, 1000, 65_535, 65_536, 100_000]))
def test_any_mixture_in_blocks_comes_back(parts: list[tuple[str, int]], block: int) -> None:
    data = build(parts)
    if block == 1:
        data = data[:50]
    stream = b""
    for start in range(0, len(data), block):
        before = data[max(0, start - (1 << 15)) : start]
        stream += bytes_of(deflate_block(data[start : start + block], before=before))
    assert zlib.decompress(stream + LAST_BLOCK, -15) == data


def test_text_inside_noise_shrinks_and_noise_is_not_copied() -> None:
    data = NOISE[:300_000] + TEXT[:200_000] + NOISE[:300_000]
    pieces = deflate_mixed(data, runs(data))
    text = len(zlib.compress(TEXT[:200_000], 6))
    # A segment that is partly text may have been taken for noise at either end.
    assert total_length(pieces) < 600_000 + 1.5 * text + SEGMENT_BYTES
    views = [piece for piece in pieces if isinstance(piece, memoryview)]
    assert sum(len(view) for view in views) > 500_000
    assert all(view.obj is data for view in views)


def test_a_block_uses_what_precedes_it() -> None:
    phrase = random.Random(2).randbytes(3000).hex().encode()
    alone = total_length(deflate_block(phrase))
    assert total_length(deflate_block(phrase, before=phrase)) < alone / 10


@pytest.mark.parametrize("length", [1 << 20, 5 << 20])
def test_no_block_looks_like_a_bomb(length: int) -> None:
    pieces = deflate_mixed(bytes(length), runs(bytes(length)))
    assert zlib.decompress(bytes_of(pieces), -15) == bytes(length)
    assert length / (MOST_SHRINKING + 1) < total_length(pieces) < length / 50
