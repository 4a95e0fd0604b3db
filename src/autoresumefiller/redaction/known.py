"""The settings that this package acts on, as a text says them."""

from typing import TYPE_CHECKING

from autoresumefiller.redaction.data import Key, Leaf, List, Map, Value, key_text, plain
from autoresumefiller.redaction.paths import Path
from autoresumefiller.redaction.tree import NULL, STR

if TYPE_CHECKING:
    from autoresumefiller.model.settings import Misfit, Settings

# `version: 1.0` is a number to YAML and a text to us.
_TEXTS = frozenset({"version"})
# `encryption.recipients[0]`: a map, a list in it, a text in that.
_DEPTH = 2
# The switches of YAML 1.1, which people go on writing; in quotes they are texts.
_SWITCHES = {"yes": True, "on": True, "no": False, "off": False}


def known_settings(root: Map) -> dict[str, object]:
    """Give the known settings that are there, as Python has them; a null is as good as none."""
    from autoresumefiller.model.settings import Settings

    out: dict[str, object] = {}
    for name in Settings.model_fields:
        value = root.items.get(name)
        if value is None or (isinstance(value, Leaf) and value.empty):
            continue
        as_text = name in _TEXTS and isinstance(value, Leaf)
        out[name] = value.text if as_text and isinstance(value, Leaf) else _plain(value)
    return out


def misfits_in(root: Map) -> tuple["Misfit", ...]:
    """Name the known settings of a text that do not fit."""
    return fitting_in(root)[1]


def fitting_in(root: Map) -> tuple["Settings", tuple["Misfit", ...]]:
    """Give the known settings of a text, and name those that do not fit and are at default."""
    from autoresumefiller.model.settings import fitting

    return fitting(known_settings(root))


def without(root: Map, path: Path) -> Map:
    """Give ``root`` without the setting at ``path``, which goes through maps."""
    step, rest = path[0], path[1:]
    items: dict[Key, Value] = {}
    for key, value in root.items.items():
        if key_text(key) != step:
            items[key] = value
        elif rest and isinstance(value, Map):
            items[key] = without(value, rest)
    return Map(items=items, node=root.node, origin=root.origin)


def at(root: Map, path: Path) -> Value | None:
    """Give the value at ``path``, which goes through maps, or None."""
    value: Value | None = root
    for step in path:
        if not isinstance(value, Map):
            return None
        value = next((item for key, item in value.items.items() if key_text(key) == step), None)
    return value


def _plain(value: Value, depth: int = 0) -> object:
    """Give a value as Python has it, what is deeper than any known setting left out.

    Aliases let a small text say exponentially much further down.
    """
    if isinstance(value, Map):
        return {
            key_text(key): _plain(item, depth + 1)
            for key, item in value.items.items()
            if depth < _DEPTH and not (isinstance(item, Leaf) and item.tag == NULL)
        }
    if isinstance(value, List):
        return [_plain(item, depth + 1) for item in value.items if depth < _DEPTH]
    if value.tag == STR and value.node is not None and not value.node.style:
        return _SWITCHES.get(value.text.casefold(), value.text)
    return plain(value)
