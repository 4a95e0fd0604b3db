import pytest

from autoresumefiller.redaction.secrets import (
    KeySense,
    contains_secret_form,
    is_secret_key,
    is_secret_text,
    key_sense,
    secret_spans,
)
from tests.redaction import vectors


def verdict(key: str, value: str) -> bool:
    return is_secret_text(key_sense(key), value)


@pytest.mark.parametrize("key", vectors.SECRET_KEYS)
def test_a_value_under_a_secrets_key_is_one(key: str) -> None:
    assert verdict(key, "hunter2")


@pytest.mark.parametrize("key", vectors.PLAIN_KEYS)
def test_a_value_under_any_other_key_is_none(key: str) -> None:
    assert not verdict(key, "hunter2")
    assert not is_secret_key(key)


@pytest.mark.parametrize("value", vectors.SECRET_VALUES)
def test_a_value_with_the_form_of_a_secret_is_one_under_any_key(value: str) -> None:
    assert contains_secret_form(value)
    assert verdict("notes", value)
    assert verdict("api_key_name", value)


@pytest.mark.parametrize("value", vectors.PLAIN_VALUES)
def test_an_ordinary_value_is_none(value: str) -> None:
    assert not contains_secret_form(value)
    assert not verdict("notes", value)


@pytest.mark.parametrize(("key", "value", "expected"), vectors.PAIRS)
def test_key_and_value_decide_together(key: str, value: str, expected: bool) -> None:
    assert verdict(key, value) is expected


def test_a_count_of_tokens_is_a_number_and_no_secret() -> None:
    assert key_sense("tokens") is KeySense.COUNTABLE
    assert not is_secret_text(KeySense.COUNTABLE, "4096", number=True)


def test_the_vectors_are_hundreds_and_none_contradicts_another() -> None:
    assert len(vectors.SECRET_KEYS) + len(vectors.PLAIN_KEYS) > 500
    assert not set(vectors.SECRET_KEYS) & set(vectors.PLAIN_KEYS)
    assert not set(vectors.SECRET_VALUES) & set(vectors.PLAIN_VALUES)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://u:pw@example.org/x for it", ["https://u:pw@example.org/x"]),
        ("A=1 API_KEY=abc B=2", ["abc"]),
        ("one sk-abc123 two ghp_abcdefghijkl", ["sk-abc123", "ghp_abcdefghijkl"]),
        ("password='two words' x", ["two words"]),
        ("token=" + "x" * 5000 + " y", ["x" * 5000]),
        ("key=" * 2001, ["key=" * 2001]),
        ("nothing here", []),
    ],
)
def test_a_secret_is_found_inside_a_longer_text(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in secret_spans(text)] == found


@pytest.mark.parametrize("key", ["new_token", "n0_token", "num_token", "max_token", "text_token"])
def test_a_generated_value_is_a_secret_even_where_a_word_is_also_one_of_language_models(
    key: str,
) -> None:
    sense = key_sense(key)
    assert is_secret_text(sense, "8f14e45fceea167a5a36dedd4bea2543")
    assert not is_secret_text(sense, "4096", number=True)
    assert not is_secret_text(sense, "<|endoftext|>")
