"""Names that no archive may hold, escaped: nobody's file is left out for what it is called.

Each offending byte becomes ``%XX``, and a lone surrogate that stands for no
byte ``%uXXXX``. A name that would get too long for one segment, or that no
short escape can tell from its twins, moves into folders whose names end in
``%_``; these join to nothing. `names.unescape` is the inverse.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from autoresumefiller.archive.names import (
    DEVICE,
    MAX_SEGMENT_BYTES,
    REFUSED,
    RESERVED,
    name_fault,
    segment_fault,
    twin_key,
)
from autoresumefiller.archive.twins import Twins

_LOOKS_ESCAPED = re.compile(r"%[0-9A-F]{2}|%uD[89A-F][0-9A-F]{2}|%_(?:/|$)")
_CONTINUED = "%_"
_CHUNK_BYTES = 83  # 83 escaped bytes and "%_" are 251 characters

_Folder: TypeAlias = dict[tuple[str, bool], "_Folder"]


def escaped_names(paths: Sequence[str]) -> dict[str, str]:
    """Give every vault path a member name that any system can hold.

    Args:
        paths: Relative, POSIX separators, no empty, ``.`` or ``..`` parts;
            bytes that are no UTF-8 as lone surrogates. A folder's own path
            ends in a slash, and so does its member name.

    Returns:
        Path to member name, of those paths whose member name differs. The same
        for the same set of paths; a path is its own member name wherever that
        is portable and has no twin; no two members are twins;
        ``unescape(member) == path`` for every one that differs.

    """
    if _all_plain(paths):
        return {}
    root: _Folder = {}
    for path in sorted(set(paths)):
        folder = root
        *folders, name = path.split("/")
        for part in folders:
            folder = folder.setdefault((part, True), {})
        folder[name, False] = {}
    return {path: member for path, member in _plan_tree(root).items() if path != member}


def _all_plain(paths: Iterable[str]) -> bool:
    """Tell in one go that all names are portable and no two are twins, as it mostly is."""
    twins = Twins()
    profiles = frozenset(RESERVED.values())
    for name in profiles:
        twins.may_have(name)
    for path in paths:
        if "%" in path and _LOOKS_ESCAPED.search(path):
            return False
        if name_fault(path.removesuffix("/")):
            return False
        if path not in profiles and twins.may_have(path):
            return False
    return True


def _plan_tree(root: _Folder) -> dict[str, str]:
    plan: dict[str, str] = {}
    stack = [(root, "", "")]
    while stack:
        folder, path, member = stack.pop()
        for (name, is_folder), planned in _plan_segments(folder, path).items():
            if is_folder:
                stack.append((folder[name, True], f"{path}{name}/", f"{member}{planned}/"))
            else:
                own = path + name
                # One string, not two equal ones, for each of 100,000 files.
                plan[own] = own if member + planned == own else member + planned
    return plan


def _plan_segments(folder: _Folder, path: str) -> dict[tuple[str, bool], str]:
    planned: dict[tuple[str, bool], str] = {}
    taken: set[str] = set()
    reserved = {name for name in RESERVED.values() if name.startswith(path)} if path else set()
    for name in reserved:
        taken.add(twin_key(name.removeprefix(path)))
    waiting = []
    for name, is_folder in sorted(folder):
        if not name:  # the folder itself
            planned[name, is_folder] = name
            continue
        key = twin_key(name)
        if not is_folder and path + name in reserved:
            planned[name, is_folder] = name
        elif key in taken or _LOOKS_ESCAPED.search(name) or segment_fault(name):
            waiting.append((name, is_folder))
        else:
            taken.add(key)
            planned[name, is_folder] = name
    for name, is_folder in waiting:
        planned[name, is_folder] = escaped = _free_escape(name, taken)
        taken.add(twin_key(escaped))
    return planned


def _free_escape(name: str, taken: set[str]) -> str:
    """Escape as little as makes the name portable and no twin of those taken."""
    pieces = [_escape_character(character) for character in name]
    must = [bool(REFUSED.match(character)) or character == "%" for character in name]
    must[-1] = must[-1] or name[-1] in ". "
    must[0] = must[0] or DEVICE.match(name) is not None
    for leading in range(len(name) + 1):
        escaped = "".join(
            piece if index < leading or must[index] else name[index]
            for index, piece in enumerate(pieces)
        )
        if len(escaped.encode()) > MAX_SEGMENT_BYTES:
            break
        if twin_key(escaped) not in taken:
            return escaped
    return _escape_whole(name)


def _escape_character(character: str) -> str:
    try:
        raw = character.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return f"%u{ord(character):04X}"
    return "".join(f"%{byte:02X}" for byte in raw)


def _escape_whole(name: str) -> str:
    """Escape every character, in a folder of its own kind, cut into segments that fit.

    Nothing else is ever called ``%_``, and upper-case hexadecimal digits of
    all bytes tell any two names apart: no twins are possible in there.
    """
    segments, current = [_CONTINUED], ""
    for piece in map(_escape_character, name):
        if len(current) + len(piece) > 3 * _CHUNK_BYTES:
            segments.append(current + _CONTINUED)
            current = ""
        current += piece
    return "/".join([*segments, current])
