"""What is a secret: the one predicate, used by export and import alike.

Two questions decide, in this order: does the value have the form of a secret
(`forms`), and if not, what does its key say? A key that speaks of a secret
anywhere (``api_key``, ``OPENAI_API_KEY_OLD``, ``smtpPassword2``) has one as its
value, unless its last word says that the value is something *about* the secret
(``password_min_length``, ``token_count``) or a reference to it
(``api_key_env``). Missing a secret leaks it; taking too much costs the person
one line to type again: doubt is decided for "secret".
"""

import re
from enum import StrEnum
from functools import lru_cache

from autoresumefiller.redaction import forms, vocabulary
from autoresumefiller.redaction.encoded import encoded_texts
from autoresumefiller.redaction.forms import PLACEHOLDER
from autoresumefiller.redaction.words import key_words

__all__ = [
    "PLACEHOLDER",
    "KeySense",
    "contains_secret_form",
    "is_placeholder",
    "is_redacted",
    "is_secret_key",
    "is_secret_text",
    "key_sense",
    "secret_spans",
    "sense_beside",
]


class KeySense(StrEnum):
    """What a key says about its value; the strongest first."""

    SECRET = "secret"  # noqa: S105 - the name of a kind, not a password
    COUNTABLE = "countable"
    """``tokens``: a number counts them, anything else is them."""
    SUSPECT = "suspect"
    """``key``, ``sid``: a secret if the value looks generated."""
    REFERENCE = "reference"
    """``api_key_env``: the name of a secret that is kept elsewhere."""
    PLAIN = "plain"

    def or_stronger(self, other: "KeySense") -> "KeySense":
        """Return which of the two makes more values secrets."""
        return min(self, other, key=list(KeySense).index)


_MAX_NAMES = 2000
_WORDS_IN_A_NAME = 3
_ON_OFF = frozenset({"true", "false", "yes", "no", "on", "off"})
_KEY_FILE = re.compile(
    r"(?:~|\.{0,2}|[A-Za-z]:|\$\{?HOME\}?)[\\/][^\n\"']*"
    r"(?:\.(?:json|pem|key|p12|pfx|crt|cer|ya?ml|toml|ini|env|gpg|asc|ppk|txt)|[\\/]id_[a-z0-9]+)"
)
_REDACTED = re.compile(rf"\s*{re.escape(PLACEHOLDER)}(?: \d+)?\s*")
# The value of a header reaches to the end of its line or its quotes.
_HEADERS = frozenset({"authorization", "cookie", "cookies"})
_REST = re.compile(r"[^\"'\n]*")
_SHELL_VARIABLE = re.compile(r"\$(?:[A-Z_][A-Z0-9_]*|\()")


def is_secret_key(key: str) -> bool:
    """Tell whether a value under ``key`` is a secret whatever it looks like."""
    return key_sense(key) is KeySense.SECRET


def contains_secret_form(text: str) -> bool:
    """Tell whether a secret stands in ``text``, known by its form or by its name beside it."""
    return forms.has_form(text) or any(True for _ in secret_spans(text))


def is_placeholder(text: str) -> bool:
    """Tell a value with the placeholder in it: it is never a setting."""
    return PLACEHOLDER in text


def is_redacted(text: str) -> bool:
    """Tell a value that is the placeholder and nothing else, which has no secret left."""
    return _REDACTED.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def key_sense(key: str) -> KeySense:
    """Read what ``key`` says about the value under it."""
    words = tuple(word for word in key_words(key) if not word.isdecimal())
    if not words:
        return KeySense.PLAIN
    said = _said(words)
    if said is KeySense.PLAIN:
        return said
    if words[-1] in vocabulary.REFERENCE_TAILS:
        return KeySense.SUSPECT if words[-2:] == ("session", "id") else KeySense.REFERENCE
    if words[-1] in vocabulary.ABOUT_TAILS and words[-2:] not in vocabulary.PHRASES:
        return KeySense.PLAIN
    if said is KeySense.SECRET and words[0] in vocabulary.SWITCHES and len(words) > 1:
        return KeySense.SUSPECT
    return said


def sense_beside(key: str, name: str) -> KeySense:
    """Read what ``{key: name, value: ...}`` says about the value; a sentence is no name."""
    if key.casefold() not in vocabulary.NAME_KEYS or len(name.split()) > _WORDS_IN_A_NAME:
        return KeySense.PLAIN
    sense = key_sense(name)
    return sense if sense in {KeySense.SECRET, KeySense.SUSPECT} else KeySense.PLAIN


def _said(words: tuple[str, ...]) -> KeySense:
    """Find the strongest thing that any of the words, alone or with its neighbour, says."""
    found = KeySense.PLAIN
    for index, word in enumerate(words):
        before = words[index - 1] if index else ""
        sense = _word_sense(before, word, last=index == len(words) - 1)
        if sense is KeySense.SECRET:
            return sense
        if sense is not KeySense.PLAIN:
            found = sense
    return found


def _word_sense(before: str, word: str, *, last: bool) -> KeySense:
    if (before, word) in vocabulary.NO_SECRETS:
        return KeySense.PLAIN
    if word in vocabulary.WORDS or (before, word) in vocabulary.PHRASES:
        return KeySense.SECRET
    if word in {"token", "tokens"}:
        return _token_sense(before, word)
    if word in {"key", "keys"}:
        return _key_sense(before)
    if word in {"pass", "pw"} and last and before not in vocabulary.NOT_A_PASSWORD:
        return KeySense.SECRET
    if last and before and word in vocabulary.LAST_WORDS:
        return KeySense.SECRET
    return KeySense.SUSPECT if word in vocabulary.SUSPECT_WORDS else KeySense.PLAIN


