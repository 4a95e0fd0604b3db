import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.model.printable import printable
from autoresumefiller.redaction.paths import dotted, parse


@given(
    st.tuples(st.text(), st.lists(st.text() | st.integers(0, 10**6)).map(tuple)).map(
        lambda parts: (parts[0], *parts[1])
    )
)
def test_a_path_is_read_as_it_was_written(path: tuple[str | int, ...]) -> None:
    assert parse(dotted(path)) == path


@given(st.lists(st.text(), min_size=1).map(tuple))
def test_a_path_is_safe_to_show(path: tuple[str, ...]) -> None:
    text = dotted(path)
    assert printable(text, limit=len(text)) == text


def test_what_turns_or_hides_text_is_written_as_an_escape() -> None:
    path = ("a\u202eb", "c\x9b\U000e0041", "plain\u200cjoined")
    assert dotted(path) == '["a\\u202eb"]["c\\u009b\\udb40\\udc41"].plain\u200cjoined'
    assert parse(dotted(path)) == path


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "a[", "a[x]", 'a["x]', "a b]"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a dotted path"):
        parse(text)
