"""``/api/jobs``: look, watch, answer, cancel."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from autoresumefiller.api.context import Api
from autoresumefiller.api.events import stream
from autoresumefiller.api.openapi import problems
from autoresumefiller.api.problems import StreamOverError
from autoresumefiller.api.requests import json_only
from autoresumefiller.api.routes.backups import ACCEPTED
from autoresumefiller.api.schemas.job import (
    ConfirmRequest,
    JobList,
    JobModel,
    JobSummary,
    ModeRequest,
)
from autoresumefiller.api.waiting import accepted
from autoresumefiller.backup.confirmation import Answer
from autoresumefiller.backup.jobs.running import RunningJob

router = APIRouter(tags=["jobs"])

JobId = Annotated[
    str, Path(description="The id of a job.", min_length=1, examples=["5f2c9e1ab03d7744"])
]


def _job(api: Api, job_id: JobId) -> RunningJob:
    return api.jobs.get(job_id)


Running = Annotated[RunningJob, Depends(_job)]


@router.get("/api/jobs", responses=problems())
def list_jobs(api: Api) -> JobList:
    """List the jobs that the server remembers, newest first, without plans and results."""
    return JobList(jobs=[JobSummary.of(job) for job in api.jobs.all()])


@router.get("/api/jobs/{job_id}", responses=problems(404, 422))
def get_job(running: Running) -> JobModel:
    """Look at a job."""
    return JobModel.of(running.job)


@router.delete(
    "/api/jobs/{job_id}",
    status_code=202,
    response_model=JobModel,
    responses={
        202: ACCEPTED | {"description": "It stops at its next step: the job."},
        **problems(404, 409, 422),
    },
)
def cancel_job(running: Running) -> Response:
    """Cancel a job; refused once it has passed its commit point or has ended."""
    return accepted(running.cancel())


@router.post(
    "/api/jobs/{job_id}/confirm",
    status_code=202,
    response_model=JobModel,
    dependencies=[Depends(json_only)],
    responses={
        202: ACCEPTED | {"description": "Taken: the job goes on, or ends."},
        **problems(400, 404, 409, 413, 415, 422),
    },
)
def confirm_job(api: Api, job_id: JobId, answer: ConfirmRequest) -> Response:
    """Answer the question of an import.

    The plan is checked against the vault again; if that changed meanwhile,
    the job stands at `awaiting_confirmation` once more, with the new plan.
    """
    said = Answer(proceed=answer.proceed, backup_existing=answer.backup_existing)
    return accepted(api.jobs.confirm(job_id, said, revision=answer.plan_revision))


@router.patch(
    "/api/jobs/{job_id}",
    status_code=202,
    response_model=JobModel,
    dependencies=[Depends(json_only)],
    responses={
        202: ACCEPTED | {"description": "Taken: the job asks again, with another plan."},
        **problems(400, 404, 409, 413, 415, 422),
    },
)
def change_mode(api: Api, job_id: JobId, wanted: ModeRequest) -> Response:
    """Have an import that asks make its plan anew, for the other mode.

    Nothing is changed and nothing is sent again: the job stands at
    `awaiting_confirmation` with the next `revision` of its plan.
    """
    return accepted(api.jobs.choose(job_id, wanted.mode, revision=wanted.plan_revision))


LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", description="The last event that the client has seen."),
]


def _position(running: Running, last_event_id: LastEventId = None) -> int:
    """Return the id after which to begin.

    Raises:
        StreamOverError: the client has seen the final event. A browser asks
            again after every end of a stream; 204 tells it to stop.

    """
    text = last_event_id or ""
    # Ids that we did not give out say nothing: then everything is told.
    seen = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0  # noqa: PLR2004
    last = running.job.last_event_id
    if seen > last:
        seen = 0
    if running.job.state.final and seen == last:
        raise StreamOverError
    return seen


_EVENT_STREAM: dict[str, Any] = {
    "description": "Events with ids; the data of each is how far the job is.",
    "content": {
        "text/event-stream": {
            "example": 'id: 7\ndata: {"id":"5f2c9e1ab03d7744","kind":"create","subject":"",'
            '"state":"running","stage":"reading","current_bytes":1048576,"total_bytes":4194304,'
            '"current_file":"resumes/cv.pdf"}\n\n'
        }
    },
}


@router.get(
    "/api/jobs/{job_id}/events",
    response_class=EventSourceResponse,
    responses={
        200: _EVENT_STREAM,
        204: {"description": "The client has seen the final event: nothing more will come."},
        **problems(404, 422),
    },
)
async def watch_job(
    running: Running, position: Annotated[int, Depends(_position)]
) -> AsyncIterator[ServerSentEvent]:
    """Watch a job as server-sent events, from the beginning or after `Last-Event-ID`.

    At most 20 events a second; a comment every 15 seconds of silence; the
    stream ends after the final event.
    """
    # Closed here and now when the client goes, not when the collector comes by (PEP 789).
    async with aclosing(stream(running, after=position)) as events:
        async for event in events:
            yield event
