"""What a configuration says, apart from how it is written.

Aliases are followed and merge keys (``<<``) folded in: the same object stands
at every place that an alias repeats. Each value knows the node and the text
it came from, so that an edit can use its author's own spelling.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from autoresumefiller.redaction.secrets import PLACEHOLDER
from autoresumefiller.redaction.tree import MERGE, NULL, STR, Document, Kind, Node, Unreadable

Key = str | tuple[str, str]
"""A map's key: its text, or its tag and text where it is not a string."""

_MAX_FOLDING = 400
_YAML = "tag:yaml.org,2002:"
_INT, _FLOAT, _BOOL = (f"{_YAML}{name}" for name in ("int", "float", "bool"))
# What another reader (YAML 1.1) takes for something else than a string.
_OLD_SWITCH = re.compile(
    r"(?i:y|n|yes|no|on|off)|[-+]?0[0-7_]+|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
)


@dataclass(slots=True, eq=False, kw_only=True)
class Leaf:
    """A scalar.

    ``secret`` is True for one that is a secret where it was read, ``hidden``
    for one that redaction would take out there: a secret, or what repeats one.
    """

    tag: str
    text: str
    node: Node | None = None
    origin: Document | None = None
    secret: bool = False
    hidden: bool = False

    @property
    def placeholder(self) -> bool:
        """True for what redaction wrote."""
        return PLACEHOLDER in self.text

    @property
    def empty(self) -> bool:
        """True for null and for blank text."""
        return self.tag == NULL or not self.text.strip()


@dataclass(slots=True, eq=False, kw_only=True)
class List:
    """A sequence."""

    items: list["Value"]
    node: Node | None = None
    origin: Document | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Map:
    """A mapping in the order of the text, merged keys last."""

    items: dict[Key, "Value"]
    node: Node | None = None
    origin: Document | None = None


Value = Leaf | List | Map


@dataclass(slots=True)
class Reading:
    """A text's value and which value each of its nodes has."""

    root: Value
    by_node: dict[int, Value] = field(default_factory=dict)


def empty_text() -> Leaf:
    """Give the value that stands where something has to be typed in again."""
    return Leaf(tag=STR, text="")


def leaves(value: "Value") -> Iterator[Leaf]:
    """Every scalar within a value, keys left out; each map and list once, however often used."""
    seen: set[int] = set()
    stack = [value]
    while stack:
        current = stack.pop()
        if isinstance(current, Leaf):
            yield current
        elif id(current) not in seen:
            seen.add(id(current))
            stack += current.items if isinstance(current, List) else current.items.values()


def value_of(
    document: Document,
    secrets: frozenset[int] = frozenset(),
    hidden: frozenset[int] = frozenset(),
) -> Reading:
    """Read the value of a text that is one document.

    ``secrets`` are the ids of the nodes that are one, ``hidden`` those of the
    nodes that redaction takes out. Raises `Unreadable` for
    several documents, a key given twice, a key that is a collection, and an
    alias within what it names.
    """
    if len(document.roots) > 1:
        raise Unreadable("it holds several documents")
    reader = _Reader(document, secrets, hidden)
    root: Value = Map(items={})
    if document.roots:
        root = reader.read(document.roots[0].node, 0)
        if isinstance(root, Leaf) and root.tag == NULL:
            root = Map(items={}, node=root.node, origin=document)
    return Reading(root, reader.done)


