"""JSON read piece by piece: the same comes out as of the standard library, in less memory."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.archive import json_reader
from autoresumefiller.archive.json_reader import ObjectReader, RefusedJSONError

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=4), VALUES, max_size=5)
SPACES = st.sampled_from(["", " ", "\n", "\t\r\n  ", " " * 50])


def read(data: bytes, *cuts: int, most_chars: int = 1 << 20) -> dict[str, Any]:
    ends = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(ends)]
    reader = ObjectReader(pieces, most_chars=most_chars)
    found: dict[str, Any] = {}
    for key in reader.fields():
        found[key] = [*reader.items()] if reader.at_list() else reader.value()
    return found


@pytest.fixture
def small_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let texts of a few hundred bytes be larger than the window."""
    monkeypatch.setattr(json_reader, "MOST_ITEM_CHARS", 200)
    monkeypatch.setattr(json_reader, "_CHUNK_BYTES", 16)


@given(OBJECTS, st.booleans(), SPACES, SPACES)
def test_it_reads_what_the_standard_library_reads(
    fields: dict[str, Any], ascii_only: bool, before: str, between: str
) -> None:
    text = json.dumps(fields, ensure_ascii=ascii_only, separators=(f"{before},{between}", ":"))
    assert read(f"{before}{text}{between}".encode()) == json.loads(text)


@given(
    st.lists(
        st.one_of(st.integers(0, 10**18), st.floats(0, 1e9), st.text('aé€😀\\"', max_size=20))
    ),
    st.booleans(),
    SPACES,
    st.lists(st.integers(0, 1000), max_size=5),
)
def test_wherever_the_window_ends_the_items_are_the_same(
    items: list[Any], ascii_only: bool, space: str, cuts: list[int]
) -> None:
    text = json.dumps({"a": items, "b": "c"}, ensure_ascii=ascii_only, indent=len(space) or None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_reader, "MOST_ITEM_CHARS", 200)
        patch.setattr(json_reader, "_CHUNK_BYTES", 7)
        assert read(text.encode(), *cuts) == {"a": items, "b": "c"}


@pytest.mark.usefixtures("small_window")
@pytest.mark.parametrize(
    "number", ["1", "12.5", "1e5", "1E+5", "-0.25e-10", "true", '"\\ud83d\\ude00"']
)
def test_a_value_at_the_end_of_the_window_is_not_cut(number: str) -> None:
    for length in range(150, 420):
        for text in (f'{{"a":{" " * length}{number}}}', f'{{"a": [1,{" " * length}{number}]}}'):
            assert read(text.encode()) == json.loads(text)


@pytest.mark.usefixtures("small_window")
def test_an_item_longer_than_an_item_may_be_is_refused() -> None:
    for length, refused in ((150, False), (198, False), (199, True), (5000, True)):
        data = json.dumps({"a": [1, "x" * length, 2]}).encode()
        if refused:
            with pytest.raises(RefusedJSONError, match="longer") as caught:
                read(data)
            assert caught.value.too_large
        else:
            assert read(data) == {"a": [1, "x" * length, 2]}


@pytest.mark.usefixtures("small_window")
def test_what_is_beside_the_lists_has_a_limit() -> None:
    data = json.dumps({"a": "x" * 900, "list": [*range(1000)], "b": "y" * 50}).encode()
    assert read(data, most_chars=980)["b"] == "y" * 50
    for most_chars in (10, 500, 950):
        with pytest.raises(RefusedJSONError) as caught:
            read(data, most_chars=most_chars)
        assert caught.value.too_large


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "not an object"),
        ("[1]", "not an object"),
        ('"a"', "not an object"),
        ("{", "line 1"),
        ("{1: 2}", "line 1"),
        ('{"a"}', "line 1"),
        ('{"a": }', "line 1"),
        ('{"a": 1,}', "line 1"),
        ('{"a": 1 "b": 2}', "line 1"),
        ('{"a": [1,]}', "line 1"),
        ('{"a": [1 2]}', "line 1"),
        ('{"a": [1', "line 1"),
        ('{"a": [1]]', "line 1"),
        ('{"a": 1}}', "line 1"),
        ('{"a": 1} {}', "line 1"),
        ('{"a": 1}\n\n x', "line 3"),
        ('{"a": [\n\n\n1, x]}', "line 4"),
        ('{"a": "\n"}', "line 1"),
        ('{"a": 1, "a": 2}', "occurs twice"),
        ('{"a": [{"b": 1, "b": 2}]}', "occurs twice"),
        ('{"\x1b": 1, "\\u001b": 2}', "line 1"),
        ('{"a": NaN}', "no JSON number"),
        ('{"a": [-Infinity]}', "no JSON number"),
        ('{"a": 123456789012345678901}', "digits"),
        ('{"a": ' + "[" * 100_000, "line 1"),
        ('{"a": [' + "[" * 100_000, "line 1"),
    ],
)
def test_what_is_not_such_json_is_refused_with_its_line(text: str, what: str) -> None:
    with pytest.raises(RefusedJSONError, match=what) as caught:
        read(text.encode())
    assert not caught.value.too_large


def test_lines_are_counted_over_many_windows() -> None:
    text = '{"a": [' + "\n1," * 500_000 + "\n?]}"
    with pytest.raises(RefusedJSONError, match="line 500002"):
        read(text.encode())


def test_bytes_that_are_not_utf8_are_told_as_such() -> None:
    for data in (b'{"a": "\xff"}', b'{"a": "\xed\xa0\x80"}', b'{"a": 1}\xc3'):
        with pytest.raises(UnicodeDecodeError):
            read(data)
