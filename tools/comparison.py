"""Tell in which ways two vaults differ; knows nothing of how archives work."""

import filecmp
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CARRIED = ("data", "resumes", "cover_letters")
_NOTHING = object()


def files_of(vault: Path) -> list[str]:
    """Every file that an export carries but config.yaml: sorted, POSIX separators."""
    return sorted(_relative(vault, file=True))


def folders_of(vault: Path) -> list[str]:
    """Every folder below data/, resumes/ and cover_letters/, empty ones too."""
    return sorted(_relative(vault, file=False))


def _relative(vault: Path, *, file: bool) -> Iterator[str]:
    for directory in CARRIED:
        for path in (vault / directory).rglob("*"):
            if path.is_symlink() or path.is_file() is file:
                yield path.relative_to(vault).as_posix()


def differences(before: Path, after: Path) -> list[str]:
    """Compare all files byte by byte, and folders and times; one sentence for each difference.

    Times are compared to the second: a ZIP holds no finer ones.
    """
    found = []
    old, new = files_of(before), files_of(after)
    found += [f"{path} is missing" for path in sorted(set(old) - set(new))]
    found += [f"{path} was not there before" for path in sorted(set(new) - set(old))]
    for path in sorted(set(old) & set(new)):
        if not filecmp.cmp(before / path, after / path, shallow=False):
            found.append(f"{path} has another content")
        elif int((before / path).stat().st_mtime) != int((after / path).stat().st_mtime):
            found.append(f"{path} has another modification time")
    for path in sorted(set(folders_of(before)) ^ set(folders_of(after))):
        found.append(f"the folder {path} is only on one side")
    return found


def setting_differences(before: Path, after: Path) -> dict[str, tuple[Any, Any]]:
    """Compare two YAML files by value: dotted path -> (value before, value after).

    A value that is not there at all is None.
    """
    old, new = _leaves_of(before), _leaves_of(after)
    return {
        path: (old.get(path), new.get(path))
        for path in sorted(old.keys() | new.keys())
        if old.get(path, _NOTHING) != new.get(path, _NOTHING)
    }


def _leaves_of(file: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML

    return dict(_leaves("", YAML(typ="safe").load(file.read_bytes())))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), child)
    elif isinstance(value, list) and value:
        for number, child in enumerate(value):
            yield from _leaves(f"{path}[{number}]", child)
    else:
        yield path, value
