"""What is in an archive, in words, from what it says of itself."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from autoresumefiller.backup.list_index import Brief
from autoresumefiller.cli.wording import count

_MOST_KINDS = 6


def summary(brief: Brief | None) -> str:
    """Return a few words: ``profile, 5 resumes, 2 cover letters, settings``."""
    if brief is None:
        return "cannot be read; see 'arf verify'"
    return ", ".join(_parts(brief)) or "nothing"


def _parts(brief: Brief) -> Iterator[str]:
    """Yield words for each part that is there."""
    number_of = Counter(brief.contents)
    other_data = number_of["data"] - (brief.profile is not None)
    if brief.profile is not None:
        yield "encrypted profile" if brief.profile.endswith(".enc") else "profile"
    if other_data:
        yield count(other_data, "other data file")
    for folder, noun in (("resumes", "resume"), ("cover_letters", "cover letter")):
        if number_of[folder]:
            yield count(number_of[folder], noun)
    if number_of["config.yaml"]:
        yield "settings"


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
