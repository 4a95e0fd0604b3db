"""Check an archive and say everything that is wrong with it."""

from pathlib import Path

from autoresumefiller.archive.metadata_json import as_dict
from autoresumefiller.archive.names import METADATA
from autoresumefiller.archive.validation import Report, validate
from autoresumefiller.backup.archives import locate, open_backup
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.meter import Meter
from autoresumefiller.backup.unlocking import UnlockCallback, Unlocker
from autoresumefiller.errors import (
    BackupNotFoundError,
    BackupValidationError,
    EncryptedFileDamagedError,
    EncryptedFileTruncatedError,
    NotEncryptedError,
)
from autoresumefiller.model.progress import ProgressCallback
from autoresumefiller.model.results import ValidationResult


def check_backup(
    vault: Vault,
    archive: Path | str,
    *,
    unlock: UnlockCallback | None = None,
    on_progress: ProgressCallback | None = None,
) -> ValidationResult:
    """Return the story's validation result for a path or a listed backup's name.

    Raises:
        EncryptionError: it is encrypted, and what would open it is not here.
        StorageError: the file is there but cannot be read.

    """
    meter = Meter(on_progress)
    try:
        unlocker = Unlocker(vault, unlock)
        path, decrypted = locate(vault, archive), vault.layout.decrypted
        with open_backup(path, unlocker, decrypted, meter=meter) as file:
            report = validate(
                file,
                app_version=vault.app_version,
                on_plan=meter.plan_members,
                on_progress=None if on_progress is None else meter,
            )
            meter.finish(METADATA)
    except (
        BackupNotFoundError,
        NotEncryptedError,
        EncryptedFileDamagedError,
        EncryptedFileTruncatedError,
    ) as error:
        return _invalid(error.message)
    except BackupValidationError as error:
        return _invalid(*error.errors)
    return as_result(report)


def as_result(report: Report) -> ValidationResult:
    """Return a report in the shape of the story."""
    return {
        "valid": not report.errors,
        "errors": report.errors,
        "warnings": report.warnings,
        "metadata": None if report.metadata is None else as_dict(report.metadata),
    }


def _invalid(*errors: str) -> ValidationResult:
    return {"valid": False, "errors": list(errors), "warnings": [], "metadata": None}
