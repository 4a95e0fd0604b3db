"""What an import would do, as facts and as the question put to a person."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFiles:
    """The files of one directory that an import touches; paths relative to the vault."""

    replaced: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What an import would do to the vault.

    ``str(plan)`` is the question of the story's AC4, word for word; it names
    what would be lost to an import, and what would be added only where nothing is.

    Attributes:
        archive: File name of the archive.
        existing_data: Whether anything is there that could be replaced; where
            nothing is, nobody needs to be asked.
        profile_modified: The day (local time) the live profile was last
            modified, or None if the import does not replace a profile.
        profile_name: ``user_profile.json`` or ``user_profile.json.enc``: the live one.
        data, resumes, cover_letters: Per directory.
        config_merged: Whether settings would be merged into config.yaml.
        settings_changed: Dotted paths of settings that would get another value.
        mode: ``overwrite`` or ``mirror``.
        total_bytes: Size of what would be written.
        warnings: What the person should know before answering.

    """

    archive: str
    existing_data: bool
    profile_modified: date | None = None
    profile_name: str = "user_profile.json"
    data: PlannedFiles = field(default_factory=PlannedFiles)
    resumes: PlannedFiles = field(default_factory=PlannedFiles)
    cover_letters: PlannedFiles = field(default_factory=PlannedFiles)
    config_merged: bool = False
    settings_changed: tuple[str, ...] = ()
    mode: str = "overwrite"
    total_bytes: int = 0
    warnings: tuple[str, ...] = ()

    def _replaced(self) -> Iterator[str]:
        if self.profile_modified is not None:
            yield f"- Replace {self.profile_name} (last modified: {self.profile_modified})"
        others = len(self.data.replaced) - (self.profile_modified is not None)
        if others > 0:
            yield f"- Replace {_count(others, 'other data file')}"
        for files, what in (
            (self.resumes, "resume file"),
            (self.cover_letters, "cover letter file"),
        ):
            if files.replaced:
                yield f"- Replace {_count(len(files.replaced), what)}"
        removed = sum(len(files.removed) for files in self._folders())
        if removed:
            yield f"- Remove {_count(removed, 'file')} that the backup does not have"

    def _added(self) -> Iterator[str]:
        added = sum(len(files.added) for files in self._folders())
        if added:
            yield f"- Add {_count(added, 'file')}"
        if self.settings_changed:
            yield f"- Change {_count(len(self.settings_changed), 'setting')}"

    def _folders(self) -> tuple[PlannedFiles, ...]:
        return self.data, self.resumes, self.cover_letters

    def _lines(self) -> Iterator[str]:
        yield "Existing data found. Import will:"
        # The story's question names what is replaced alone; one that named nothing was none.
        yield from list(self._replaced()) or self._added()
        yield "- Backup existing data before import? [Y/n]"
        yield ""
        yield "Continue with import? [y/N]"

    def __str__(self) -> str:
        return "\n".join(self._lines())


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
