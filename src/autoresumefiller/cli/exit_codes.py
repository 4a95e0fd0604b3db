"""What the process says when it ends, and which error ends it how.

The table is complete on purpose: a test holds it against the tree in
``errors``, so that nobody adds an error without deciding its status.
"""

from enum import IntEnum

from autoresumefiller.errors import AutoResumeFillerError


class ExitCode(IntEnum):
    """The exit statuses; stable, documented in docs/cli.md."""

    DONE = 0
    FAILED = 1  # or declined when asked
    USAGE = 2
    INCOMPLETE = 3  # done, but keys must be typed in again or files were left out
    LOCKED = 4
    ARCHIVE_INVALID = 5
    INTERRUPTED = 130  # 128 + SIGINT, as shells have it


STATUS_OF_ERROR = {
    "error": ExitCode.FAILED,
    "invalid_argument": ExitCode.USAGE,
    "vault_not_found": ExitCode.FAILED,
    "vault_busy": ExitCode.FAILED,
    "vault_layout": ExitCode.FAILED,
    "recovery_failed": ExitCode.FAILED,
    "nothing_to_undo": ExitCode.FAILED,
    "storage_failed": ExitCode.FAILED,
    "not_enough_space": ExitCode.FAILED,
    "access_denied": ExitCode.FAILED,
    "output_exists": ExitCode.FAILED,
    "profile_not_found": ExitCode.FAILED,
    "profile_invalid": ExitCode.FAILED,
    "profile_locked": ExitCode.LOCKED,
    "config_invalid": ExitCode.FAILED,
    "key_not_found": ExitCode.LOCKED,
    "key_store_failed": ExitCode.LOCKED,
    "authentication_failed": ExitCode.FAILED,
    "wrong_key": ExitCode.LOCKED,
    "passphrase_required": ExitCode.LOCKED,
    "recovery_kit_invalid": ExitCode.LOCKED,
    "not_encrypted": ExitCode.ARCHIVE_INVALID,
    "encrypted_file_damaged": ExitCode.ARCHIVE_INVALID,
    "encrypted_file_truncated": ExitCode.ARCHIVE_INVALID,
    "backup_invalid": ExitCode.ARCHIVE_INVALID,
    "backup_not_found": ExitCode.FAILED,
    "safety_backup_failed": ExitCode.FAILED,
    # What is missing is an option: --yes.
    "confirmation_required": ExitCode.USAGE,
    "confirmation_expired": ExitCode.FAILED,
    "plan_changed": ExitCode.FAILED,
    # Only a server has jobs, but the table is of all errors.
    "job_not_found": ExitCode.FAILED,
    "job_conflict": ExitCode.FAILED,
    "job_not_awaiting": ExitCode.FAILED,
    "job_too_late": ExitCode.FAILED,
}


def status_of(error: AutoResumeFillerError) -> ExitCode:
    """Return the exit status for an error; FAILED for a code that is not in the table."""
    return STATUS_OF_ERROR.get(error.code, ExitCode.FAILED)
