"""Jobs: how far they are, what they ask, what came of them."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field

from autoresumefiller.api.schemas.backup import (
    BackupMade,
    CleanupResult,
    Mode,
    VerifyResult,
)
from autoresumefiller.api.schemas.base import WHOLE, Incoming, Outgoing, Sentence, Text
from autoresumefiller.api.schemas.vault import UndoResult
from autoresumefiller.backup.jobs.job import Job, JobFault, JobKind, JobState
from autoresumefiller.model.progress import Stage


class PlannedFiles(Outgoing):
    """The files of one folder that an import touches; paths relative to the vault."""

    replaced: list[Text]
    added: list[Text]
    kept: list[Text]
    removed: list[Text]


class Plan(Outgoing):
    """What an import would do."""

    text: Text = Field(description="The question as it is put to a person.")
    revision: int = Field(
        ge=1,
        description="Counts the plans of this job: sent with the answer, it makes sure that "
        "the answer is to the plan that was looked at.",
    )
    archive: Text = Field(description="The archive's name; of an upload, the sender's, cleaned.")
    existing_data: bool = Field(description="Whether anything is there that could be replaced.")
    profile_modified: date | None = Field(
        description="When the live profile was last modified (the server's local day), "
        "or null if no profile is replaced."
    )
    profile_name: str
    data: PlannedFiles
    resumes: PlannedFiles
    cover_letters: PlannedFiles
    config_merged: bool
    settings_changed: list[Text]
    mode: Mode
    total_bytes: int = Field(ge=0, description="Size of what would be written.")
    warnings: list[Sentence]


class ImportResult(Outgoing):
    """What came of an import."""

    success: bool
    cancelled: bool = Field(default=False, description="True if the answer was no.")
    files_restored: int = Field(ge=0)
    backup_created: Text | None = Field(
        description="The backup of what was there, relative to the vault."
    )
    warnings: list[Sentence] = Field(description="Keys to be typed in again, and the like.")
    duration_ms: int = Field(default=0, ge=0)


class JobError(Outgoing):
    """Why a job failed or was cancelled, or why its question is put again."""

    code: str = Field(examples=["backup_invalid"])
    message: Sentence
    consequence: Sentence
    hint: Sentence
    errors: list[Sentence] = Field(description="Every fault found, where several were looked for.")
    warnings: list[Sentence]

    @classmethod
    def of(cls, fault: JobFault) -> Self:
        """Describe a fault."""
        return cls.model_validate(fault, from_attributes=True)


Result = BackupMade | ImportResult | VerifyResult | CleanupResult | UndoResult


class JobEventModel(Outgoing):
    """How far a job is; the data of each of its events."""

    id: str = Field(description="The job.")
    kind: JobKind
    subject: Text = Field(
        description="The name of the file that it is about: as in the list, or of an upload the "
        "sender's, cleaned; of a new backup from when it is there; else empty."
    )
    state: JobState
    stage: Stage | None = Field(description="What it does now or did last; null in the queue.")
    current_bytes: int = Field(ge=0)
    total_bytes: int = Field(ge=0, description="0 where nothing is measured.")
    current_file: Text

    @classmethod
    def of(cls, job: Job) -> Self:
        """Describe a job, as far as this model goes."""
        return cls.model_validate(cls._fields(job))

    @classmethod
    def _fields(cls, job: Job) -> dict[str, Any]:
        return {
            "id": job.id,
            "kind": job.kind,
            "subject": job.subject,
            "state": job.state,
            "stage": job.stage,
            "current_bytes": job.current_bytes,
            "total_bytes": job.total_bytes,
            "current_file": job.current_file,
        }


class JobSummary(JobEventModel):
    """A job in the list: what it is and how far; the rest is at its own address."""

    last_event_id: int = Field(
        ge=1,
        description="The id of its newest event: a listener that sends it as `Last-Event-ID` "
        "gets only what comes after.",
    )

    @classmethod
    def _fields(cls, job: Job) -> dict[str, Any]:
        return super()._fields(job) | {"last_event_id": job.last_event_id}


class JobModel(JobSummary):
    """Something that runs in the background."""

    plan: Plan | None = Field(description="Of an import, from the moment it is known.")
    result: Result | None = Field(description="Once it has succeeded, or was declined.")
    error: JobError | None

    @classmethod
    def _fields(cls, job: Job) -> dict[str, Any]:
        return super()._fields(job) | {
            "plan": job.plan,
            "result": result_of(job),
            "error": None if job.error is None else JobError.of(job.error),
        }


class JobList(Outgoing):
    """The jobs that the server remembers, newest first, without their plans and results."""

    jobs: list[JobSummary]


Revision = Annotated[int, Field(ge=1), WHOLE]


class ConfirmRequest(Incoming):
    """The answer to an import's question."""

    proceed: bool = Field(description="Whether to go on.")
    backup_existing: bool = Field(default=True, description="Back up what is there first.")
    plan_revision: Revision | None = Field(
        default=None,
        description="The revision of the plan that was looked at; if the job asks about "
        "another one by now, the answer is refused.",
    )


class ModeRequest(Incoming):
    """Another mode for an import that asks."""

    mode: Mode
    plan_revision: Revision | None = Field(
        default=None, description="The revision of the plan that was looked at."
    )


def result_of(job: Job) -> Result | None:
    """Describe what a job returned."""
    if job.result is None:
        return None
    value: dict[str, Any] = dict(job.result)
    match job.kind:
        case JobKind.CREATE:
            return BackupMade.from_result(value)
        case JobKind.IMPORT:
            return ImportResult.model_validate(value)
        case JobKind.VERIFY:
            return VerifyResult.model_validate(value)
        case JobKind.CLEANUP:
            return CleanupResult.model_validate(value)
        case JobKind.UNDO:
            return UndoResult.model_validate(value)
