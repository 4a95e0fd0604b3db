"""The values of a job: what it is, how far it is, what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from autoresumefiller.errors import (
    AutoResumeFillerError,
    BackupValidationError,
    ProfileInvalidError,
)
from autoresumefiller.model.progress import Stage


class JobKind(StrEnum):
    """What a job does."""

    CREATE = "create"
    IMPORT = "import"
    VERIFY = "verify"
    CLEANUP = "cleanup"
    UNDO = "undo"

    @property
    def changing(self) -> bool:
        """Whether it writes to the vault: of these only one runs at a time."""
        return self is not JobKind.VERIFY

    @property
    def under_way(self) -> str:
        """What a person is told while it runs, as a sentence without its stop."""
        return _UNDER_WAY[self]


_UNDER_WAY = {
    JobKind.CREATE: "A backup is being made",
    JobKind.IMPORT: "An import is under way",
    JobKind.VERIFY: "A backup is being checked",
    JobKind.CLEANUP: "A clean-up is under way",
    JobKind.UNDO: "An undo is under way",
}


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return self in {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFault:
    """Why a job failed, was cancelled, or asks again; the parts of an error.

    Attributes:
        code: The error's code, or ``internal_error`` for a fault of ours.
        errors: Every fault found, where a check looked for several.
        warnings: What was odd besides.

    """

    code: str
    message: str
    consequence: str = ""
    hint: str = ""
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, error: AutoResumeFillerError) -> Self:
        """Take an error apart."""
        errors: tuple[str, ...] = ()
        warnings: tuple[str, ...] = ()
        if isinstance(error, BackupValidationError):
            errors, warnings = tuple(error.errors), tuple(error.warnings)
        elif isinstance(error, ProfileInvalidError):
            errors = error.problems
        return cls(
            code=error.code,
            message=error.message,
            consequence=error.consequence,
            hint=error.hint,
            errors=errors,
            warnings=warnings,
        )


# What a person is told of a fault of ours; the details go to the log.
INTERNAL_FAULT = JobFault(
    code="internal_error",
    message="Something went wrong inside the program",
    consequence="A change of your vault is made completely or not at all, whatever happens.",
    hint="Look at the vault, then try again. The server's log has the details.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job at one moment.

    Attributes:
        id: Opaque.
        subject: The name of the file that it is about, as it is; "" where it is about none.
        last_event_id: That of the newest event; 0 before the first.
        stage: What it does now, or did last; None while it is queued.
        current_bytes, total_bytes: How far this stage is; 0 of 0 where nothing is measured.
        current_file: What is being worked on, printable.
        plan: What an import would do, from the moment it is known; with
            ``text`` (the question) and ``revision`` (1, then one more for each new plan).
        result: What came of it, once it succeeded or was declined.
        error: Why it failed or was cancelled, or why the question is put again.

    """

    id: str
    kind: JobKind
    subject: str = ""
    last_event_id: int = 0
    state: JobState = JobState.QUEUED
    stage: Stage | None = None
    current_bytes: int = 0
    total_bytes: int = 0
    current_file: str = ""
    plan: Mapping[str, Any] | None = None
    result: Mapping[str, Any] | None = None
    error: JobFault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """A change of a job; ids count up from 1 within the job, without gaps when nothing was cut."""

    id: int
    job: Job
