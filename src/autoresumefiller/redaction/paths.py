"""Dotted paths: how a place in a configuration is written for people.

``ai_providers.openai.api_key``, ``providers[0].api_key``; a key with a dot, a
bracket, a quote or a space in it, or an empty one, is written as a JSON string
in brackets: ``hosts["example.org"].token``. What must not be shown as it is
(keys come from other people's archives, too) is a JSON escape there.
"""

import json
import re
from collections.abc import Iterable

from autoresumefiller.model.printable import printable

Path = tuple["str | int", ...]

_SIMPLE = re.compile(r"[^\s.\[\]\"'\\]+")
_STEP = re.compile(
    r"\[(?P<index>\d+)\]|\[(?P<quoted>\"(?:[^\"\\]|\\.)*\")\]|\.?(?P<plain>[^.\[\]]+)"
)


def dotted(path: Iterable[str | int]) -> str:
    """Write a path of keys (text) and list indices (numbers)."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        elif _SIMPLE.fullmatch(step) and _is_safe(step):
            out += f".{step}" if out else step
        else:
            out += f"[{_quoted(step)}]"
    return out


def _is_safe(text: str) -> bool:
    return text.isprintable() or printable(text, limit=len(text)) == text


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    if _is_safe(quoted):
        return quoted
    return "".join(
        character if _is_safe(character) else json.dumps(character)[1:-1] for character in quoted
    )


def parse(text: str) -> Path:
    """Read a dotted path; raises ValueError if it is none."""
    path: list[str | int] = []
    position = 0
    while position < len(text):
        found = _STEP.match(text, position)
        if not found or (found["plain"] is not None and bool(path) != (text[position] == ".")):
            raise ValueError("not a dotted path")
        if found["index"] is not None:
            path.append(int(found["index"]))
        elif found["quoted"] is not None:
            path.append(json.loads(found["quoted"]))
        else:
            path.append(found["plain"])
        position = found.end()
    if not path:
        raise ValueError("not a dotted path")
    return tuple(path)
