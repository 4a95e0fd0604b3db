"""Make a text say what was decided, by edits of spans: whatever is right stays as typed.

The edits are best effort for every style that YAML has; `refill` parses the
result and compares. What cannot be said by an edit raises `Unreadable`.
"""

import re
from weakref import WeakKeyDictionary

from autoresumefiller.redaction import emit
from autoresumefiller.redaction.comments import Comment, comments
from autoresumefiller.redaction.data import Comparison, Key, Leaf, List, Map, Value, key_of
from autoresumefiller.redaction.secrets import is_placeholder
from autoresumefiller.redaction.splice import Splice, apply
from autoresumefiller.redaction.tree import MERGE, Document, Kind, Node, Slot, Unreadable

_LINE_REST = re.compile(r"[^\r\n\x85]*")
# By document, as long as that lives: a text with secrets is not kept for longer.
_FOUND: WeakKeyDictionary[Document, list[Comment]] = WeakKeyDictionary()
_KEEP = re.compile(r"[|>][0-9]*\+")


class Fitter:
    """Collects the edits that turn one text into another value."""

    def __init__(
        self, document: Document, by_node: dict[int, Value], comparison: Comparison
    ) -> None:
        self._document = document
        self._text = document.text
        self._by_node = by_node
        self._comparison = comparison
        self._final: dict[int, Value] = {}
        self.splices: list[Splice] = []

    def root(self, target: Map) -> None:
        """Make the whole text say ``target``."""
        roots = self._document.roots
        node = roots[0].node if roots else None
        if node is not None and node.kind is Kind.MAP and not roots[0].alias:
            self._slot(roots[0], target, flow=False)
        elif target.items:
            self._fill_empty(node, target)

    def _fill_empty(self, node: Node | None, target: Map) -> None:
        """Write into a text that holds comments at most, or a lone null."""
        if node is not None and not node.is_null:
            raise Unreadable("it is not a map")
        if node is not None and node.end > node.start:
            raise Unreadable("it is a bare null")
        at = len(self._text)
        newline = self._document.newline
        lead = newline if self._text and not self._text.endswith(("\n", "\r", "\ufeff")) else ""
        self.splices.append(Splice(at, at, f"{lead}{_block(target, 0, newline)}{newline}"))

    def _slot(self, slot: Slot, target: Value, *, flow: bool) -> None:
        node = slot.node
        current = self._final.get(id(node), self._by_node[id(node)])
        if slot.alias:
            if not self._comparison.same(current, target):
                written = emit.inline(target, flow=flow or not isinstance(target, Leaf))
                self.splices.append(Splice(slot.start, slot.end, written))
            return
        self._final[id(node)] = target
        if self._comparison.same(current, target) and node.anchor is None and not _shared(node):
            return
        if node.kind is Kind.MAP and isinstance(target, Map) and self._keeps_keys(slot, target):
            self._map(node, target, flow=flow or node.flow)
        elif (
            node.kind is Kind.LIST
            and isinstance(target, List)
            and len(target.items) == len(node.items)
        ):
            for inner, item in zip(node.items, target.items, strict=True):
                self._slot(inner, item, flow=flow or node.flow)
        elif not self._comparison.same(current, target):
            self._replace(node, target, flow=flow)

    def _keeps_keys(self, slot: Slot, target: Map) -> bool:
        """Tell whether a map is edited pair by pair; only the root loses pairs that way."""
        roots = self._document.roots
        own = (entry.key.node for entry in slot.node.entries)
        return slot is roots[0] or all(
            key.tag == MERGE or key_of(key) in target.items for key in own
        )

    def _map(self, node: Node, target: Map, *, flow: bool) -> None:
        own: dict[Key, Value] = {}
        for entry in node.entries:
            if entry.key.node.tag == MERGE:
                continue
            key = key_of(entry.key.node)
            if key in target.items:
                own[key] = target.items[key]
                self._slot(entry.value, target.items[key], flow=flow)
            else:
                self._drop(node, entry.key, entry.value)
        folded = self._folded(node)
        missing: dict[Key, Value] = {
            key: value
            for key, value in target.items.items()
            if key not in own and not (key in folded and self._comparison.same(folded[key], value))
        }
        if missing:
            self._insert(node, missing, flow=flow)

    def _folded(self, node: Node) -> dict[Key, Value]:
        """Give what the merge keys of a map bring in, after the edits made so far."""
        out: dict[Key, Value] = {}
        for entry in node.entries:
            if entry.key.node.tag != MERGE:
                continue
            named = entry.value.node
            for item in [slot.node for slot in named.items] or [named]:
                value = self._final.get(id(item), self._by_node.get(id(item)))
                if isinstance(value, Map):
                    out = {**value.items, **out}
        return out

    def _replace(self, node: Node, target: Value, *, flow: bool) -> None:
        start = node.content
        properties = self._text[node.start : node.content]
        anchor = ""
        if "!" in properties:
            start = node.start
            anchor = f"&{node.anchor} " if node.anchor is not None else ""
        if isinstance(target, Leaf) or flow or not target.items:
            written = emit.inline(target, flow=flow)
        elif node.kind is Kind.SCALAR or node.flow:
            written = emit.inline(target, flow=True)
        else:
            written = _block(target, self._column(start), self._document.newline)
        blank = " " if start and self._text[start - 1] in ":-" and written else ""
        self.splices.append(Splice(start, max(start, node.end), blank + anchor + written))

    def _drop(self, node: Node, key: Slot, value: Slot) -> None:
        """Take a pair's lines out; only of a block map whose key begins its line."""
        start = key.start - self._column(key.start)
        if node.flow or self._text[start : key.start].strip(" \ufeff"):
            raise Unreadable("a setting in it cannot be left out by an edit")
        if self._text.startswith("\ufeff", start):
            start += 1
        end = self._line_end(max(value.end, key.end))
        line_break = re.compile(r"\r\n|[\n\r\x85]").match(self._text, end)
        self.splices.append(Splice(start, line_break.end() if line_break else end, ""))

    def _insert(self, node: Node, missing: dict[Key, Value], *, flow: bool) -> None:
        if flow:
            written = ", ".join(
                f"{emit.key(key)}: {emit.inline(value, flow=True)}"
                for key, value in missing.items()
            )
            if node.entries:
                at = max(node.entries[-1].value.end, node.entries[-1].key.end)
                self.splices.append(Splice(at, at, f", {written}"))
            else:
                at = node.content + 1
                self.splices.append(Splice(at, at, written))
            return
        first, last = node.entries[0].key, node.entries[-1]
        column = self._column(first.start)
        newline = self._document.newline
        lines = _entries(missing, column, newline)
        end = max(last.value.end, last.key.end)
        deepest = self._last_scalar(last.value)
        if deepest and self._is_open_ended(deepest):
            at = first.start
            self.splices.append(Splice(at, at, f"{lines}{newline}{' ' * column}"))
            return
        at = self._line_end(end)
        # A block scalar at the end of the text says whether a line break follows it.
        tail = newline if at == len(self._text) and _ends_in_a_block(missing) else ""
        self.splices.append(Splice(at, at, f"{newline}{' ' * column}{lines}{tail}"))

    def _is_open_ended(self, node: Node) -> bool:
        """Tell a block scalar whose value would change with what is written below it."""
        at_end = not self._text[node.end :]
        return node.style in {"|", ">"} and (
            at_end or _KEEP.match(self._text, node.content) is not None
        )

    def _last_scalar(self, slot: Slot) -> Node | None:
        node = slot.node
        while not slot.alias and node.kind is not Kind.SCALAR and not node.flow:
            inner = node.items or [entry.value for entry in node.entries]
            if not inner:
                return None
            slot = inner[-1]
            node = slot.node
        return node if node.kind is Kind.SCALAR and not slot.alias else None

    def _column(self, at: int) -> int:
        column = 0
        while at - column > 0 and self._text[at - column - 1] not in "\r\n\x85":
            column += 1
        return column - self._text.startswith("\ufeff", at - column)

    def _line_end(self, at: int) -> int:
        found = _LINE_REST.match(self._text, at)
        return found.end() if found else at


