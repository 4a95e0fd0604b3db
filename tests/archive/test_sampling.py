"""The sample is right where a wrong answer would cost space or time."""

import array
import base64
import math
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.archive.sampling import (
    GROUP,
    PROBE_BYTES,
    SEGMENT_BYTES,
    runs,
    shrinking_bytes,
    shrinks,
)

NOISE = random.Random(1).randbytes(4 << 20)
TEXT = b" ".join(b"word%d" % (n * n % 9777) for n in range(600_000))


@given(st.integers(0, 700_000), st.sampled_from([NOISE, TEXT]))
def test_runs_cover_everything_once(length: int, source: bytes) -> None:
    found = runs(source[:length])
    assert [run.start for run in found] == [0, *(run.stop for run in found)][: len(found)]
    assert sum(run.stop - run.start for run in found) == length
    assert len(found) <= 1


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (TEXT[:PROBE_BYTES], True),
        (bytes(PROBE_BYTES), True),
        (base64.b64encode(NOISE[:PROBE_BYTES]), True),
        (NOISE[:PROBE_BYTES], False),
        (zlib.compress(TEXT)[5000 : 5000 + PROBE_BYTES], False),
        (b"", False),
        (b"ab", False),
    ],
)
def test_a_sample_is_judged_as_a_person_would(sample: bytes, expected: bool) -> None:
    assert shrinks(sample) is expected


@pytest.mark.parametrize("at", [0, 1, 70_001, 1_000_003, (3 << 20)])
def test_text_inside_a_mostly_compressed_file_is_found(at: int) -> None:
    text = TEXT[: 2 * SEGMENT_BYTES]
    data = NOISE[:at] + text + NOISE[at:]
    found = shrinking_bytes(runs(data))
    assert len(text) / 2 <= found <= 3 * len(text)


def test_a_picture_inside_a_mostly_text_file_is_not_compressed_again() -> None:
    data = TEXT[:2_000_000] + NOISE[:1_000_000] + TEXT[:2_000_000]
    found = runs(data)
    assert [run.shrinks for run in found] == [True, False, True]
    assert 4_000_000 <= shrinking_bytes(found) <= 4_000_000 + 2 * SEGMENT_BYTES


def test_a_table_at_the_end_of_a_small_document_is_found() -> None:
    table = b"".join(b"%010d 00000 n \n" % (n * 997) for n in range(1500))
    assert shrinking_bytes(runs(NOISE[:150_000] + table)) >= len(table) / 2


@pytest.mark.parametrize("period", [64 << 10, 128 << 10, 256 << 10])
def test_a_file_that_alternates_is_not_mistaken_for_one_of_its_halves(period: int) -> None:
    half = period // 2
    data = b"".join(
        NOISE[start : start + half] + TEXT[start : start + half]
        for start in range(0, 2 << 20, period)
    )
    assert 0.2 < shrinking_bytes(runs(data)) / len(data) < 0.8


def waveform(size: int) -> bytes:
    """16 bits a sample, two tones: what shrinks without being text."""
    steps = range(size // 2)
    values = (int(600 * math.sin(n / 90) + 300 * math.sin(n / 37)) for n in steps)
    return array.array("h", values).tobytes()


@pytest.mark.parametrize("size", [60_000, 400_000, 1_000_000])
def test_what_shrinks_without_being_text_is_compressed(size: int) -> None:
    assert shrinking_bytes(runs(waveform(size))) == size // 2 * 2


@pytest.mark.parametrize("at", [0, 70_001, 1_000_003])
def test_a_recording_inside_a_mostly_compressed_file_is_found(at: int) -> None:
    recording = waveform(2 * GROUP * SEGMENT_BYTES)
    found = shrinking_bytes(runs(NOISE[:at] + recording + NOISE[at:]))
    assert len(recording) / 3 <= found <= 2 * len(recording)
