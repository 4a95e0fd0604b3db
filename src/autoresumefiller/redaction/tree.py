"""A YAML text as a tree whose nodes know where in the text they stand.

The text is read by ruamel.yaml's pure-Python parser, event by event; the tree
is ours because ruamel's composer forgets where an alias was written and
recurses, and because an edit has to know where a value begins *after* its
anchor and tag. Nothing here writes YAML: edits are spans of the original text.

Values are those of YAML 1.2 unless the text says ``%YAML 1.1``: ``yes``, ``on``
and ``010`` are then a boolean and an octal number, otherwise two strings and
ten. Redaction replaces text whatever it resolves to, so the difference matters
only where values are compared.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ruamel.yaml import YAML

MAX_BYTES = 1 << 19
"""A larger config.yaml is not read: ruamel needs about 2 s for this much."""
MAX_VALUES = 20_000
"""More values than this (keys counted) would take longer than a second and a half."""
MAX_DEPTH = 100
"""Deeper nesting than this is not a configuration that a person wrote."""

_PROPERTY = re.compile(r"(?:&[^\s,\[\]{}]*|![^\s]*)(?:[ \t\r\n\x85]|(?<=\s)#[^\r\n\x85]*)*")
_COLON = re.compile(r"[ \t]*:")
_TAG_BEFORE = re.compile(r"![^\s]*[ \t\r\n]+\Z")

STR, NULL, MERGE = (f"tag:yaml.org,2002:{name}" for name in ("str", "null", "merge"))


class Kind(StrEnum):
    """What a node is."""

    SCALAR = "scalar"
    LIST = "list"
    MAP = "map"


class Unreadable(Exception):  # noqa: N818 - a verdict about a text, turned into a result or error by each caller
    """The text is not YAML that we read.

    Its message names a place at most: ruamel's own would quote the text, and
    with it perhaps a secret.
    """


class Span(NamedTuple):
    """Characters ``start`` up to, not including, ``end``."""

    start: int
    end: int


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """One value.

    Attributes:
        start: Index of its first character, anchor and tag included.
        content: Index of the first character after anchor and tag.
        end: Index after its last character; of a block scalar the line break
            after the last line of it is not included.
        text: What a scalar says, unquoted; "" for a collection.
        style: The quoting of a scalar: "", "'", '"', "|" or ">".
        folded: True for a scalar that is written on several lines.
        items: The values of a list.
        entries: The pairs of a map, in the order of the text, duplicates too.

    """

    kind: Kind
    start: int
    content: int
    end: int
    tag: str
    text: str = ""
    style: str = ""
    anchor: str | None = None
    flow: bool = False
    folded: bool = False
    items: list["Slot"] = field(default_factory=list)
    entries: list["Entry"] = field(default_factory=list)

    @property
    def is_null(self) -> bool:
        """True for a scalar that says nothing: absent, ``~`` or ``null``."""
        return self.kind is Kind.SCALAR and self.tag == NULL


@dataclass(slots=True, eq=False)
class Slot:
    """A place in the text that holds a node, or an alias of one that stands elsewhere."""

    node: Node
    start: int
    end: int
    alias: bool


@dataclass(slots=True, eq=False)
class Entry:
    """One pair of a map."""

    key: Slot
    value: Slot


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False, kw_only=True)
class Document:
    """A parsed text: its documents' roots and everything needed to edit it."""

    text: str
    roots: tuple[Slot, ...]
    scalars: tuple[Node, ...]

    @property
    def newline(self) -> str:
        """The line break that the text uses first, or a line feed."""
        found = re.search(r"\r\n|\n|\r", self.text)
        return found.group() if found else "\n"


def decode(data: bytes) -> str:
    """Decode a UTF-8 text (a byte order mark stays); raises `Unreadable`."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"it is larger than {MAX_BYTES // 1024} KiB")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"it is not UTF-8 (byte {error.start})") from None


def read(text: str) -> Document:
    """Parse; raises `Unreadable` for everything that ruamel or we refuse."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    yaml = YAML(typ="safe", pure=True)
    try:
        return _Builder(text, yaml).build()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise Unreadable(f"it is not valid YAML{where}") from None
    except Unreadable:
        raise
    except Exception:  # hostile text drives ruamel into bare ValueError, KeyError, IndexError, ...
        raise Unreadable("it is not valid YAML") from None


