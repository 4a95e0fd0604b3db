"""What an import would do, worked out from the archive and the live vault."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autoresumefiller.archive.validation import Report
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.settings_file import read_config
from autoresumefiller.errors import VaultLayoutError
from autoresumefiller.model import moments
from autoresumefiller.model.metadata import Metadata, Scope
from autoresumefiller.model.plan import ImportPlan, PlannedFiles
from autoresumefiller.model.printable import printable
from autoresumefiller.model.settings import DEFAULT_CONFIG
from autoresumefiller.redaction.combine import ArchivedSecrets
from autoresumefiller.redaction.refill import Merged, merge
from autoresumefiller.vault.durable import storage
from autoresumefiller.vault.inventory import Inventory, take_inventory
from autoresumefiller.vault.layout import (
    CONFIG,
    CONTENT_DIRECTORIES,
    DATA,
    ENCRYPTED_PROFILE_PATH,
    PROFILE_PATH,
    VaultLayout,
)

# The profile is one thing in two forms: what installs one retires the other.
_TWIN = {PROFILE_PATH: ENCRYPTED_PROFILE_PATH, ENCRYPTED_PROFILE_PATH: PROFILE_PATH}

_MOST_NAMED = 5

OVERWRITE = "overwrite"
MIRROR = "mirror"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A plan and what carrying it out needs.

    Attributes:
        plan: What is shown to the person.
        installed: Vault paths that come from the archive, without config.yaml.
        removed: Vault paths that go: twins of the profile, and what mirror mode drops.
        directories: Folders to be there afterwards, even if empty.
        emptied: Empty folders that mirror mode removes.
        merged: The settings after the import, or None if the archive has none.
        fingerprint: Equal for two plans exactly if the live files they were
            made from did not change in between.

    """

    plan: ImportPlan
    installed: tuple[str, ...]
    removed: tuple[str, ...]
    directories: tuple[str, ...]
    emptied: tuple[str, ...]
    merged: Merged | None
    fingerprint: frozenset[tuple[str, int, int]]


def restored_path(record_path: str, original_path: str | None) -> str:
    """Return the path in the vault of a file that the archive has."""
    return original_path or record_path


def draw_up(
    vault: Vault,
    report: Report,
    *,
    archive: str,
    archived_config: bytes | None,
    secrets: ArchivedSecrets,
    mode: str,
    profile_path: str | None,
) -> Work:
    """Compare a proven archive with the live vault.

    ``secrets`` says what becomes of API keys that the archive carries,
    ``profile_path`` is the form in which its profile will be installed.

    Raises:
        VaultLayoutError: the import would replace a folder that is a link.
        StorageError: the live vault cannot be read.

    """
    metadata = report.metadata
    if metadata is None:  # a report without errors always carries its metadata
        raise AssertionError("an importable archive has metadata")
    installed = tuple(
        profile_path if path in _TWIN and profile_path is not None else path
        for record in metadata.files
        if (path := restored_path(record.path, record.original_path)) != CONFIG
    )
    _refuse_links(vault.layout, installed)
    live = take_inventory(vault.layout, Scope.FULL)
    existing = {file.path: file for file in live.files}
    removed = _removed(existing, installed, metadata=metadata, mode=mode)
    spared = [path for path in removed if _was_skipped(metadata, path)]
    removed = tuple(path for path in removed if path not in set(spared))
    config = read_config(vault) if archived_config is not None else None
    merged = None if archived_config is None else merge(config, archived_config, secrets=secrets)
    own_settings = merged is not None and bool(merged.changed) and not _is_as_created(config)
    replaced_profile = _replaced_profile(existing, installed)
    plan = ImportPlan(
        archive=archive,
        existing_data=own_settings or any(path != CONFIG for path in existing),
        profile_name=(replaced_profile or PROFILE_PATH).removeprefix("data/"),
        profile_modified=None
        if replaced_profile is None
        else moments.here(moments.of_file(existing[replaced_profile].mtime_ns)).date(),
        **{
            folder: _planned(
                folder, existing, installed, removed, covered=_covers(metadata, folder)
            )
            for folder in CONTENT_DIRECTORIES
        },
        config_merged=merged is not None,
        settings_changed=() if merged is None else merged.changed,
        mode=mode,
        total_bytes=metadata.total_size_bytes,
        warnings=(*report.warnings, *_about_spared(spared)),
    )
    return Work(
        plan=plan,
        installed=installed,
        removed=removed,
        directories=report.directories,
        emptied=tuple(_emptied(live, report, metadata)) if mode == MIRROR else (),
        merged=merged,
        fingerprint=_fingerprint(live),
    )


