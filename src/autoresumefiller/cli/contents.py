"""What is in an archive, in words, from what it says of itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from autoresumefiller.cli.wording import count

_PROFILES = {"data/user_profile.json", "data/user_profile.json.enc"}
_MOST_KINDS = 6


def summary(metadata: Mapping[str, Any] | None) -> str:
    """Return a few words: ``profile, 5 resumes, 2 cover letters, settings``."""
    if metadata is None:
        return "cannot be read; see 'arf verify'"
    parts = [words for _, words in _parts(_paths(metadata))]
    return ", ".join(parts) or "nothing"


def _paths(metadata: Mapping[str, Any]) -> list[str]:
    return [entry["path"] for entry in metadata.get("files", ())]


def _parts(paths: Sequence[str]) -> list[tuple[str, str]]:
    """Return top-level name and words for each part that is there."""
    profile = next((path for path in paths if path in _PROFILES), None)
    roots = Counter(path.partition("/")[0] for path in paths)
    other_data = roots["data"] - (profile is not None)
    parts = []
    if profile is not None:
        parts.append(("data", "encrypted profile" if profile.endswith(".enc") else "profile"))
    if other_data:
        parts.append(("data", count(other_data, "other data file")))
    for folder, noun in (("resumes", "resume"), ("cover_letters", "cover letter")):
        if roots[folder]:
            parts.append((folder, count(roots[folder], noun)))
    if roots["config.yaml"]:
        parts.append(("config.yaml", "settings"))
    return parts


def folder_rows(metadata: Mapping[str, Any]) -> list[tuple[str, int, int, str]]:
    """Return for each top-level part: name, number of files, bytes, kinds of files."""
    files = metadata.get("files", ())
    rows = []
    for root in dict.fromkeys(entry["path"].partition("/")[0] for entry in files):
        inside = [entry for entry in files if entry["path"].partition("/")[0] == root]
        size = sum(entry["size_bytes"] for entry in inside)
        rows.append((root, len(inside), size, _kinds(entry["path"] for entry in inside)))
    return rows


def _kinds(paths: Any) -> str:
    kinds = Counter(PurePosixPath(path).suffix.lstrip(".").upper() or "no ending" for path in paths)
    common = [f"{number:,} {kind}" for kind, number in kinds.most_common(_MOST_KINDS)]
    if len(kinds) > _MOST_KINDS:
        common.append("others")
    return ", ".join(common)
