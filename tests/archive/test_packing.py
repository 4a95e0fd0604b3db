"""What is stored and what is deflated, by what that gains."""

import random
import zlib

import pytest

from autoresumefiller.archive.compression import DEFLATED, STORED, total_length
from autoresumefiller.archive.packing import compress
from autoresumefiller.archive.sampling import LEAST_GAIN

NOISE = random.Random(7).randbytes(600_000)
TABLE = b"".join(b"%010d 00000 n \n" % (n * 7919) for n in range(20_000))


@pytest.mark.parametrize("table_bytes", [2_000, 4_000])
def test_a_table_that_is_next_to_nothing_of_its_file_does_not_make_it_deflated(
    table_bytes: int,
) -> None:
    data = NOISE + TABLE[:table_bytes]
    method, pieces = compress(data)
    assert method == STORED
    assert b"".join(pieces) == data


@pytest.mark.parametrize("noise_bytes", [100_000, 600_000])
def test_a_table_that_is_a_share_of_its_file_does(noise_bytes: int) -> None:
    data = NOISE[:noise_bytes] + TABLE[: noise_bytes // 8]
    method, pieces = compress(data)
    assert method == DEFLATED
    assert zlib.decompress(b"".join(pieces), -15) == data
    assert total_length(pieces) < len(data) - len(data) // LEAST_GAIN


def test_a_small_file_takes_every_gain() -> None:
    data = TABLE[:64] + NOISE[:7000] + TABLE[:64]
    method, pieces = compress(data)
    assert method == DEFLATED
    assert len(data) - len(data) // LEAST_GAIN < total_length(pieces) < len(data)