def _is_as_created(config: bytes | None) -> bool:
    """Whether a person has not changed the settings, so that nothing of theirs can be lost."""
    return not config or config == DEFAULT_CONFIG.encode()


def _emptied(live: Inventory, report: Report, metadata: Metadata) -> set[str]:
    """Return the folders that hold nothing, or nothing but such folders, and are not archived."""
    found: set[str] = set()
    for empty in live.empty_directories:
        top, *parts = empty.split("/")
        if _covers(metadata, top):
            found.update("/".join([top, *parts[:depth]]) for depth in range(1, len(parts) + 1))
    return found - set(report.directories)


def _planned(
    folder: str,
    existing: Mapping[str, object],
    installed: Iterable[str],
    removed: Iterable[str],
    *,
    covered: bool,
) -> PlannedFiles:
    inside = f"{folder}/"
    coming = {path for path in installed if path.startswith(inside)}
    here = {path for path in existing if path.startswith(inside)}
    # The other form of the profile is replaced, not removed: it is one thing.
    twins = {_TWIN[path] for path in coming if path in _TWIN} & here
    going = {path for path in removed if path.startswith(inside)} - twins
    return PlannedFiles(
        replaced=tuple(sorted(coming & here | twins)),
        added=tuple(sorted(coming - here - {_TWIN[path] for path in twins})),
        kept=tuple(sorted(here - coming - going - twins)) if covered or here else (),
        removed=tuple(sorted(going)),
    )


def _replaced_profile(existing: Mapping[str, object], installed: Iterable[str]) -> str | None:
    if not any(path in _TWIN for path in installed):
        return None
    return next((path for path in _TWIN if path in existing), None)


def _removed(
    existing: Mapping[str, object], installed: tuple[str, ...], *, metadata: Metadata, mode: str
) -> tuple[str, ...]:
    coming = set(installed)
    gone = {_TWIN[path] for path in coming if path in _TWIN} & existing.keys()
    if mode == MIRROR:
        gone |= {
            path
            for path in existing
            if path not in coming and _covers(metadata, path.partition("/")[0])
        }
    return tuple(sorted(gone))


def _was_skipped(metadata: Metadata, path: str) -> bool:
    """Whether the archive lacks a file only because its export had to leave it out."""
    shown = printable(path)
    return any(
        shown == skipped.path or shown.startswith(f"{skipped.path.rstrip('/')}/")
        for skipped in metadata.skipped
    )


def _about_spared(spared: Sequence[str]) -> Iterator[str]:
    if spared:
        named = ", ".join(printable(path) for path in spared[:_MOST_NAMED])
        more = len(spared) - _MOST_NAMED
        yield (
            f"Not removed, because the backup had to leave them out: {named}"
            f"{f' and {more} more' if more > 0 else ''}"
        )


def _covers(metadata: Metadata, folder: str) -> bool:
    """Whether the archive speaks for this folder: config.yaml is merged, never removed."""
    if metadata.scope is Scope.DATA:
        return folder == DATA
    return folder in CONTENT_DIRECTORIES


def _refuse_links(layout: VaultLayout, installed: Iterable[str]) -> None:
    for folder in sorted({path.partition("/")[0] for path in installed}):
        with storage("look at", layout.root / folder):
            is_link = (layout.root / folder).is_symlink()
        if is_link:
            raise VaultLayoutError(
                f"{folder}/ is a link to another folder, and an import replaces only real folders",
                hint=f"Replace the link by a folder (move the files back into {folder}/), "
                "import again, and link it anew afterwards.",
            )


def _fingerprint(live: Inventory) -> frozenset[tuple[str, int, int]]:
    return frozenset((file.path, file.size, file.mtime_ns) for file in live.files)
