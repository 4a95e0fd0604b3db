"""``/api/backup``: make, list, fetch, delete, verify, clean up."""

import errno
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Response
from fastapi.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor

from autoresumefiller.api.context import Api
from autoresumefiller.api.downloads import ArchiveResponse
from autoresumefiller.api.openapi import vault_problems
from autoresumefiller.api.requests import json_only
from autoresumefiller.api.schemas import backup as schemas
from autoresumefiller.api.schemas.base import wire
from autoresumefiller.api.schemas.job import JobModel
from autoresumefiller.api.unlocking import unlocking
from autoresumefiller.api.waiting import accepted, answer, finished, start
from autoresumefiller.backup import proofs
from autoresumefiller.backup.jobs import work
from autoresumefiller.backup.jobs.job import JobKind
from autoresumefiller.backup.jobs.work import Rules
from autoresumefiller.errors import BackupNotFoundError, InvalidArgumentError, StorageError
from autoresumefiller.model.printable import printable
from autoresumefiller.user_data_manager import UserDataManager

# Every backup ends so, and no other path below /api/backup does: `list` is no backup.
ARCHIVE_PATTERN = r"\.zip(\.age)?$"


class _ArchiveName(Convertor[str]):
    regex = r"[^/]+\.zip(?:\.age)?"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("archive", _ArchiveName())

router = APIRouter(tags=["backups"])

Filename = Annotated[
    str,
    Path(
        description="A name from the list.",
        pattern=ARCHIVE_PATTERN,
        examples=["autoresumefiller_backup_20251129_120000.zip"],
    ),
]
Wait = Annotated[bool, Query(description="Answer when it is done, instead of with the job.")]

_LOCATION = {"Location": {"description": "Where to look for it.", "schema": {"type": "string"}}}
ACCEPTED = {"description": "Started: the job.", "model": JobModel, "headers": _LOCATION}
_RANGES = {
    "Accept-Ranges": {"schema": {"type": "string"}},
    "Content-Disposition": {"schema": {"type": "string"}},
    "ETag": {"schema": {"type": "string"}},
}
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_ZIP = {"application/zip": _BYTES, "application/octet-stream": _BYTES}  # the latter: encrypted
_CONDITIONS = [
    {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string"},
        "example": example,
    }
    for name, description, example in (
        ("Range", "One range of bytes.", "bytes=0-1023"),
        ("If-Range", "The ETag that the range belongs to.", '"1a-2b-3c"'),
        ("If-None-Match", "The ETag that the client has.", '"1a-2b-3c"'),
    )
]


@router.post(
    "/api/backup/create",
    status_code=202,
    response_model=JobModel,
    dependencies=[Depends(json_only)],
    responses={
        201: {
            "description": "Made (with `wait=true`).",
            "model": schemas.BackupMade,
            "headers": _LOCATION,
        },
        202: ACCEPTED,
        **vault_problems(400, 413, 415, 422, 423, 507),
    },
)
async def create_backup(
    api: Api,
    request: Annotated[schemas.CreateRequest | None, Body()] = None,
    *,
    wait: Wait = False,
) -> Response:
    """Back up the whole vault.

    The archive appears in the list only when it is complete and read back.
    """
    wanted = request or schemas.CreateRequest()
    job = await start(
        api,
        JobKind.CREATE,
        lambda: work.create(api.vault, name=wanted.name, encryption=_encryption(wanted)),
    )
    if not wait:
        return accepted(job)
    made = await finished(api, job)
    assert isinstance(made, schemas.BackupMade)  # noqa: S101 - what a job of this kind returns
    return answer(made, 201, location=f"/api/backup/{made.filename}")


def _encryption(wanted: schemas.CreateRequest) -> work.Encryption | None:
    passphrase = None if wanted.passphrase is None else wanted.passphrase.get_secret_value()
    if wanted.encrypt or wanted.recipients or passphrase is not None:
        return work.Encryption(
            passphrase=passphrase,
            recipients=tuple(wanted.recipients),
            include_secrets=wanted.include_secrets,
        )
    if wanted.include_secrets:
        raise InvalidArgumentError(
            "API keys go into an encrypted backup only", consequence="No file was made."
        )
    return None


@router.get("/api/backup/list", response_model=schemas.BackupList, responses=vault_problems(422))
def list_backups(
    api: Api,
    *,
    files: Annotated[
        bool, Query(description="With the list of files in each backup's metadata.")
    ] = False,
) -> Response:
    """List the backups, newest first."""
    known = proofs.load(api.vault.layout)
    found = api.manager.list_backups()
    if not files:
        text = api.listing.text(api.vault.layout, found, known)
        return Response(text, media_type="application/json")
    backups = [
        schemas.Backup.of(entry, files=True, proof=proofs.proof_of(known, entry["path"]))
        for entry in found
    ]
    return answer(schemas.BackupList(backups=backups))


