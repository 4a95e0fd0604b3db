"""Write a value as YAML where its author's own spelling cannot be used."""

import json
import re

from autoresumefiller.redaction.data import Key, Leaf, List, Map, Value
from autoresumefiller.redaction.tree import NULL, STR, Node, Unreadable

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_ANCHOR = re.compile(r"&[^\s,\[\]{}]*\s*")
_PLAIN_IN_FLOW = re.compile(r"[\w.+/$][\w.+/$-]*(?: [\w.+/$-]+)*")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")


def quoted(text: str) -> str:
    """Write text as a double-quoted scalar on one line."""
    shown = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", shown)


def scalar(leaf: Leaf, *, flow: bool) -> str:
    """Write a scalar on one line, as its author did where that is possible."""
    node = leaf.node
    written = _written(node, leaf.origin.text) if node and leaf.origin else None
    if written is not None and (not flow or _fits_flow(written, leaf, node)):
        return written
    if leaf.tag == STR:
        return quoted(leaf.text)
    if leaf.tag == NULL:
        return "null"
    if leaf.tag.startswith("tag:yaml.org,2002:") and (node is None or not node.style):
        return leaf.text
    raise Unreadable("a tagged value in it cannot be moved")


def _written(node: Node, source: str) -> str | None:
    """Give a scalar's own text without its anchor, if that is one line."""
    text = source[node.content : node.end]
    if "\n" in text or "\r" in text or node.style in {"|", ">"}:
        return None
    properties = _ANCHOR.sub("", source[node.start : node.content])
    if properties.startswith("!") and "\n" not in properties and "#" not in properties:
        return f"{properties.strip()} {text}".rstrip()
    return text if not properties.strip() else None


def _fits_flow(written: str, leaf: Leaf, node: Node | None) -> bool:
    if node is not None and node.style:
        return True
    if leaf.tag == STR:
        return _PLAIN_IN_FLOW.fullmatch(written) is not None
    return bool(written) and not re.search(r"[,\[\]{}:#]", written)


def key(name: Key) -> str:
    """Write a map's key."""
    if isinstance(name, str):
        known = name.casefold() in {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
        return name if _PLAIN_KEY.fullmatch(name) and not known else quoted(name)
    if name[0] == NULL:
        return "null"
    if not name[0].startswith("tag:yaml.org,2002:"):
        raise Unreadable("a tagged key in it cannot be moved")
    return name[1]


def inline(value: Value, *, flow: bool) -> str:
    """Write a value on one line."""
    if isinstance(value, Leaf):
        return scalar(value, flow=flow)
    if isinstance(value, List):
        return f"[{', '.join(inline(item, flow=True) for item in value.items)}]"
    pairs = (f"{key(name)}: {inline(item, flow=True)}" for name, item in value.items.items())
    return f"{{{', '.join(pairs)}}}"


def block(value: Value, column: int, newline: str) -> str:
    """Write a map or list in block style; its lines but the first start at ``column``."""
    lead = newline + " " * column
    if isinstance(value, Map) and value.items:
        return lead.join(
            f"{key(name)}:{below(item, column + 2, newline)}" for name, item in value.items.items()
        )
    if isinstance(value, List) and value.items:
        return lead.join(
            f"- {inline(item, flow=False)}"
            if isinstance(item, Leaf) or not item.items
            else f"- {block(item, column + 2, newline)}"
            for item in value.items
        )
    return inline(value, flow=False)


def below(value: Value, column: int, newline: str) -> str:
    """Write what stands behind a colon: a blank and a scalar, or a block on the next line."""
    if isinstance(value, Leaf) or not value.items or (value.node and value.node.flow):
        written = inline(value, flow=False)
        return f" {written}" if written else ""
    return f"{newline}{' ' * column}{block(value, column, newline)}"
