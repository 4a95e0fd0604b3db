"""``/api/vault``, ``/api/undo``, ``/api/user-data``, ``/api/config``."""

import hashlib
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool

from autoresumefiller.api.conditions import all_of, still
from autoresumefiller.api.context import Api, Context
from autoresumefiller.api.openapi import vault_problems
from autoresumefiller.api.problems import HttpProblemError
from autoresumefiller.api.requests import json_only, read_json
from autoresumefiller.api.routes.backups import ACCEPTED, Wait
from autoresumefiller.api.schemas import vault as schemas
from autoresumefiller.api.schemas.base import whole
from autoresumefiller.api.waiting import accepted, answer, finished, start
from autoresumefiller.backup import proofs, saving
from autoresumefiller.backup.envelopes import encryption_choice
from autoresumefiller.backup.jobs import work
from autoresumefiller.backup.jobs.job import JobKind
from autoresumefiller.errors import ProfileInvalidError, ProfileNotFoundError
from autoresumefiller.model.profile import UserProfile
from autoresumefiller.model.profile_text import format_profile, parse_profile
from autoresumefiller.vault.config_text import kind_of
from autoresumefiller.version import __version__

router = APIRouter(tags=["vault"])

_ETAG = {
    "ETag": {"description": "Of this very profile.", "schema": {"type": "string"}},
}
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag of the profile that is to be replaced."),
]


@router.get("/api/vault", responses=vault_problems())
def show_vault(api: Api) -> schemas.VaultModel:
    """Say what is in the vault, when it was last backed up and last proven."""
    status = asdict(api.manager.vault_status())
    return schemas.VaultModel(
        **status,
        path=str(api.manager.data_dir),
        version=__version__,
        last_verified=_last_verified(api),
        encryption=schemas.VaultEncryption.model_validate(asdict(encryption_choice(api.vault))),
        recovered=api.recovered,
    )


def _last_verified(api: Context) -> schemas.LastVerified | None:
    layout = api.vault.layout
    known = proofs.load(layout)
    for name in sorted(known, key=lambda name: known[name].at, reverse=True):
        proof = proofs.proof_of(known, layout.backups / name)
        if proof is not None:
            return schemas.LastVerified(filename=name, valid=proof.valid, at=proof.at)
    return None


@router.get("/api/undo", responses=vault_problems())
def preview_undo(api: Api) -> schemas.UndoPreview:
    """Say what an undo would do."""
    plan = api.manager.undo_plan()
    undo = None if plan is None else schemas.UndoPlan.model_validate(asdict(plan))
    return schemas.UndoPreview(undo=undo)


@router.post(
    "/api/undo",
    status_code=200,
    response_model=schemas.UndoResult,
    responses={202: ACCEPTED, **vault_problems(422, 507)},
)
async def undo(api: Api, *, wait: Wait = True) -> Response:
    """Take back the last import, exactly. A second undo brings it back."""
    job = await start(api, JobKind.UNDO, lambda: work.undo(api.vault))
    return answer(await finished(api, job)) if wait else accepted(job)


@router.get(
    "/api/user-data",
    response_model=UserProfile,
    responses={200: {"headers": _ETAG}, **vault_problems(404, 422, 423)},
)
def get_profile(api: Api) -> Response:
    """Return the profile; its `ETag` makes sure that a `PUT` replaces this one and no other."""
    return _profile_response(api.manager.load_user_profile())


def _profile_response(profile: UserProfile) -> Response:
    # As it is in a file: half a character, which some programs leave in a text, stays an escape.
    content = format_profile(profile)
    return Response(content, headers={"ETag": _etag(content)}, media_type="application/json")


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


@router.put(
    "/api/user-data",
    response_model=UserProfile,
    dependencies=[Depends(json_only)],
    responses={200: {"headers": _ETAG}, **vault_problems(400, 412, 413, 415, 422, 423, 507)},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/UserProfile"}}
            },
        }
    },
)
async def save_profile(request: Request, api: Api, _if_match: IfMatch = None) -> Response:
    """Replace the profile; what was there goes into an automatic backup first.

    With `If-Match` only if it is still the one that the client has, else 412.
    Fields that are not known are kept. `last_updated` is set by the server.
    """
    # Checked where every profile is, so that a person reads the same words wherever it was wrong.
    profile = read_json(await request.body())
    if_match = all_of(request.headers, "if-match")

    def see_that_it_is_the_same() -> None:
        if if_match is not None and not still(if_match, _live_etag(api)):
            raise HttpProblemError(
                412,
                "The profile was changed by somebody else since you loaded it",
                hint="Load it again, make your change in that, and save it.",
            )

    def save() -> UserProfile:
        saving.save_profile(api.vault, parse_profile(profile), before=see_that_it_is_the_same)
        return api.manager.load_user_profile()

    return _profile_response(await run_in_threadpool(save))


def _live_etag(api: Context) -> str | None:
    """Return the ETag of the profile that is there; None for none, or a broken one."""
    try:
        return _etag(format_profile(saving.live_profile(api.vault)))
    except (ProfileNotFoundError, ProfileInvalidError):
        return None


@router.get("/api/config", responses=vault_problems(422))
def show_config(api: Api) -> schemas.ConfigModel:
    """Return the settings, every secret masked."""
    return schemas.ConfigModel(text=api.manager.show_config())


@router.patch(
    "/api/config",
    dependencies=[Depends(json_only)],
    responses=vault_problems(400, 413, 415, 422, 507),
)
def change_setting(
    api: Api, change: Annotated[schemas.SettingRequest, Body()]
) -> schemas.SettingModel:
    """Change one setting; the rest of config.yaml stays as it is, to the letter."""
    value = change.value
    if isinstance(value, float) and kind_of(change.name) is int:
        value = whole(value)
    api.manager.set_setting(change.name, value)
    return schemas.SettingModel(name=change.name, text=api.manager.show_config())