def _shared(node: Node) -> bool:
    """Tell whether aliases or anchors inside have to be looked at although nothing changes."""
    stack = [node]
    while stack:
        current = stack.pop()
        slots = [*current.items, *(entry.value for entry in current.entries)]
        if any(slot.alias or slot.node.anchor is not None for slot in slots):
            return True
        stack += [slot.node for slot in slots]
    return False


def _ends_in_a_block(missing: dict[Key, Value]) -> bool:
    value: Value | None = list(missing.values())[-1]
    while isinstance(value, (Map, List)):
        inner = list(value.items.values()) if isinstance(value, Map) else value.items
        value = inner[-1] if inner else None
    return value is not None and value.node is not None and value.node.style in {"|", ">"}


def _entries(missing: dict[Key, Value], column: int, newline: str) -> str:
    lead = newline + " " * column
    return lead.join(_entry(key, value, column, newline) for key, value in missing.items())


def _entry(key: Key, value: Value, column: int, newline: str) -> str:
    if isinstance(value, (Map, List)) and (source := _source(value, column + 2, newline)):
        return f"{emit.key(key)}:{newline}{' ' * (column + 2)}{source}"
    written = f"{emit.key(key)}:{emit.below(value, column + 2, newline)}"
    if isinstance(value, Leaf) and value.node is not None and value.origin is not None:
        return written + _comment_behind(value.origin, value.node)
    return written