def _token_sense(before: str, word: str) -> KeySense:
    if before in vocabulary.TEXT_TOKENS:
        # "max_tokens: 4096", "eos_token: </s>"; but "new_token" may hold a real one.
        return KeySense.SUSPECT
    if word == "token" or before in vocabulary.ACCESS_TOKENS:
        return KeySense.SECRET
    return KeySense.COUNTABLE


def _key_sense(before: str) -> KeySense:
    if before in vocabulary.SECRET_KEYS:
        return KeySense.SECRET
    return KeySense.PLAIN if before in vocabulary.OTHER_KEYS else KeySense.SUSPECT


def is_secret_text(sense: KeySense, text: str, *, number: bool = False) -> bool:
    """Tell whether ``text``, a value under a key of that sense, is a secret.

    Nothing, whitespace, a switch (``true``, ``off``), the placeholder and a
    reference such as ``${API_KEY}`` are none. ``number`` tells that the value
    is one, not text that looks like one.
    """
    if not text.strip() or is_redacted(text) or text.casefold() in _ON_OFF:
        return False
    if forms.is_reference(text):
        return False
    if contains_secret_form(text):
        return True
    if sense is KeySense.SECRET:
        return not _KEY_FILE.fullmatch(text)
    if sense is KeySense.COUNTABLE:
        return not number
    return sense is KeySense.SUSPECT and forms.looks_opaque(text)


def secret_spans(text: str) -> list[forms.Found]:
    """Where secrets stand inside a longer text, ordered and not overlapping."""
    found = [*_plain_spans(text), *_encoded(text)]
    merged: list[forms.Found] = []
    for start, end in sorted(found):
        if merged and start < merged[-1].end:
            merged[-1] = forms.Found(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(forms.Found(start, end))
    return merged


def _plain_spans(text: str) -> list[forms.Found]:
    return [*forms.issued_forms(text), *forms.handed_over(text), *_assigned(text)]


def _encoded(text: str) -> list[forms.Found]:
    """Find base64 with a secret in the text behind it."""
    return [
        forms.Found(start, end)
        for start, end, behind in encoded_texts(text)
        if forms.has_form(behind) or _plain_spans(behind)
    ]


def _assigned(text: str) -> list[forms.Found]:
    """Find the values of ``name=value``, ``name: value`` and ``--name value``."""
    found = []
    names = 0
    for pattern in (forms.ASSIGNMENT, forms.FLAG):
        position = 0
        beside = KeySense.PLAIN  # of `name="API_KEY" value="..."`
        while match := pattern.search(text, position):
            position = match.end()
            sense = key_sense(match["name"])
            if match["name"].casefold() in vocabulary.VALUE_KEYS:
                sense, beside = sense.or_stronger(beside), KeySense.PLAIN
            elif named := forms.VALUE.match(text, position):
                beside = beside.or_stronger(sense_beside(match["name"], named.group().strip("\"'")))
            if sense in {KeySense.PLAIN, KeySense.REFERENCE}:
                continue
            names += 1
            if names > _MAX_NAMES:  # nobody wrote this; to look at it all would take seconds
                return [forms.Found(0, len(text))]
            value = forms.VALUE.match(text, position)
            if value and (span := _assigned_secret(sense, match, value)):
                found.append(span)
                position = span.end
    return found


def _assigned_secret(
    sense: KeySense, name: re.Match[str], value: re.Match[str]
) -> forms.Found | None:
    """Give the span of a value behind a name of that sense, if it is a secret."""
    raw = value.group()
    quoted = raw[0] in "\"'"
    start, end = value.span()
    bare = raw.strip("\"'")
    if not _is_value(sense, bare, query=name.string[: name.start()].endswith(("?", "&"))):
        return None
    if quoted:
        return forms.Found(start + 1, end - (len(raw) > 1 and raw[-1] == raw[0]))
    if sense is KeySense.SECRET and _is_prose(name, bare):
        return None
    header = ":" in name["sep"] and _HEADERS.intersection(key_words(name["name"])[-1:])
    more = (_REST if header else forms.MORE).match(name.string, end)
    return forms.Found(start, more.end() if more else end)


def _is_value(sense: KeySense, value: str, *, query: bool) -> bool:
    if not value or _SHELL_VARIABLE.match(value) or value.casefold() in _ON_OFF:
        return False
    if is_redacted(value) or forms.is_reference(value):
        return False
    if sense is KeySense.SUSPECT:
        return forms.looks_opaque(value, minimum=8 if query else 16)
    if sense is KeySense.COUNTABLE:
        return not value.isdecimal()
    return not _KEY_FILE.fullmatch(value)


def _is_prose(name: re.Match[str], value: str) -> bool:
    """Tell "Enter the password: then press return" from "with password: hunter2"."""
    if name["sep"].strip() != ":" or not name["sep"].endswith((" ", "\t")):
        return False
    before = name.string[max(0, name.start() - 80) : name.start()]
    starts_line = before.endswith(("'", '"')) or not before.rpartition("\n")[2].strip(" \t-#>*")
    return not starts_line and value.rstrip(".,!?").isalpha()
