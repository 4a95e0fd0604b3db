"""The server itself: is it there, how to get in, what it can do."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from autoresumefiller.api.context import Api, Context
from autoresumefiller.api.openapi import document, problems
from autoresumefiller.api.pages import asset, reference
from autoresumefiller.api.problems import HttpProblemError
from autoresumefiller.api.requests import json_only
from autoresumefiller.api.schemas.vault import Health, Link, LinkProof, TokenProof
from autoresumefiller.api.sessions import CODE_SECONDS, SESSION_SECONDS
from autoresumefiller.api.waiting import answer

router = APIRouter(tags=["server"])


@router.get("/healthz", responses=problems())
async def health() -> Health:
    """Say that the server lives; nothing else, because anybody may ask."""
    return Health()


@router.post(
    "/api/session",
    status_code=204,
    response_class=Response,
    dependencies=[Depends(json_only)],
    responses={
        204: {
            "description": "In: the cookie is set.",
            "headers": {"Set-Cookie": {"schema": {"type": "string"}}},
        },
        **problems(400, 413, 415, 422),
    },
)
async def open_session(api: Api, request: Annotated[LinkProof | TokenProof, Body()]) -> Response:
    """Exchange the code of a one-time link, or the token, for the page's cookie."""
    value = _cookie_for(api, request)
    response = Response(status_code=204)
    response.set_cookie(
        api.cookie, value, max_age=SESSION_SECONDS, path="/", httponly=True, samesite="strict"
    )
    return response


def _cookie_for(api: Context, request: LinkProof | TokenProof) -> str:
    if isinstance(request, LinkProof):
        value = api.sessions.redeem(request.code)
        if value is None:
            raise _refused(
                "This link has been used, or is too old",
                "Start the server again with 'arf serve --open' for a new one, or give the token.",
            )
        return value
    if not api.sessions.is_token(request.token):
        raise _refused("This is not the token of this vault", "Copy it as a whole, without spaces.")
    return api.sessions.new_cookie()


def _refused(message: str, hint: str) -> HttpProblemError:
    return HttpProblemError(
        401, message, hint=hint, headers={"WWW-Authenticate": 'Bearer realm="autoresumefiller"'}
    )


@router.delete("/api/session", status_code=204, response_class=Response, responses=problems())
async def close_session(api: Api) -> Response:
    """Forget the cookie in this browser."""
    response = Response(status_code=204)
    response.delete_cookie(api.cookie, path="/", httponly=True, samesite="strict")
    return response


@router.post("/api/session/link", status_code=201, response_model=Link, responses=problems())
async def new_link(api: Api) -> Response:
    """Make a link that lets one browser in, once, within ten minutes."""
    return answer(Link(link=login_link(api), expires_in_seconds=CODE_SECONDS), 201)


def login_link(api: Context) -> str:
    """Return a fresh one-time link.

    The code stands behind the ``#``: browsers do not send that part, so it is
    in no log and in no Referer.
    """
    return f"{api.address}/login#{api.sessions.issue_code()}"


@router.get("/login", response_class=HTMLResponse, responses=problems())
async def login_page() -> Response:
    """Return the page that a one-time link opens."""
    return asset("login.html", "text/html; charset=utf-8")


@router.get("/login.js", include_in_schema=False)
async def login_script() -> Response:
    """Return the script of that page."""
    return asset("login.js", "text/javascript; charset=utf-8")


@router.get("/login.css", include_in_schema=False)
async def login_style() -> Response:
    """Return the style of that page and of the reference."""
    return asset("login.css", "text/css; charset=utf-8")


@router.get("/openapi.json", response_class=JSONResponse, responses=problems())
async def openapi(request: Request) -> dict[str, Any]:
    """Return this API's description."""
    return document(request.app)


@router.get("/docs", response_class=HTMLResponse, responses=problems())
async def docs(request: Request) -> Response:
    """Return this API's description for people."""
    return HTMLResponse(reference(document(request.app)))