def _block(value: Value, column: int, newline: str) -> str:
    if isinstance(value, Map) and value.items:
        return _source(value, column, newline) or _entries(value.items, column, newline)
    if isinstance(value, List) and (source := _source(value, column, newline)):
        return source
    return emit.block(value, column, newline)


def _comment_behind(document: Document, node: Node) -> str:
    rest = _LINE_REST.match(document.text, node.end)
    if node.style in {"|", ">"} or rest is None or is_placeholder(rest.group()):
        return ""
    comment = rest.group().rstrip()
    return comment if re.fullmatch(r"[ \t]+#.*", comment) else ""


def _source(value: Map | List, column: int, newline: str) -> str | None:
    """Give the author's own text of a block map or list, moved to ``column``.

    None if it cannot stand alone: aliases and anchors, flow style, or another
    set of keys than the text has.
    """
    node, document = value.node, value.origin
    if node is None or document is None or node.flow or node.anchor is not None or _shared(node):
        return None
    if not (node.items or node.entries) or "!" in document.text[node.start : node.content]:
        return None
    splices: list[Splice] = []
    if not _adjust(value, splices):
        return None
    start = _with_comments_above(document.text, node.content)
    rest = _LINE_REST.match(document.text, node.end)
    end = rest.end() if rest and re.match(r"[ \t]*#", rest.group()) else node.end
    splices += [
        Splice(comment.start, comment.end, "")
        for comment in _comments_of(document)
        if start <= comment.start < end and is_placeholder(comment.text)
    ]
    moved = [Splice(item.start - start, item.end - start, item.text) for item in splices]
    old = start - max(document.text.rfind(char, 0, start) for char in "\r\n\x85") - 1
    return _reindent(apply(document.text[start:end], moved), old, column, newline)


def _comments_of(document: Document) -> list[Comment]:
    """Give a text's comments, looked for once however many blocks are taken from it."""
    if (found := _FOUND.get(document)) is None:
        found = _FOUND[document] = comments(document)
    return found


def _with_comments_above(text: str, start: int) -> int:
    """Give the start of the comment lines right above a block, if they begin where it begins."""
    column = start - max(text.rfind(char, 0, start) for char in "\r\n") - 1
    if text[start - column : start].strip(" "):
        return start
    while above := re.search(
        r"(?:\r\n|\n|\r)([ ]*)(#[^\r\n]*)(?:\r\n|\n|\r)\Z", text[: start - column]
    ):
        if len(above.group(1)) != column or is_placeholder(above.group(2)):
            return start
        start = above.start(2)
    return start


def _adjust(value: Value, splices: list[Splice]) -> bool:
    """Collect the edits from ``value``'s origin to ``value``; False if there are none."""
    node = value.node
    if isinstance(value, Leaf):
        return node is not None
    if node is None:
        return False
    if isinstance(value, List):
        pairs = list(zip([slot.node for slot in node.items], value.items, strict=False))
        complete = len(node.items) == len(value.items)
    else:
        if any(entry.key.node.tag == MERGE for entry in node.entries):
            return False
        written = {key_of(entry.key.node): entry.value.node for entry in node.entries}
        complete = written.keys() == value.items.keys()
        pairs = [(written[key], item) for key, item in value.items.items() if key in written]
    return complete and all(_adjust_one(inner, item, splices) for inner, item in pairs)


def _adjust_one(inner: Node, item: Value, splices: list[Splice]) -> bool:
    if item.node is inner:
        return _adjust(item, splices)
    if not isinstance(item, Leaf) or inner.kind is not Kind.SCALAR or inner.start != inner.content:
        return False
    written = emit.scalar(item, flow=True)
    splices.append(Splice(inner.content, inner.end, written))
    return True


def _reindent(text: str, old: int, new: int, newline: str) -> str:
    lines = re.split(r"\r\n|\n|\r", text)
    out = [lines[0]]
    for line in lines[1:]:
        blank = len(line) - len(line.lstrip(" "))
        bare = line[min(blank, old) :]
        out.append(" " * new + bare if bare.strip() else "")
    return newline.join(out)
