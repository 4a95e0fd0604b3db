"""Where in a parsed text the secrets are.

A node is marked if it is a secret at *any* place that reaches it: an anchored
value used by an alias under ``password`` is one where it was written, too.
"""

from dataclasses import dataclass, field

from autoresumefiller.redaction import forms, vocabulary
from autoresumefiller.redaction.paths import Path
from autoresumefiller.redaction.secrets import (
    PLACEHOLDER,
    KeySense,
    contains_secret_form,
    is_secret_text,
    key_sense,
    sense_beside,
)
from autoresumefiller.redaction.tree import MERGE, Document, Kind, Node
from autoresumefiller.redaction.words import key_words

_YAML = "tag:yaml.org,2002:"
_NUMBERS = {f"{_YAML}int", f"{_YAML}float"}
_BINARY = f"{_YAML}binary"
_SILENT = {f"{_YAML}bool", f"{_YAML}null", MERGE}
# Under these a child's own name says little, the parent's says the rest: `api: {key: ...}`.
_PAIR = 2
_COMPOSED = {
    *("key", "keys", "url", "uri", "header", "code", "string", "phrase"),
    *("access", "refresh"),  # of `oauth: {access: ..., refresh: ...}`
}


@dataclass(slots=True)
class Marks:
    """The secrets of one text.

    Attributes:
        values: Each secret value and its path, by node.
        keys: Map keys that are secrets themselves.

    """

    values: dict[Node, Path] = field(default_factory=dict)
    keys: list[Node] = field(default_factory=list)

    @property
    def nodes(self) -> list[Node]:
        """Every secret node in the order of the text."""
        return sorted([*self.values, *self.keys], key=lambda node: node.content)


@dataclass(frozen=True, slots=True)
class _Visit:
    node: Node
    sense: KeySense
    name: str
    path: Path
    in_list: bool = False


def mark(document: Document) -> Marks:
    """Find every secret; linear in the text, however often aliases repeat it."""
    marks = Marks()
    seen: set[tuple[int, KeySense, str, bool]] = set()
    stack = [
        _Visit(slot.node, KeySense.PLAIN, "", (f"---[{index}]",) if index else ())
        for index, slot in reversed(list(enumerate(document.roots)))
    ]
    while stack:
        visit = stack.pop()
        name = visit.name if visit.node.kind is not Kind.SCALAR else ""
        if (identity := (id(visit.node), visit.sense, name, visit.in_list)) in seen:
            continue
        seen.add(identity)
        if visit.node.kind is Kind.SCALAR:
            if is_secret_node(visit.node, visit.sense):
                marks.values.setdefault(visit.node, visit.path)
        else:
            inner = _items(visit) if visit.node.kind is Kind.LIST else _entries(visit, marks)
            stack.extend(reversed(inner))
    return marks


def is_secret_node(node: Node, sense: KeySense) -> bool:
    """Tell whether a scalar is a secret under a key of that sense."""
    if node.tag in _SILENT:
        return False
    if is_secret_text(sense, node.text, number=node.tag in _NUMBERS):
        return True
    # What was folded over several lines has blanks or line breaks in it; so may base64 have.
    joined = "".join(node.text.split())
    if node.tag == _BINARY:
        return is_secret_text(sense, joined)
    return node.folded and forms.has_form(joined)


def _items(visit: _Visit) -> list[_Visit]:
    """Give a list's items its sense, and one behind ``--api-key`` that flag's."""
    out = []
    flagged = KeySense.PLAIN
    paired = _paired_sense(visit)
    for index, slot in enumerate(visit.node.items):
        # Never weaker than the list: in `secrets: [--max-tokens, 5]` the flag itself is taken
        # out, and with it what it said.
        sense = visit.sense.or_stronger(flagged)
        if index:
            sense = sense.or_stronger(paired)
        out.append(_Visit(slot.node, sense, visit.name, (*visit.path, index), in_list=True))
        text = slot.node.text
        flagged = key_sense(text) if text.startswith("-") and "=" not in text else KeySense.PLAIN
        if flagged not in {KeySense.SECRET, KeySense.SUSPECT}:
            flagged = KeySense.PLAIN
    return out


def _paired_sense(visit: _Visit) -> KeySense:
    """Read the sense that ``API_KEY`` gives to the second item of ``[API_KEY, value]``."""
    nodes = [slot.node for slot in visit.node.items]
    if len(nodes) != _PAIR or any(node.kind is not Kind.SCALAR for node in nodes):
        return KeySense.PLAIN
    name, value = (node.text for node in nodes)
    if ":" in name or "=" in name:  # `["Authorization: Bearer x", "Accept: json"]` are two of them
        return KeySense.PLAIN
    sense = key_sense(name)
    # `required: [password, email]` names two fields; in a list of pairs it would be a pair.
    if sense is KeySense.SECRET and not visit.in_list and value.isalpha():
        return KeySense.PLAIN
    return sense if sense in {KeySense.SECRET, KeySense.SUSPECT} else KeySense.PLAIN


def _complex_sense(key: Node) -> KeySense:
    """Read the sense of a key that is a list: ``? [password]``."""
    senses = {key_sense(slot.node.text) for slot in key.items}
    return KeySense.SECRET if KeySense.SECRET in senses else KeySense.PLAIN


def _entries(visit: _Visit, marks: Marks) -> list[_Visit]:
    out = []
    named = _named_sense(visit.node)
    for entry in visit.node.entries:
        key = entry.key.node
        if key.kind is not Kind.SCALAR:
            out.append(_Visit(key, KeySense.PLAIN, "", (*visit.path, "?")))
            sense = visit.sense.or_stronger(_complex_sense(key))
            out.append(_Visit(entry.value.node, sense, "", (*visit.path, "?")))
            continue
        if key.tag == MERGE:
            out.append(_Visit(entry.value.node, visit.sense, visit.name, visit.path))
            continue
        shown = key.text
        if key.tag not in _SILENT and contains_secret_form(key.text) and key not in marks.keys:
            marks.keys.append(key)
            shown = PLACEHOLDER
        sense = _child_sense(visit, key.text)
        if key.text.casefold() in vocabulary.VALUE_KEYS:
            sense = sense.or_stronger(named)
        out.append(_Visit(entry.value.node, sense, key.text, (*visit.path, shown)))
    return out


def _child_sense(visit: _Visit, key: str) -> KeySense:
    own = key_sense(key)
    words = key_words(key)
    if visit.sense is KeySense.SECRET:
        # Everything in `credentials:` is one, but for what names or refers to it.
        return (
            KeySense.REFERENCE
            if words and words[-1] in vocabulary.REFERENCE_TAILS
            else KeySense.SECRET
        )
    if own in {KeySense.SECRET, KeySense.REFERENCE}:
        return own
    refers = visit.name and key_words(visit.name)[-1:] in {("ref",), ("reference",)}
    if visit.name and not refers and len(words) == 1 and words[0] in _COMPOSED:
        composed = key_sense(f"{visit.name}_{key}")
        if composed is KeySense.SECRET:
            return composed
    if own is KeySense.PLAIN and visit.sense in {KeySense.COUNTABLE, KeySense.SUSPECT}:
        return visit.sense
    return own


def _named_sense(node: Node) -> KeySense:
    """Read the sense that a name beside a value gives to it."""
    found = KeySense.PLAIN
    for entry in node.entries:
        name = entry.value.node
        if name.kind is Kind.SCALAR:
            found = found.or_stronger(sense_beside(entry.key.node.text, name.text))
    return found
