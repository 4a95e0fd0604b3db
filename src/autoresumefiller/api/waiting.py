"""Start a job, and answer for it: at once, or when it has ended."""

from collections.abc import Callable
from contextlib import ExitStack

from fastapi import Response
from fastapi.concurrency import run_in_threadpool

from autoresumefiller.api.context import Context
from autoresumefiller.api.events import settled
from autoresumefiller.api.problems import JobFailedError
from autoresumefiller.api.schemas.base import Outgoing
from autoresumefiller.api.schemas.job import JobModel, Result, result_of
from autoresumefiller.backup.jobs.job import INTERNAL_FAULT, Job, JobFault, JobKind, JobState
from autoresumefiller.backup.jobs.manager import Work

_CANCELLED = JobFault(
    code="job_conflict",
    message="The job was cancelled while this request waited for it",
    consequence="Nothing in your vault was changed.",
)


def answer(model: Outgoing, status: int = 200, *, location: str | None = None) -> Response:
    """Return a model as a response."""
    headers = {} if location is None else {"Location": location}
    return Response(model.model_dump_json(), status, headers, media_type="application/json")


def accepted(job: Job) -> Response:
    """Return 202 with a job and where to look for it."""
    return answer(JobModel.of(job), 202, location=f"/api/jobs/{job.id}")


async def start(
    api: Context,
    kind: JobKind,
    make_work: Callable[[], Work],
    *,
    subject: str = "",
    resources: ExitStack | None = None,
) -> Job:
    """Start a job without holding up the event loop."""

    def begin() -> Job:
        return api.jobs.start(kind, make_work(), subject=subject, resources=resources)

    return await run_in_threadpool(begin)


async def finished(api: Context, job: Job) -> Result:
    """Wait for a job and return its result; the job goes on if the client does not wait.

    Raises:
        JobFailedError: it did not succeed.

    """
    job = await settled(api.jobs.get(job.id))
    if job.state is JobState.SUCCEEDED:
        result = result_of(job)
        if result is not None:
            return result
    if job.state is JobState.CANCELLED:
        raise JobFailedError(job.error or _CANCELLED)
    raise JobFailedError(job.error or INTERNAL_FAULT)
