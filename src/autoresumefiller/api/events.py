"""From the threads of the jobs to the event loop: waiting for a job, and its events as SSE."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress

from fastapi.sse import ServerSentEvent

from autoresumefiller.api.schemas.job import JobEventModel
from autoresumefiller.backup.jobs.job import Job, JobState
from autoresumefiller.backup.jobs.running import RunningJob


@contextmanager
def _woken(running: RunningJob) -> Iterator[asyncio.Event]:
    """Yield an event of the loop that is set whenever something happens to the job."""
    loop = asyncio.get_running_loop()
    event = asyncio.Event()

    def wake() -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(event.set)

    with running.watched(wake):
        yield event


async def settled(running: RunningJob) -> Job:
    """Wait until a job has ended or asks a question, and return it."""
    with _woken(running) as event:
        while True:
            event.clear()
            job = running.job
            if job.state.final or job.state is JobState.AWAITING_CONFIRMATION:
                return job
            await event.wait()


async def stream(running: RunningJob, *, after: int) -> AsyncGenerator[ServerSentEvent, None]:
    """Yield a job's events after one, the kept ones first, until the final one."""
    with _woken(running) as woken:
        while True:
            woken.clear()
            for event in running.events(after):
                after = event.id
                data = JobEventModel.of(event.job)
                yield ServerSentEvent(data=data, id=str(event.id))
                if event.job.state.final:
                    return
            await woken.wait()
