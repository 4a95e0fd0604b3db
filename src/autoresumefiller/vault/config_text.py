"""config.yaml as a text that people write: read a setting, set one, show it masked.

A setting is changed by an edit of its span; the result is parsed again and must
say exactly what it said before but for that setting. Names are dotted paths
(``redaction.paths``): ``ai_providers.openai.model``, ``providers[0].url``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from autoresumefiller.errors import ConfigError

if TYPE_CHECKING:
    from autoresumefiller.model.settings import Misfit, Settings
    from autoresumefiller.redaction.data import Leaf, Map, Reading, Value
    from autoresumefiller.redaction.paths import Path
    from autoresumefiller.redaction.tree import Document

_EDIT_HINT = "Open config.yaml in an editor and correct it."


def read_settings(config: bytes) -> "Settings":
    """Read the settings that this package acts on; what is absent has its default.

    Raises `ConfigError` if the text cannot be read or one of them does not fit.
    """
    settings, faults = usable_settings(config)
    if faults:
        raise unfit(faults)
    return settings


def usable_settings(config: bytes) -> "tuple[Settings, tuple[Misfit, ...]]":
    """Read the settings; what does not fit has its default, and is named.

    Raises `ConfigError` if the text cannot be read.
    """
    from autoresumefiller.redaction.known import fitting_in

    _, reading = _read(config)
    return fitting_in(_root(reading))


def unfit(faults: "Iterable[Misfit]") -> ConfigError:
    """Say which settings do not fit, and what would."""
    from autoresumefiller.redaction.paths import dotted

    said = "; ".join(f"{dotted(fault.path)}: {fault.wanted}" for fault in faults)
    return ConfigError(f"config.yaml has a setting that does not fit: {said}")


def get_value(config: bytes, name: str) -> object:
    """Return one setting as nested dicts, lists, str, int, float, bool or None.

    Raises `ConfigError` if the text cannot be read or there is no such setting.
    """
    from autoresumefiller.redaction.data import python

    path = _path(name)
    _, reading = _read(config)
    value: Value | None = reading.root
    for step in path:
        value = _child(value, step)
        if value is None:
            raise ConfigError(
                f"There is no setting '{name}'",
                hint="Run 'arf config show' to see the settings there are.",
            )
    assert value is not None  # noqa: S101 - a path has at least one step
    return python(value)


def kind_of(name: str) -> type | None:
    """Return what a setting holds that this package acts on: bool, int, str, tuple; else None.

    Raises `ConfigError` if that is no name of a setting.
    """
    from autoresumefiller.model.settings import kind_of

    return kind_of(_path(name))


def set_value(config: bytes, name: str, value: object) -> bytes:
    """Return ``config`` with one setting changed; maps on the way to it are created.

    ``value`` is None, a bool, int, float, str, or a list or mapping of them.
    Raises `ConfigError` if the text cannot be read, the value does not fit its
    setting, or the edit would say anything else than meant. Another setting
    that does not fit already is no reason: it stays as it is.
    """
    from autoresumefiller.redaction.data import Comparison, Map
    from autoresumefiller.redaction.fit import Fitter
    from autoresumefiller.redaction.known import misfits_in
    from autoresumefiller.redaction.splice import apply
    from autoresumefiller.redaction.tree import Unreadable

    path = _path(name)
    document, reading = _read(config)
    comparison = Comparison()
    target = _with(reading.root, path, value, name)
    if comparison.same(reading.root, target):
        return config
    assert isinstance(target, Map)  # noqa: S101 - a path's first step is a key, which makes a map
    changed = config
    again: Reading | None = None
    try:
        fitter = Fitter(document, reading.by_node, comparison)
        fitter.root(target)
        changed = apply(document.text, fitter.splices).encode()
        _, again = _read(changed)
    except (Unreadable, ValueError, ConfigError, RecursionError):
        pass  # said below
    if again is None or not comparison.same(again.root, target):
        raise ConfigError(
            f"'{name}' cannot be set without changing something else in config.yaml",
            hint="Set it in an editor.",
        )
    if faults := [fault for fault in misfits_in(_root(again)) if _touches(fault.path, path)]:
        raise unfit(faults)
    return changed


def masked(config: bytes) -> str:
    """Return the text with every secret replaced by the placeholder.

    Raises `ConfigError` if it cannot be read: it may hold secrets anywhere.
    """
    from autoresumefiller.redaction.redact import hide
    from autoresumefiller.redaction.tree import Unreadable, decode

    try:
        return hide(decode(config))[0]
    except Unreadable as reason:
        raise _unreadable(reason) from None


def _read(config: bytes) -> "tuple[Document, Reading]":
    from autoresumefiller.redaction.data import Map, value_of
    from autoresumefiller.redaction.tree import Unreadable, decode, read

    try:
        document = read(decode(config))
        reading = value_of(document)
        if not isinstance(reading.root, Map):
            raise Unreadable("it is not a map of settings")  # noqa: TRY301 - one verdict for all
    except Unreadable as reason:
        raise _unreadable(reason) from None
    return document, reading


def _touches(one: "Path", other: "Path") -> bool:
    """Tell whether one of two places is the other, or within it."""
    return all(left == right for left, right in zip(one, other, strict=False))


def _unreadable(reason: Exception) -> ConfigError:
    return ConfigError(f"config.yaml cannot be read: {reason}", hint=_EDIT_HINT)


def _root(reading: "Reading") -> "Map":
    from autoresumefiller.redaction.data import Map

    return reading.root if isinstance(reading.root, Map) else Map(items={})


def _path(name: str) -> "Path":
    from autoresumefiller.redaction.paths import parse

    try:
        path = parse(name)
    except ValueError:
        path = ()
    if not path or not isinstance(path[0], str):
        raise ConfigError(
            f"'{name}' is not the name of a setting",
            hint="Write it with dots, such as backup.max_backups.",
        )
    return path


def _child(value: "Value | None", step: str | int) -> "Value | None":
    from autoresumefiller.redaction.data import List, Map, key_text

    if isinstance(value, Map):
        return next((item for key, item in value.items.items() if key_text(key) == step), None)
    if isinstance(value, List) and isinstance(step, int) and step < len(value.items):
        return value.items[step]
    return None


def _with(current: "Value | None", path: "Path", value: object, name: str) -> "Value":
    """Give ``current`` with ``value`` at ``path``; what is not on the path is shared."""
    from autoresumefiller.redaction.data import Leaf, List, Map, key_text

    if not path:
        return _value(value, current, name)
    step, rest = path[0], path[1:]
    if current is None or (isinstance(current, Leaf) and current.empty):
        current = Map(items={})
    if isinstance(current, Map) and isinstance(step, str):
        key = next((key for key in current.items if key_text(key) == step), step)
        items = dict(current.items)
        items[key] = _with(items.get(key), rest, value, name)
        return Map(items=items, node=current.node, origin=current.origin)
    if isinstance(current, List) and isinstance(step, int) and step < len(current.items):
        listed = list(current.items)
        listed[step] = _with(listed[step], rest, value, name)
        return List(items=listed, node=current.node, origin=current.origin)
    raise ConfigError(
        f"'{name}' cannot be set: something on the way to it is neither a map nor a list entry",
        hint="Run 'arf config show' to see the settings there are.",
    )


def _value(value: object, before: "Value | None", name: str) -> "Value":
    from autoresumefiller.redaction.data import List, Map

    if isinstance(value, Mapping):
        return Map(items={str(key): _value(item, None, name) for key, item in value.items()})
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return List(items=[_value(item, None, name) for item in value])
    return _leaf(value, before, name)


def _leaf(value: object, before: "Value | None", name: str) -> "Leaf":
    from autoresumefiller.redaction.data import Leaf
    from autoresumefiller.redaction.secrets import is_placeholder

    writers: dict[type, tuple[str, Callable[[object], str]]] = {
        type(None): ("null", lambda _: "null"),
        bool: ("bool", lambda item: str(item).lower()),
        int: ("int", str),
        float: ("float", _float),
        str: ("str", str),
    }
    if type(value) not in writers:
        raise ConfigError(f"'{name}' cannot be a {type(value).__name__}")
    tag, write = writers[type(value)]
    text = write(value)
    if is_placeholder(text):
        raise ConfigError(
            f"'{name}' would become the placeholder of a redacted key",
            hint="Give the real value, or an empty one.",
        )
    leaf = Leaf(tag=f"tag:yaml.org,2002:{tag}", text=text)
    # The same value again keeps the spelling it has.
    return before if isinstance(before, Leaf) and _is_same(before, leaf) else leaf


def _is_same(before: "Leaf", after: "Leaf") -> bool:
    from autoresumefiller.redaction.data import Comparison

    return Comparison().same(before, after)


def _float(value: object) -> str:
    text = repr(value)
    if text in {"inf", "-inf", "nan"}:
        return text.replace("inf", ".inf").replace("nan", ".nan")
    return text if "." in text or "e" not in text else text.replace("e", ".0e")
