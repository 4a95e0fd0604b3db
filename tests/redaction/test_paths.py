import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.redaction.paths import dotted, parse


@given(
    st.tuples(st.text(), st.lists(st.text() | st.integers(0, 10**6)).map(tuple)).map(
        lambda parts: (parts[0], *parts[1])
    )
)
def test_a_path_is_read_as_it_was_written(path: tuple[str | int, ...]) -> None:
    assert parse(dotted(path)) == path


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "a[", "a[x]", 'a["x]', "a b]"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a dotted path"):
        parse(text)