class _Builder:
    """Events to nodes, with a stack of its own: depth costs no recursion."""

    def __init__(self, text: str, yaml: "YAML") -> None:
        self._text = text
        self._yaml = yaml
        self._anchors: dict[str, Node] = {}
        self._open: list[Node] = []
        self._keys: list[Slot | None] = []
        self._roots: list[Slot] = []
        self._scalars: list[Node] = []
        self._last = 0

    def build(self) -> Document:
        from ruamel.yaml import events as ev

        for event in self._yaml.parse(self._text):
            if isinstance(event, ev.ScalarEvent):
                self._place(self._scalar(event))
            elif isinstance(event, ev.AliasEvent):
                self._alias(event)
            elif isinstance(event, (ev.MappingStartEvent, ev.SequenceStartEvent)):
                kind = Kind.MAP if isinstance(event, ev.MappingStartEvent) else Kind.LIST
                self._begin(event, kind)
            elif isinstance(event, (ev.MappingEndEvent, ev.SequenceEndEvent)):
                self._finish(event)
            elif isinstance(event, ev.DocumentStartEvent):
                self._anchors = {}
        return Document(text=self._text, roots=tuple(self._roots), scalars=tuple(self._scalars))

    def _scalar(self, event: Any) -> Node:
        start, content = self._start(event)
        end = event.end_mark.index
        style = event.style or ""
        if style in {"|", ">"}:
            end = content + len(self._text[content:end].rstrip(" \t\r\n\x85"))
        tag = None if event.ctag is None else str(event.ctag)
        if tag in {None, "!"}:
            from ruamel.yaml.nodes import ScalarNode

            tag = str(self._yaml.resolver.resolve(ScalarNode, event.value, event.implicit))
        node = Node(
            kind=Kind.SCALAR,
            start=start,
            content=min(content, end) if event.value == "" and not style else content,
            end=end,
            tag=tag or STR,
            text=event.value,
            style=style,
            anchor=event.anchor,
            folded=event.end_mark.line > event.start_mark.line and "\n" in self._text[content:end],
        )
        self._scalars.append(node)
        # The mark of an empty value is at the next token: `_settle_empty` knows better.
        if len(self._scalars) > MAX_VALUES:
            raise Unreadable(f"it has more than {MAX_VALUES} values")
        if event.value or style or end > start:
            self._last = max(self._last, end)
        return node

    def _begin(self, event: Any, kind: Kind) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise Unreadable(f"it is nested deeper than {MAX_DEPTH} levels")
        start, content = self._start(event)
        tag = None if event.ctag is None else str(event.ctag)
        node = Node(
            kind=kind,
            start=start,
            content=content,
            end=content,
            tag=f"tag:yaml.org,2002:{'map' if kind is Kind.MAP else 'seq'}"
            if tag in {None, "!"}
            else str(tag),
            anchor=event.anchor,
            flow=bool(event.flow_style),
        )
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        self._open.append(node)
        self._keys.append(None)
        self._last = max(self._last, start)

    def _finish(self, event: Any) -> None:
        node = self._open.pop()
        self._keys.pop()
        if node.flow:
            self._last = event.end_mark.index
        node.end = max(self._last, node.content)
        self._place(node)

    def _alias(self, event: Any) -> None:
        node = self._anchors.get(event.anchor)
        if node is None:
            raise Unreadable(f"it uses an undefined alias (line {event.start_mark.line + 1})")
        self._last = event.end_mark.index
        self._put(Slot(node, event.start_mark.index, event.end_mark.index, alias=True))

    def _place(self, node: Node) -> None:
        if node.anchor is not None:
            self._anchors[node.anchor] = node
        self._put(Slot(node, node.start, node.end, alias=False))

    def _put(self, slot: Slot) -> None:
        if not self._open:
            self._roots.append(slot)
            return
        parent = self._open[-1]
        if parent.kind is Kind.LIST:
            parent.items.append(slot)
        elif (key := self._keys[-1]) is None:
            self._keys[-1] = slot
        else:
            self._settle_empty(key, slot)
            parent.entries.append(Entry(key, slot))
            self._keys[-1] = None

    def _settle_empty(self, key: Slot, slot: Slot) -> None:
        """Place a value that is not there right behind its colon: ruamel's mark is further on."""
        node = slot.node
        if node.text or node.style or node.start != node.end or node.kind is not Kind.SCALAR:
            return
        colon = _COLON.match(self._text, key.end)
        if colon and not slot.alias:
            slot.start = slot.end = node.start = node.content = node.end = colon.end()
            self._last = max(self._last, node.end)

    def _start(self, event: Any) -> tuple[int, int]:
        """Where the node starts, and where its content does after anchor and tag."""
        start: int = event.start_mark.index
        if event.anchor is None and event.ctag is None:
            return start, start
        if event.ctag is not None and self._text[start : start + 1] == "&":
            # For `!tag &anchor value` ruamel's mark is the anchor's.
            before = _TAG_BEFORE.search(self._text, max(0, start - 1024), start)
            if before:
                start = before.start()
        content = start
        for present in (event.anchor, event.ctag):
            if present is not None and (found := _PROPERTY.match(self._text, content)):
                content = found.end()
        return start, content


def walk(document: Document) -> Iterator[Node]:
    """Every node once, keys too, in the order of the text."""
    stack = [slot.node for slot in reversed(document.roots) if not slot.alias]
    while stack:
        node = stack.pop()
        yield node
        inner = list(node.items)
        for entry in node.entries:
            inner += (entry.key, entry.value)
        stack.extend(slot.node for slot in reversed(inner) if not slot.alias)
