"""The codecs agree with the standard library's zlib and refuse what is not exact."""

import zlib
from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.archive.compression import (
    LAST_BLOCK,
    CodecError,
    InflateStream,
    crc32,
    deflate_part,
    deflate_whole,
    inflate_again,
    inflate_whole,
)
from tests.vectors.deflate_streams import one_code, stored_block

TEXT = b"Designed and maintained the reporting pipeline of Example Corp. " * 400


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data, 6, wbits=-15)


def inflate_in_steps(data: bytes, step: int, most: int) -> tuple[bytes, InflateStream]:
    stream = InflateStream()
    output = bytearray()
    for start in range(0, len(data), step):
        piece = stream.feed(data[start : start + step], most)
        output += piece
        while not stream.needs_input and not stream.eof:
            piece = stream.feed(b"", most)
            assert len(piece) <= most
            output += piece
    return bytes(output), stream


@given(st.binary(max_size=5000), st.integers(0, 3))
def test_what_is_deflated_whole_is_inflated_by_any_decoder(data: bytes, repeat: int) -> None:
    data *= 10**repeat
    packed = bytes(deflate_whole(data))
    assert zlib.decompress(packed, -15) == data
    assert bytes(inflate_whole(packed, len(data))) == data
    assert bytes(inflate_whole(packed, len(data), crc=zlib.crc32(data))) == data
    assert bytes(inflate_again(packed, len(data), crc=zlib.crc32(data))) == data


@given(st.lists(st.binary(max_size=3000), max_size=5), st.integers(0, 3))
def test_parts_made_apart_form_one_stream(parts: list[bytes], repeat: int) -> None:
    parts = [part * 10**repeat for part in parts]
    stream = b""
    for index, part in enumerate(parts):
        before = b"".join(parts[:index])[-(1 << 15) :]
        stream += b"".join(deflate_part(part, dictionary=before))
    assert zlib.decompress(stream + LAST_BLOCK, -15) == b"".join(parts)


@given(st.binary(max_size=2000), st.binary(max_size=2000))
def test_the_crc_is_that_of_zip_and_goes_on_from_a_value(first: bytes, second: bytes) -> None:
    assert crc32(first + second) == zlib.crc32(first + second)
    assert crc32(second, crc32(first)) == zlib.crc32(first + second)


@pytest.mark.parametrize("with_crc", [True, False])
@pytest.mark.parametrize("size", [-1, 1, 1000])
def test_another_size_than_said_is_refused(size: int, with_crc: bool) -> None:
    crc = zlib.crc32(TEXT) if with_crc else None
    with pytest.raises(CodecError):
        inflate_whole(raw_deflate(TEXT), len(TEXT) + size, crc=crc)
    if crc is not None:
        with pytest.raises(CodecError):
            inflate_again(raw_deflate(TEXT), len(TEXT) + size, crc=crc)


@pytest.mark.parametrize("crc", [zlib.crc32(TEXT), None])
@pytest.mark.parametrize(
    "more",
    [
        b"x",
        b"smuggled bytes",
        # What would follow if the stream were the gzip member it is checked as.
        zlib.crc32(TEXT).to_bytes(4, "little") + len(TEXT).to_bytes(4, "little"),
        zlib.crc32(TEXT).to_bytes(4, "little") + len(TEXT).to_bytes(4, "little") + b"smuggled",
        LAST_BLOCK,
    ],
)
def test_bytes_after_the_stream_are_refused(more: bytes, crc: int | None) -> None:
    with pytest.raises(CodecError):
        inflate_whole(raw_deflate(TEXT) + more, len(TEXT), crc=crc)
    if crc is not None:
        with pytest.raises(CodecError):
            inflate_again(raw_deflate(TEXT) + more, len(TEXT), crc=crc)


def test_a_stream_that_other_programs_refuse_is_refused() -> None:
    for bit, takes in ((0, nullcontext()), (1, pytest.raises((CodecError, zlib.error)))):
        stream = stored_block(TEXT[:1000]) + one_code(bit)
        with takes:
            assert zlib.decompress(stream, -15) == TEXT[:1000]
        with takes:
            assert inflate_whole(stream, 1000, crc=zlib.crc32(TEXT[:1000])) == TEXT[:1000]


@pytest.mark.parametrize("crc", [zlib.crc32(TEXT), None])
def test_a_stream_that_ends_too_early_is_refused_wherever_it_is_cut(crc: int | None) -> None:
    packed = raw_deflate(TEXT)
    for cut in range(len(packed)):
        with pytest.raises(CodecError):
            inflate_whole(packed[:cut], len(TEXT), crc=crc)
        if crc is not None:
            with pytest.raises(CodecError):
                inflate_again(packed[:cut], len(TEXT), crc=crc)


@pytest.mark.parametrize("data", [b"", b"a", TEXT])
def test_another_crc_is_refused(data: bytes) -> None:
    for inflate in (inflate_whole, inflate_again):
        with pytest.raises(CodecError):
            inflate(raw_deflate(data), len(data), crc=zlib.crc32(data) ^ 1)


def test_a_size_that_no_stream_can_yield_costs_no_memory() -> None:
    with pytest.raises(CodecError, match="cannot hold"):
        inflate_whole(raw_deflate(TEXT), 1 << 40)


def test_a_trailer_inside_the_compressed_data_is_no_reason_to_refuse() -> None:
    # A stored block carries the bytes as they are, so its content can hold
    # the very trailer that the fast check looks for.
    content = bytearray(b"....the trailer comes here: ........")
    for _ in range(3):
        crc = zlib.crc32(content)
        packed = b"\x01" + len(content).to_bytes(2, "little")
        packed += (len(content) ^ 0xFFFF).to_bytes(2, "little") + content
        assert bytes(inflate_again(packed, len(content), crc=crc)) == content
        content[-8:] = crc.to_bytes(4, "little") + len(content).to_bytes(4, "little")


@given(st.binary(max_size=400), st.integers(0, 3), st.integers(1, 500), st.integers(1, 700))
def test_a_stream_fed_in_any_steps_yields_the_same_bytes(
    data: bytes, repeat: int, step: int, most: int
) -> None:
    data *= 10**repeat
    output, stream = inflate_in_steps(raw_deflate(data), step, most)
    assert output == data
    assert stream.eof
    assert stream.leftover == 0


def test_what_follows_a_stream_is_counted() -> None:
    stream = InflateStream()
    assert stream.feed(raw_deflate(TEXT) + b"12345", len(TEXT) + 1) == TEXT
    assert stream.eof
    assert stream.leftover == 5


def test_a_damaged_stream_is_told_as_such() -> None:
    damaged = bytearray(raw_deflate(TEXT))
    damaged[len(damaged) // 2] ^= 0xFF
    for inflate in (inflate_whole, inflate_again):
        with pytest.raises(CodecError):
            inflate(damaged, len(TEXT), crc=zlib.crc32(TEXT))
    stream = InflateStream()
    with pytest.raises(CodecError):  # noqa: PT012 - it may only show at the end
        if stream.feed(b"\xff" * 10, 100):
            raise AssertionError("nothing can come out of a block of an unknown kind")
