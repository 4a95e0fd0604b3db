"""``POST /api/backup/import``: an upload, or a listed backup by its name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from autoresumefiller.api.context import Api, Context
from autoresumefiller.api.openapi import vault_problems
from autoresumefiller.api.problems import HttpProblemError, not_as_described
from autoresumefiller.api.requests import (
    MAX_JSON_BYTES,
    media_type,
    read_json,
    too_large,
    unsupported,
)
from autoresumefiller.api.routes.backups import ACCEPTED, find
from autoresumefiller.api.schemas.backup import ImportRequest
from autoresumefiller.api.schemas.job import JobModel
from autoresumefiller.api.unlocking import unlocking
from autoresumefiller.api.uploads import FILE_FIELD, received_form
from autoresumefiller.api.waiting import accepted, start
from autoresumefiller.backup.jobs import work
from autoresumefiller.backup.jobs.job import Job, JobKind
from autoresumefiller.errors import AutoResumeFillerError

router = APIRouter(tags=["backups"])

_MULTIPART = "multipart/form-data"
_JSON = "application/json"

# Of a request that is refused before it was read, this much is read all the
# same: a client that is still sending would otherwise see a broken connection
# instead of the answer.
_DRAINED_BYTES = 8 * 1024 * 1024
_DRAIN_SECONDS = 2.0

# A form has only text; requests and others write Python's own True. A passphrase may be "true".
_TRUTH = {"true": True, "false": False}
_SWITCHES = frozenset(
    name for name, field in ImportRequest.model_fields.items() if field.annotation is bool
)


def _request_body() -> dict[str, Any]:
    by_name = ImportRequest.model_json_schema()
    form = {
        "type": "object",
        "required": [FILE_FIELD],
        "additionalProperties": False,
        "properties": {
            FILE_FIELD: {
                "type": "string",
                "format": "binary",
                "description": "The archive; its own file name is shown, never used.",
            },
            **{
                name: described
                for name, described in by_name["properties"].items()
                if name != "filename"
            },
        },
    }
    named = {
        "type": "object",
        "required": ["filename"],
        "additionalProperties": False,
        "properties": by_name["properties"]
        | {"filename": {"type": "string", "description": "A listed backup."}},
        "example": {"filename": "autoresumefiller_backup_20251129_120000.zip", "confirm": True},
    }
    content = {_MULTIPART: {"schema": form}, _JSON: {"schema": named}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/api/backup/import",
    status_code=202,
    response_model=JobModel,
    responses={202: ACCEPTED, **vault_problems(400, 404, 408, 413, 415, 422, 429, 507)},
    openapi_extra=_request_body(),
)
async def import_backup(request: Request, api: Api) -> Response:
    """Import an archive: the job proves it, then shows its plan and waits for an answer.

    Send the archive in the field `file` of a form, or the name of a listed
    backup as JSON. With `confirm` false nobody is asked.
    """
    kind = media_type(request)
    if kind not in {_MULTIPART, _JSON}:
        raise unsupported(_MULTIPART, _JSON)
    async with _answered(request):
        await run_in_threadpool(api.jobs.require_free)
        if kind == _JSON:
            return accepted(await _by_name(request, api))
        return accepted(await _by_upload(request, api))


async def _by_name(request: Request, api: Context) -> Job:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_JSON_BYTES:
            raise too_large(MAX_JSON_BYTES)
    wanted = _wanted(read_json(body))
    if wanted.filename is None:
        raise HttpProblemError(422, "filename: the name of a listed backup is missing")
    filename = wanted.filename
    return await start(
        api,
        JobKind.IMPORT,
        lambda: work.import_(
            api.vault,
            path := find(api.manager, filename),
            shown_name=path.name,
            confirm=wanted.confirm,
            backup_existing=wanted.backup_existing,
            mode=wanted.mode,
            unlock=unlocking(wanted),
            carry_locked=wanted.carry_locked,
        ),
        subject=filename,
    )


async def _by_upload(request: Request, api: Context) -> Job:
    async with received_form(request, api) as form:
        wanted = _wanted(
            {
                name: _TRUTH.get(text.casefold(), text) if name in _SWITCHES else text
                for name, text in form.fields.items()
            }
        )
        upload = form.upload
        if upload is None or wanted.filename is not None:
            raise HttpProblemError(422, f"{FILE_FIELD}: the form must hold an archive, and no name")
        form.upload = None  # from here on the job answers for it
        return await start(
            api,
            JobKind.IMPORT,
            lambda: work.import_(
                api.vault,
                upload.path,
                shown_name=form.shown_name,
                confirm=wanted.confirm,
                backup_existing=wanted.backup_existing,
                mode=wanted.mode,
                unlock=unlocking(wanted),
                carry_locked=wanted.carry_locked,
            ),
            subject=form.shown_name,
            resources=upload.resources,
        )


@asynccontextmanager
async def _answered(request: Request) -> AsyncIterator[None]:
    """Read on for a while if the request is refused, so that the answer arrives."""
    try:
        yield
    except (AutoResumeFillerError, HTTPException) as refusal:
        if getattr(refusal, "status_code", None) != 408:  # noqa: PLR2004 - too slow already
            await _drain(request)
        raise


async def _drain(request: Request) -> None:
    received = 0
    # RuntimeError: the body was read to its end already, and nothing more will ever come.
    with anyio.move_on_after(_DRAIN_SECONDS), suppress(ClientDisconnect, RuntimeError):
        async for chunk in request.stream():
            received += len(chunk)
            if received >= _DRAINED_BYTES:
                return


def _wanted(fields: object) -> ImportRequest:
    try:
        return ImportRequest.model_validate(fields)
    except ValidationError as error:
        raise not_as_described(error.errors()) from None
