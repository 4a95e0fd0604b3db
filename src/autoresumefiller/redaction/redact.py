"""Take the secrets out of a config.yaml; every other byte of it stays.

What cannot be parsed is not exported in clear: a text whose structure is
unknown may hold a secret anywhere, so a stub that says so takes its place. The
result is parsed again and compared, and searched for every secret that was
taken out; if anything is not as it should be, the stub is the result, too.
"""

import re
from dataclasses import dataclass

from autoresumefiller.redaction import comments, forms, tree
from autoresumefiller.redaction.marking import Marks, mark
from autoresumefiller.redaction.paths import dotted
from autoresumefiller.redaction.repeating import Wanted, mark_repeated
from autoresumefiller.redaction.secrets import PLACEHOLDER, is_placeholder
from autoresumefiller.redaction.splice import Splice, apply, outside
from autoresumefiller.redaction.tree import Document, Node, Unreadable

HEADER = "# API keys redacted for security"
STUB_MARK = "# config.yaml was left out of this archive"
_BOM = "\ufeff"
_MOST_ROUNDS = 8
_BLOCK_HEADER = re.compile(r"[|>][0-9+-]*(?P<comment>[ \t]+#[^\r\n\x85]*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """A config.yaml that may be shown.

    Attributes:
        text: UTF-8; its first line is `HEADER`.
        paths: Dotted paths of the values replaced, in the order of the text.
        readable: False if the text could not be parsed and ``text`` is a stub.

    """

    text: bytes
    paths: tuple[str, ...]
    readable: bool


def redact(config: bytes) -> Redacted:
    """Replace every secret by `PLACEHOLDER` and put `HEADER` on top; never raises for content."""
    try:
        text = tree.decode(config)
        shown, paths = hide(text)
    except Unreadable as reason:
        return Redacted(text=_stub(str(reason)), paths=(), readable=False)
    return Redacted(text=with_header(shown).encode(), paths=paths, readable=True)


def hide(text: str) -> tuple[str, tuple[str, ...]]:
    """Replace the secrets of a text and name their paths.

    Raises `Unreadable` if the text cannot be parsed, or if the result would
    not be what was meant.
    """
    result, paths, comments_changed = _hide_once(text)
    # Where a secret was, a comment reads differently: another may show behind it.
    rounds = 0
    while comments_changed:
        rounds += 1
        if rounds == _MOST_ROUNDS:
            raise Unreadable("its secrets could not be taken out safely")
        result, _, comments_changed = _hide_once(result)
    return result, paths


def _hide_once(text: str) -> tuple[str, tuple[str, ...], bool]:
    """Do that, and tell whether a comment was changed, too."""
    document = tree.read(text)
    marks = mark(document)
    wanted = mark_repeated(document, marks)
    splices = [splice for node in marks.values for splice in _replacement(text, node)]
    splices += _key_replacements(text, marks.keys)
    # A comment between a tag and its value goes with the tag.
    within = outside(splices, comments.redactions(document, comments.comments(document), wanted))
    splices += within
    result = apply(text, splices)
    if splices:
        _prove_same(document, marks, result)
    _prove_clean(result, wanted)
    ordered = sorted(marks.values, key=lambda node: node.content)
    paths = tuple(dotted(marks.values[node]) for node in ordered)
    return result, paths, any(text[s.start : s.end] != s.text for s in within)


def with_header(text: str) -> str:
    """Put `HEADER` on the first line, unless it stands there."""
    bom = _BOM if text.startswith(_BOM) else ""
    body = text.removeprefix(_BOM)
    if re.match(rf"{re.escape(HEADER)}[ \t]*(?:[\r\n]|\Z)", body):
        return text
    found = re.search(r"\r\n|\n|\r", body)
    return f"{bom}{HEADER}{found.group() if found else chr(10)}{body}"


def without_header(text: str) -> str:
    """Take `HEADER` off the first line again."""
    bom = _BOM if text.startswith(_BOM) else ""
    body = text.removeprefix(_BOM)
    return bom + re.sub(rf"\A{re.escape(HEADER)}[ \t]*(?:\r\n|\n|\r|\Z)", "", body)


def _replacement(text: str, node: Node, shown: str = PLACEHOLDER) -> list[Splice]:
    """Quote the placeholder where the value stood; its anchor stays, its tag goes with it."""
    start = node.content
    new = f'"{shown}"'
    if "!" in text[node.start : node.content]:
        start = node.start
        new = f"&{node.anchor} {new}" if node.anchor is not None else new
    header = _BLOCK_HEADER.match(text, node.content) if node.style in {"|", ">"} else None
    if header and header["comment"]:
        # The comment behind the "|" stays, what stands below it goes.
        return [
            Splice(start, header.start("comment"), new),
            Splice(header.end(), node.end, ""),
        ]
    return [Splice(start, node.end, new)]


def _key_replacements(text: str, keys: list[Node]) -> list[Splice]:
    """Give every key that is a secret a placeholder of its own: keys stay distinct."""
    return [
        splice
        for index, node in enumerate(sorted(keys, key=lambda node: node.content), start=1)
        for splice in _replacement(
            text, node, PLACEHOLDER if index == 1 else f"{PLACEHOLDER} {index}"
        )
    ]


def _prove_same(document: Document, marks: Marks, result: str) -> None:
    """Raise `Unreadable` unless ``result`` says the same but for the secrets."""
    again = tree.read(result)
    hidden = set(marks.values) | set(marks.keys)
    if len(again.scalars) != len(document.scalars) or len(again.roots) != len(document.roots):
        raise Unreadable("its secrets could not be taken out safely")
    pairs = list(zip(tree.walk(document), tree.walk(again), strict=True))
    for before, after in pairs:
        if before in hidden:
            same = is_placeholder(after.text)
        else:
            same = (before.kind, before.tag, before.text) == (after.kind, after.tag, after.text)
            same = same and len(before.items) == len(after.items)
        if not same or before.anchor != after.anchor:
            raise Unreadable("its secrets could not be taken out safely")


def _prove_clean(result: str, wanted: Wanted) -> None:
    """Raise `Unreadable` if a secret is left anywhere: in an anchor's name, a tag, a directive."""
    if wanted.stand_in(result) or any(forms.issued_only(result)):
        raise Unreadable("its secrets could not be taken out safely")


def _stub(reason: str) -> bytes:
    lines = (
        HEADER,
        f"{STUB_MARK}: {reason}.",
        "# A text that cannot be read may hold API keys anywhere, so none of it was exported.",
        "# Your settings are still in the vault that this archive was made from.",
    )
    return "\n".join((*lines, "")).encode()
