"""Operations that run in the background."""

from autoresumefiller.errors.base import AutoResumeFillerError


class JobError(AutoResumeFillerError):
    """Something about an operation that runs in the background."""


class JobNotFoundError(JobError):
    """There is no job of that id: it never was, or it ended before a restart."""

    code = "job_not_found"
    default_consequence = ""
    default_hint = (
        "Jobs are forgotten when the server restarts, and an interrupted import is then "
        "finished or undone: look at the vault and the list of backups."
    )


class JobConflictError(JobError):
    """Another job is changing the vault; there is only ever one."""

    code = "job_conflict"
    default_hint = "Wait until the other job has ended, or cancel it, then try again."


class JobNotAwaitingError(JobError):
    """The job does not wait for an answer."""

    code = "job_not_awaiting"
    default_consequence = "Your answer changed nothing."
    default_hint = "Look at the job: it goes on, or it has ended."


class JobTooLateError(JobError):
    """The job has passed the point up to which it could be cancelled."""

    code = "job_too_late"
    default_consequence = "It will be, or was, carried out in full."
    default_hint = "An import can be taken back with an undo."
