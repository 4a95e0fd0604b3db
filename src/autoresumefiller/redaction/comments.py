"""Comments of a YAML text, and the secrets in them.

A comment is free text, and often a setting that was switched off: the value
behind ``# api_key:`` is as secret as if it counted, so is what stands indented
below ``# credentials:``, and a key block of several lines.
"""

import re
from dataclasses import dataclass

from autoresumefiller.redaction import forms
from autoresumefiller.redaction.repeating import Wanted
from autoresumefiller.redaction.secrets import (
    PLACEHOLDER,
    KeySense,
    is_secret_text,
    key_sense,
    secret_spans,
    sense_beside,
)
from autoresumefiller.redaction.splice import Splice
from autoresumefiller.redaction.tree import Document, Kind, walk
from autoresumefiller.redaction.vocabulary import VALUE_KEYS

_COMMENT = re.compile(r"(?:(?<=[ \t\r\n\x85\ufeff])|\A)#[^\r\n\x85]*")
_SETTING = re.compile(
    r"#+[ \t]*(?:-[ \t]+)?(?:export[ \t]+)?(?P<quote>[\"']?)(?P<key>[^\s\"'#:=][^\"'#:=]{0,63}?)"
    r"(?P=quote)[ \t]{0,64}(?::(?:[ \t]+|$)|=[ \t]*)"
)
_TRAILING = re.compile(r"(?<![ \t])[ \t]+#")
_BLOCK_SCALAR = re.compile(r"[|>][0-9+-]*")
_LINE_END = re.compile(r"[\r\n\x85]")
_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY")
_IS = re.compile(
    r"(?<![\w-])(?P<name>[^\W\d][\w-]{0,63})[ \t]{1,64}(?:is|was|are)[ \t]+"
    r"[\"']?(?P<value>[^\s\"',;]+)"
)
# "password hunter2", "password (old) -> hunter2": the word, then what is no word.
_BESIDE = re.compile(
    r"(?<![\w-])(?P<name>[^\W\d][\w-]{0,63})[ \t]{1,64}(?:\([^()]{0,64}\)[ \t]+)?"
    r"(?:(?:[=-]+>|ist|es|est|was|now)[ \t]+)?[\"']?(?P<value>[^\s\"',;()]+)"
)
_WORD = re.compile(r"(?:\w[\w-]{0,63}[=:])?(?P<word>[^\s\"',;()<>]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment, from its ``#`` to the end of its line.

    Attributes:
        start: Index of the ``#``.
        text: The comment, ``#`` included, without the line break.
        alone: True if nothing but blanks stands before it on its line.

    """

    start: int
    text: str
    alone: bool

    @property
    def end(self) -> int:
        """Index after the last character."""
        return self.start + len(self.text)


def comments(document: Document) -> list[Comment]:
    """Find every comment, the one in the first line of a block scalar too."""
    text = document.text
    found: list[Comment] = []
    position = 0
    for node in sorted(document.scalars, key=lambda item: item.content):
        found += _between(text, position, node.content)
        position = max(position, node.end)
        if node.style in {"|", ">"}:
            line_end = re.compile(r"[^\r\n\x85]*").match(text, node.content)
            if line_end:
                found += _between(text, node.content, line_end.end())
    return found + _between(text, position, len(text))


def _between(text: str, start: int, end: int) -> list[Comment]:
    out = []
    for match in _COMMENT.finditer(text, start, end):
        before = match.start() - 1
        while before >= 0 and text[before] in " \t\ufeff":
            before -= 1
        alone = before < 0 or text[before] in "\r\n\x85"
        out.append(Comment(start=match.start(), text=match.group(), alone=alone))
    return out


def redactions(document: Document, found: list[Comment], wanted: Wanted) -> list[Splice]:
    """Make the splices that take secrets out of the comments ``found`` in a text.

    ``wanted`` are secret values of the settings: repeated in a comment they go
    there as well.
    """
    splices: list[Splice] = []
    state = _Run(-1, pem=False)
    behind = _behind_secrets(document)
    previous: Comment | None = None
    for comment in found:
        if not (previous and _follows(document.text, previous, comment)):
            state = _Run(-1, pem=False)
        spans, state = _secrets_in(comment, state, wanted)
        if not comment.alone and _line_of(document.text, comment.start) in behind:
            spans = _merge([*spans, *_generated(comment.text)])
        for start, end in spans:
            if end > start and comment.text[start:end] != PLACEHOLDER:
                base = comment.start
                splices.append(Splice(base + start, base + end, PLACEHOLDER))
        previous = comment
    return splices


def _behind_secrets(document: Document) -> set[int]:
    """Give where the lines end in which a scalar under a secret's key begins or ends.

    A block has a header, and before it there may be an anchor: comments can
    stand behind each.
    """
    return {
        _line_of(document.text, max(at, entry.key.end))
        for node in walk(document)
        for entry in node.entries
        for at in (entry.value.start, entry.value.node.content, entry.value.end)
        if entry.value.node.kind is Kind.SCALAR
        and key_sense(entry.key.node.text) is KeySense.SECRET
    }


def _line_of(text: str, at: int) -> int:
    found = _LINE_END.search(text, at)
    return found.start() if found else len(text)


def _generated(text: str) -> list[tuple[int, int]]:
    """Find what looks generated in a comment behind a secret: often the secret before it."""
    return [
        found.span("word") for found in _WORD.finditer(text) if forms.looks_chosen(found["word"])
    ]


@dataclass(frozen=True, slots=True)
class _Run:
    """What earlier lines of the same run of comments say about this one.

    ``below`` is the indentation of a commented key whose value follows on
    deeper lines, or -1; ``pem`` is True between BEGIN and END; ``named`` is
    what `name: API_KEY` says about the `value:` that follows; ``cut`` is the
    indentation of a secret that may go on in deeper lines, or -1.
    """

    below: int
    pem: bool
    named: KeySense = KeySense.PLAIN
    cut: int = -1


def _follows(text: str, previous: Comment, comment: Comment) -> bool:
    between = text[previous.end : comment.start]
    lines = between.replace("\r\n", "\n").count("\n") + between.replace("\r\n", "").count("\r")
    return previous.alone and comment.alone and not between.strip() and lines == 1


def _secrets_in(
    comment: Comment, state: _Run, wanted: Wanted
) -> tuple[list[tuple[int, int]], _Run]:
    text = comment.text
    inner = len(text) - len(text.lstrip("#").lstrip(" \t"))
    whole = (inner, max(inner, len(text.rstrip(" \t"))))
    if state.pem or _BEGIN.search(text):
        return [whole], _Run(-1, pem="-----END" not in text)
    if state.below >= 0 and (inner > state.below or whole[0] == whole[1]):
        return [whole], state
    if inner > state.cut >= 0 and forms.looks_opaque(text[slice(*whole)], minimum=8):
        return [whole], state
    setting = _SETTING.match(text)
    if setting is None:
        return _merge(_loose(text, wanted)), _Run(-1, pem=False, named=state.named)
    span = _value_span(text, setting.end())
    value = text[slice(*span)]
    sense, named = _sense_of(setting["key"].strip(), value, state.named)
    if sense is not KeySense.PLAIN:
        if not value or _BLOCK_SCALAR.fullmatch(value):
            return [], _Run(inner if sense is KeySense.SECRET else -1, pem=False, named=named)
        if is_secret_text(sense, value, number=value.isdecimal()):
            # Behind it another comment may begin, with what was there before.
            return _merge([span, *_loose(text, wanted)]), _Run(-1, pem=False, cut=inner)
    return _merge(_loose(text, wanted)), _Run(-1, pem=False, named=named)


def _sense_of(key: str, value: str, named: KeySense) -> tuple[KeySense, KeySense]:
    """Read what a commented key says of its value, and what both say of a `value:` to come."""
    if key.casefold() in VALUE_KEYS:
        return key_sense(key).or_stronger(named), KeySense.PLAIN
    return key_sense(key), named.or_stronger(sense_beside(key, value))


def _value_span(text: str, start: int) -> tuple[int, int]:
    """Find the value of a commented setting: unquoted, without a comment behind it."""
    trailing = _TRAILING.search(text, start)
    end = len(text[start : trailing.start() if trailing else len(text)].rstrip()) + start
    if end - start > 1 and text[start] in "\"'" and text[end - 1] == text[start]:
        return start + 1, end - 1
    return start, max(start, end)


def _loose(text: str, wanted: Wanted) -> list[tuple[int, int]]:
    found = [(span.start, span.end) for span in secret_spans(text)]
    found += [
        match.span("value")
        for match in _IS.finditer(text)
        if key_sense(match["name"]) is KeySense.SECRET and not match["value"].isalpha()
    ]
    position = 0
    while beside := _BESIDE.search(text, position):
        position = beside.end("name")
        if key_sense(beside["name"]) is KeySense.SECRET and forms.looks_chosen(beside["value"]):
            found.append(beside.span("value"))
    found += wanted.spans(text)
    return [span for span in found if not forms.is_reference(text[slice(*span)])]


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
