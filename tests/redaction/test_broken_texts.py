"""Texts that are nearly YAML: nothing raises, and nothing is lost or changed by accident."""

from hypothesis import given, settings
from hypothesis import strategies as st

from autoresumefiller.redaction.redact import redact
from autoresumefiller.redaction.refill import merge
from tests.redaction.test_redact import SHAPES
from tests.redaction.test_refill import CASES

_TEXTS = sorted({text for case in (*SHAPES.values(), *CASES.values()) for text in case if text})
_FRAGMENTS = (
    ": ", "- ", "&a ", "*a",
    "<<: ", "!!str ", "!t ", "|\n  ", ">-\n ", "'", '"', "{", "}", "[", "]",
    ",", " # ", "\n",
    "\n  ", "\r\n", "\t", "? ", "---\n", "%YAML 1.1\n", "\ufeff", "\u2028", "\x85",
    "api_key: ", "sk-abc123", "**REDACTED**", "\\x", "\\", "~", "yes", "\x00",
)  # fmt: skip


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Draw a text of the tables, cut and patched at random places."""
    text = draw(st.sampled_from(_TEXTS)) + draw(st.sampled_from(["", *_TEXTS]))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.sampled_from([0, 0, 1, 3]))
        text = text[:at] + draw(st.sampled_from(_FRAGMENTS)) + text[at + cut :]
    return text.encode()


@settings(max_examples=200)
@given(broken(), broken())
def test_export_and_import_of_any_text_raise_nothing_and_settle(live: bytes, other: bytes) -> None:
    shown = redact(live)

    assert redact(shown.text).text == shown.text
    assert merge(live, shown.text).text == live
    archived = redact(other).text
    once = merge(live, archived).text
    assert merge(once, archived).text == once
