"""Proving an archive and unpacking it into staging: an import up to the question."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from autoresumefiller.archive.faults import Code
from autoresumefiller.archive.structure import Member
from autoresumefiller.archive.validation import Report, validate
from autoresumefiller.backup.archives import locate, open_archive
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.entering import Entering
from autoresumefiller.backup.meter import Meter
from autoresumefiller.backup.planning import MIRROR, OVERWRITE
from autoresumefiller.backup.profile_intake import ProfileIntake
from autoresumefiller.backup.restore import PreparedImport
from autoresumefiller.backup.space import require_space
from autoresumefiller.backup.unlocking import UnlockCallback, Unlocker
from autoresumefiller.backup.unsealing import laid_open
from autoresumefiller.errors import BackupValidationError, InvalidArgumentError
from autoresumefiller.model.progress import ProgressCallback, Stage, StageCallback
from autoresumefiller.redaction.combine import ArchivedSecrets
from autoresumefiller.redaction.tree import MAX_BYTES
from autoresumefiller.vault.layout import CONFIG
from autoresumefiller.vault.staging import staging_area


def prepare_import(
    vault: Vault,
    archive: Path | str,
    *,
    shown_name: str = "",
    mode: str = OVERWRITE,
    unlock: UnlockCallback | None = None,
    carry_locked: bool = False,
    on_progress: ProgressCallback | None = None,
    on_stage: StageCallback | None = None,
) -> AbstractContextManager[PreparedImport]:
    """Prove an archive, unpack it into staging and work out what importing it would do.

    ``archive`` is a path, or the file name of a listed backup; ``shown_name``
    is what a person knows it by, if that is another name. ``unlock`` is
    asked for what opens an encrypted profile whose key is not here;
    ``carry_locked`` takes such a profile as it is.

    Raises:
        ProfileLockedError: the profile cannot be read here; nothing was touched.
        WrongKeyError, RecoveryKitError, PassphraseRequiredError: of what ``unlock`` gave.
        AuthenticationFailedError: the encrypted profile is damaged.
        BackupNotFoundError: there is no such file.
        EncryptionError: it is encrypted, and could not be decrypted.
        BackupValidationError: it is not importable; carries every fault found.
        InvalidArgumentError: unknown ``mode``.
        StorageError: reading it or writing the staging failed.

    """
    if mode not in {OVERWRITE, MIRROR}:
        raise InvalidArgumentError(f"mode must be 'overwrite' or 'mirror', not {mode!r}")
    return Entering(
        partial(
            _prepare,
            vault=vault,
            path=locate(vault, archive),
            shown_name=shown_name,
            mode=mode,
            unlock=unlock,
            carry_locked=carry_locked,
            on_progress=on_progress,
            enter=on_stage or (lambda _stage: None),
        )
    )


def _prepare(
    stack: ExitStack,
    *,
    vault: Vault,
    path: Path,
    shown_name: str,
    mode: str,
    unlock: UnlockCallback | None,
    carry_locked: bool,
    on_progress: ProgressCallback | None,
    enter: StageCallback,
) -> PreparedImport:
    started = time.monotonic()
    unlocker = Unlocker(vault, unlock)
    enter(Stage.VALIDATING)
    sealed = stack.enter_context(open_archive(path))
    known_as = Path(shown_name) if shown_name else path
    decrypted = vault.layout.decrypted
    meter = Meter(on_progress)
    watch = partial(meter.ahead, known_as.name, rounds=2)
    file = stack.enter_context(laid_open(sealed, known_as, unlocker, decrypted, watch=watch))
    staging = stack.enter_context(staging_area(vault.layout))
    intake = ProfileIntake(vault, staging)

    def plan(members: Sequence[Member]) -> None:
        # No member gives more than it claims, so this is all that can come out.
        unpacked = sum(member.size for member in members)
        require_space(vault.layout.root, unpacked, "What is in the backup")
        meter.plan_members(members, rounds=2)

    report = validate(
        file,
        app_version=vault.app_version,
        sink=intake,
        on_plan=plan,
        on_progress=None if on_progress is None else meter,
    )
    meter.end_round()
    if report.errors:
        raise BackupValidationError(
            report.errors, codes=report.error_codes, warnings=report.warnings
        )
    intake.unlock(unlocker, carry_locked=carry_locked)
    return PreparedImport(
        vault,
        _without_doubt(report) if intake.opened else report,
        staging,
        intake,
        archive=known_as,
        archived_config=staging.take(CONFIG, MAX_BYTES + 1),  # one more is too large for it
        secrets=ArchivedSecrets.REFUSE if file is sealed else ArchivedSecrets.FILL_GAPS,
        mode=mode,
        meter=meter,
        on_stage=enter,
        started=started,
    )


def _without_doubt(report: Report) -> Report:
    """Drop the warning that an encrypted profile was not checked: it was, since."""
    findings = (found for found in report.findings if found.code != Code.PROFILE_NOT_CHECKED)
    return replace(report, findings=tuple(findings))