class _Reader:
    def __init__(self, document: Document, secrets: frozenset[int], hidden: frozenset[int]) -> None:
        self._document = document
        self.done: dict[int, Value] = {}
        self._secrets = secrets
        self._hidden = hidden
        self._open: set[int] = set()

    def read(self, node: Node, depth: int) -> Value:
        if (known := self.done.get(id(node))) is not None:
            return known
        if depth > _MAX_FOLDING or id(node) in self._open:
            raise Unreadable("an alias in it stands within what it names")
        self._open.add(id(node))
        value: Value
        if node.kind is Kind.SCALAR:
            value = Leaf(
                tag=node.tag,
                text=node.text,
                node=node,
                origin=self._document,
                secret=id(node) in self._secrets,
                hidden=id(node) in self._hidden,
            )
        elif node.kind is Kind.LIST:
            items = [self.read(slot.node, depth + 1) for slot in node.items]
            value = List(items=items, node=node, origin=self._document)
        else:
            value = Map(items=self._pairs(node, depth), node=node, origin=self._document)
        self._open.discard(id(node))
        self.done[id(node)] = value
        return value

    def _pairs(self, node: Node, depth: int) -> dict[Key, Value]:
        own: dict[Key, Value] = {}
        folded: dict[Key, Value] = {}
        for entry in node.entries:
            if entry.key.node.tag == MERGE:
                for merged in self._merged(entry.value.node, depth):
                    folded = {**merged.items, **folded}
                continue
            key = key_of(entry.key.node)
            if key in own:
                raise Unreadable("a key stands in it twice")
            own[key] = self.read(entry.value.node, depth + 1)
        return {**own, **{key: value for key, value in folded.items() if key not in own}}

    def _merged(self, node: Node, depth: int) -> list[Map]:
        nodes = [slot.node for slot in node.items] if node.kind is Kind.LIST else [node]
        maps = [self.read(item, depth + 1) for item in nodes]
        if not all(isinstance(item, Map) for item in maps):
            raise Unreadable("a merge key in it has something else than a map")
        return [item for item in maps if isinstance(item, Map)]


def key_of(node: Node) -> Key:
    """Give the key that a scalar node is; raises `Unreadable` for a collection."""
    if node.kind is not Kind.SCALAR:
        raise Unreadable("a key in it is a list or a map")
    return node.text if node.tag == STR else (node.tag, node.text)


def key_text(key: Key) -> str:
    """Give a key's text."""
    return key if isinstance(key, str) else key[1]


def plain(leaf: Leaf) -> object:
    """Give a scalar as Python has it: None, bool, int, float or str (dates are text)."""
    if leaf.tag == NULL:
        return None
    try:
        if leaf.tag == _BOOL:
            return leaf.text.casefold() in {"true", "yes", "on", "y"}
        if leaf.tag == _INT:
            digits = leaf.text.replace("_", "")
            return int(digits, 0) if re.match(r"[-+]?0[xob]", digits) else int(digits)
        if leaf.tag == _FLOAT:
            return float(leaf.text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        return leaf.text
    return leaf.text


def python(value: Value) -> object:
    """Give a value as nested dicts, lists and scalars; keys are text."""
    if isinstance(value, Leaf):
        return plain(value)
    if isinstance(value, List):
        return [python(item) for item in value.items]
    return {key_text(key): python(item) for key, item in value.items.items()}


class Comparison:
    """Equality of values that remembers what it has compared.

    Aliases let a small text say exponentially much; each pair is compared once.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[bool, Value, Value]] = {}

    def same(self, one: Value, other: Value) -> bool:
        """Tell whether two values say the same, in YAML 1.2 and to a reader of 1.1."""
        if one is other:
            return True
        pair = (id(one), id(other))
        if (known := self._known.get(pair)) is None:
            # The values are kept beside the verdict: an id lives as long as its object.
            known = self._known[pair] = (self._compare(one, other), one, other)
        return known[0]

    def _compare(self, one: Value, other: Value) -> bool:
        if isinstance(one, Map) and isinstance(other, Map):
            return one.items.keys() == other.items.keys() and all(
                self.same(value, other.items[key]) for key, value in one.items.items()
            )
        if isinstance(one, List) and isinstance(other, List):
            return len(one.items) == len(other.items) and all(
                self.same(*pair) for pair in zip(one.items, other.items, strict=True)
            )
        return isinstance(one, Leaf) and isinstance(other, Leaf) and _same_leaf(one, other)


def _same_leaf(one: Leaf, other: Leaf) -> bool:
    if one.tag != other.tag or _ambiguous(one) != _ambiguous(other):
        return False
    if one.text == other.text or one.tag == NULL:
        return True
    if one.tag not in {_INT, _FLOAT, _BOOL}:
        return False
    left, right = plain(one), plain(other)
    both_nan = all(isinstance(item, float) and math.isnan(item) for item in (left, right))
    return type(left) is type(right) and (left == right or both_nan)


def _ambiguous(leaf: Leaf) -> bool:
    return (
        leaf.node is not None
        and not leaf.node.style
        and leaf.tag in {STR, _INT}
        and _OLD_SWITCH.fullmatch(leaf.text) is not None
    )