@router.post(
    "/api/backup/cleanup",
    status_code=200,
    response_model=schemas.CleanupResult,
    dependencies=[Depends(json_only)],
    responses={202: ACCEPTED, **vault_problems(400, 413, 415, 422)},
)
async def clean_up(
    api: Api,
    request: Annotated[schemas.CleanupRequest | None, Body()] = None,
    *,
    wait: Wait = True,
) -> Response:
    """Delete old backups, or (`dry_run`) say what would go and why.

    The only importable backup of its scope is never deleted.
    """
    wanted = request or schemas.CleanupRequest()
    rules = Rules(max_backups=wanted.max_backups, keep_manual=wanted.keep_manual)
    if wanted.dry_run:
        found = await run_in_threadpool(work.preview_cleanup, api.vault, rules)
        return answer(schemas.CleanupResult.model_validate(found))
    job = await start(api, JobKind.CLEANUP, lambda: work.cleanup(api.vault, rules))
    return answer(await finished(api, job)) if wait else accepted(job)


@router.get(
    "/api/backup/{filename:archive}",
    response_class=Response,
    responses={
        200: {"description": "The archive.", "content": _ZIP, "headers": _RANGES},
        206: {"description": "The range of it that was asked for.", "content": _ZIP},
        304: {"description": "The client has it already."},
        **vault_problems(404, 416, 422),
    },
    openapi_extra={"parameters": _CONDITIONS},
)
def download_backup(api: Api, filename: Filename) -> Response:
    """Fetch a backup; `Range`, `If-Range` and `If-None-Match` are understood."""
    return _download(api, filename)


@router.head(
    "/api/backup/{filename:archive}",
    response_class=Response,
    responses={
        200: {"description": "Its size and ETag.", "headers": _RANGES},
        304: {"description": "The client has it already."},
        **vault_problems(404, 422),
    },
    openapi_extra={"parameters": [c for c in _CONDITIONS if c["name"] == "If-None-Match"]},
)
def look_at_backup(api: Api, filename: Filename) -> Response:
    """Say how large a backup is, without sending it."""
    return _download(api, filename)


@router.delete("/api/backup/{filename:archive}", responses=vault_problems(404, 422))
def delete_backup(api: Api, filename: Filename) -> schemas.DeleteResult:
    """Delete a backup. This cannot be undone."""
    api.manager.delete_backup(find(api.manager, filename))
    return schemas.DeleteResult(deleted=True, filename=filename)


@router.post(
    "/api/backup/{filename:archive}/verify",
    status_code=200,
    response_model=schemas.VerifyResult,
    dependencies=[Depends(json_only)],
    responses={202: ACCEPTED, **vault_problems(400, 404, 413, 415, 422, 423, 507)},
)
async def verify_backup(
    api: Api,
    filename: Filename,
    request: Annotated[schemas.UnlockRequest | None, Body()] = None,
    *,
    wait: Wait = True,
) -> Response:
    """Check a backup in full, as an import would; a bad one is a result, not an error.

    One that is encrypted for somewhere else needs the kit or the passphrase.
    """
    unlock = unlocking(request or schemas.UnlockRequest())
    job = await start(
        api,
        JobKind.VERIFY,
        lambda: work.verify(api.vault, find(api.manager, filename), unlock=unlock),
        subject=filename,
    )
    return answer(await finished(api, job)) if wait else accepted(job)


def find(manager: UserDataManager, filename: str) -> FilePath:
    """Return the path of a listed backup, by its name on the wire.

    Only names from the list are ever used: what a client sends is compared,
    not joined to a path.

    Raises:
        BackupNotFoundError: it is not in the list.

    """
    if FilePath(filename).name == filename:  # a path may be anywhere: it is not even looked at
        try:
            return manager.find_backup(filename)
        except BackupNotFoundError:
            pass
    for entry in manager.list_backups():
        if wire(entry["filename"]) == filename:
            return entry["path"]
    raise BackupNotFoundError(f"There is no backup named {printable(filename)}")


def _download(api: Api, filename: str) -> Response:
    path = find(api.manager, filename)
    try:
        return ArchiveResponse(path)
    except StorageError as error:
        if error.errno == errno.ENOENT:  # deleted by another program just now
            raise BackupNotFoundError("That backup was deleted just now") from None
        raise
