"""What a validation takes and gives: where files go, and what was found out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

from autoresumefiller.archive.compression import Buffer
from autoresumefiller.archive.faults import NOT_ABOUT_INTEGRITY
from autoresumefiller.model.finding import Finding, Severity
from autoresumefiller.model.metadata import FileRecord, Metadata

if TYPE_CHECKING:
    from autoresumefiller.model.profile import UserProfile


class Sink(Protocol):
    """Where the files of an archive go while they are checked; used from several threads."""

    def open(self, record: FileRecord, path: str) -> BinaryIO:
        """Create the file ``path`` (its name in the vault); it is closed here."""

    def put(self, record: FileRecord, path: str, content: Buffer) -> None:
        """Create the file ``path`` with all of its content."""

    def make_directory(self, path: str) -> None:
        """Create a folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found out about an archive.

    Attributes:
        findings: Every fault and oddity.
        metadata: What it says of itself, if that can be believed.
        profile: The profile in it, if it has one that follows the schema.
        directories: Vault paths of the folders that have entries of their own.

    """

    findings: tuple[Finding, ...]
    metadata: Metadata | None = None
    profile: "UserProfile | None" = None
    directories: tuple[str, ...] = ()

    def _of(self, severity: Severity) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity is severity]

    @property
    def errors(self) -> list[str]:
        """A sentence for everything that stops an import."""
        return [finding.message for finding in self._of(Severity.ERROR)]

    @property
    def error_codes(self) -> list[str]:
        """The codes of the errors, in the same order."""
        return [finding.code for finding in self._of(Severity.ERROR)]

    @property
    def warnings(self) -> list[str]:
        """A sentence for everything that is odd."""
        return [finding.message for finding in self._of(Severity.WARNING)]

    @property
    def intact(self) -> bool:
        """Structure, sizes, CRCs and checksums hold."""
        return all(code in NOT_ABOUT_INTEGRITY for code in self.error_codes)

    @property
    def importable(self) -> bool:
        """Intact, and version and profile are ours to take."""
        return not self.error_codes
