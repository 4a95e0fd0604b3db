"""Whether this version of the application may take an archive."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from autoresumefiller.archive.faults import Code, error, shown, warning
from autoresumefiller.model.finding import Finding
from autoresumefiller.model.metadata import FORMAT_VERSION, Metadata

if TYPE_CHECKING:  # half a megabyte of modules that a list of backups does not need
    from packaging.version import Version

_LONGEST_VERSION = 64
_ADVICE = "update AutoResumeFiller to import it"


def version_faults(metadata: Metadata, app_version: str) -> Iterator[Finding]:
    """Compare the versions an archive names with this one (PEP 440)."""
    if metadata.format_version is not None and metadata.format_version > FORMAT_VERSION:
        yield error(
            Code.FORMAT_NEWER,
            f"Version mismatch: backup format v{metadata.format_version}, "
            f"current format v{FORMAT_VERSION}; {_ADVICE}",
        )
    yield from _application_faults(metadata.app_version, app_version)


def _application_faults(theirs: str, ours: str) -> Iterator[Finding]:
    from packaging.version import InvalidVersion, Version

    current = Version(ours)
    try:
        # Its pattern matching is not meant for megabytes.
        backup = Version(theirs if len(theirs) <= _LONGEST_VERSION else "")
    except InvalidVersion:
        yield error(
            Code.VERSION_UNREADABLE,
            f"Version mismatch: the backup names a version that is none, {shown(theirs)!r}",
        )
        return
    detail = f"the backup was made by {shown(str(backup))}, this is {current}"
    if _minor(backup) > _minor(current):
        yield error(
            Code.VERSION_MISMATCH,
            f"Version mismatch: backup v{_short(backup)}, current v{_short(current)} "
            f"({detail}; {_ADVICE})",
        )
    elif Version(backup.public) > current:
        yield warning(Code.VERSION_NEWER_PATCH, f"Version mismatch (minor): {detail}")


def _minor(version: "Version") -> tuple[int, int, int]:
    return version.epoch, version.major, version.minor


def _short(version: "Version") -> str:
    epoch = f"{version.epoch}!" if version.epoch else ""
    return f"{epoch}{version.major}.{version.minor}"
