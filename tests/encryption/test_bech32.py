import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.encryption.bech32 import decode_bech32, encode_bech32


@given(st.binary(max_size=80), st.sampled_from(["a", "age", "age-secret-key-", "x1y"]))
def test_what_is_encoded_is_decoded(data: bytes, prefix: str) -> None:
    text = encode_bech32(prefix, data)
    assert decode_bech32(text) == (prefix, data)
    assert decode_bech32(text.upper()) == (prefix, data)


def test_the_text_is_that_of_age() -> None:
    identity = str(pyrage.x25519.Identity.generate())
    prefix, secret = decode_bech32(identity)
    assert (prefix, len(secret)) == ("age-secret-key-", 32)
    assert encode_bech32(prefix, secret).upper() == identity


def test_a_known_answer_of_bip_173() -> None:
    assert decode_bech32("A12UEL5L") == ("a", b"")
    words = "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"
    assert decode_bech32(words)[1].hex() == "00443214c74254b635cf84653a56d7c675be77df"


@given(st.binary(min_size=1, max_size=40), st.data())
def test_any_other_character_is_noticed(data: bytes, draw: st.DataObject) -> None:
    text = encode_bech32("age", data)
    at = draw.draw(st.integers(4, len(text) - 1))
    other = draw.draw(
        st.sampled_from([c for c in "qpzry9x8gf2tvdw0s3jn54khce6mua7l" if c != text[at]])
    )
    with pytest.raises(ValueError, match="checksum"):
        decode_bech32(text[:at] + other + text[at + 1 :])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "too short"),
        ("age1", "too short"),
        ("age", "too short"),
        ("A12uel5l", "mixed case"),
        ("a12uelbl", "not used"),
    ],
)
def test_what_is_no_bech32_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        decode_bech32(text)
