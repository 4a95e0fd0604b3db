"""Backups, and the import of them."""

from collections.abc import Sequence

from autoresumefiller.errors.base import AutoResumeFillerError


class BackupError(AutoResumeFillerError):
    """Something about a backup or an archive."""


class BackupValidationError(BackupError):
    """An archive is not one that can be imported.

    Attributes:
        errors: Every fault found, as sentences; never empty.
        codes: The stable code of each fault, in the same order.
        warnings: What is odd but would not have stopped an import.

    """

    code = "backup_invalid"
    default_hint = "Try another backup; 'arf verify FILE' explains each fault."

    def __init__(
        self,
        errors: Sequence[str],
        *,
        codes: Sequence[str] = (),
        warnings: Sequence[str] = (),
        hint: str | None = None,
    ) -> None:
        self.errors = list(errors)
        self.codes = list(codes)
        self.warnings = list(warnings)
        more = f" (and {len(self.errors) - 1} more)" if len(self.errors) > 1 else ""
        super().__init__(f"{self.errors[0].rstrip('.')}{more}", hint=hint)


class BackupNotFoundError(BackupError):
    """No backup of that name is listed."""

    code = "backup_not_found"
    default_hint = "Run 'arf list' to see the backups there are."


class SafetyBackupError(BackupError):
    """The backup that protects an import could not be made, so nothing was imported."""

    code = "safety_backup_failed"
    default_hint = "Mend the cause below, or import without a safety backup."


class ImportRefusedError(AutoResumeFillerError):
    """An import stopped before it changed anything."""


class ConfirmationRequiredError(ImportRefusedError):
    """Existing data would be replaced and nobody is there to be asked."""

    code = "confirmation_required"
    default_hint = "Pass confirm=False (on the command line: --yes) to go ahead without asking."


class ConfirmationExpiredError(ImportRefusedError):
    """Nobody answered the question in time."""

    code = "confirmation_expired"
    default_hint = "Start the import again when you are ready to answer."


class PlanChangedError(ImportRefusedError):
    """The vault changed between the question and the answer."""

    code = "plan_changed"
    default_hint = "Look at the new plan and confirm it again."
