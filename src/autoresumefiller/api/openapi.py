"""What the API says of itself: the statuses of each route, and the whole as OpenAPI."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from autoresumefiller.api.problems import MEDIA_TYPE
from autoresumefiller.api.schemas.problem import EXAMPLE, Problem
from autoresumefiller.api.security import OPEN
from autoresumefiller.version import __version__

Responses = dict[int | str, dict[str, Any]]

_PROBLEM_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_MEANING = {
    400: "The request cannot be understood.",
    401: "Neither token nor cookie.",
    403: "A change from somewhere else than this server's own page.",
    404: "There is no such thing.",
    408: "The upload was too slow.",
    409: "Not now: another job is running, the vault is in use, or the state is another.",
    412: "It is not the one any more that the client has.",
    413: "The request is too large.",
    415: "The content type is not one that is taken here.",
    416: "The range lies outside the file.",
    421: "The server does not answer to that name.",
    422: "What was sent, or what is there, does not have the form that is expected.",
    423: "It is encrypted and cannot be read here.",
    429: "Too many uploads at a time.",
    500: "The disk failed, or the program did.",
    503: "The vault cannot be used now.",
    507: "The disk is full.",
}
# What the gate and the fault of anybody can answer to whatever is asked.
_ALWAYS = (401, 403, 421, 500)

# Whatever looks at the vault first finishes or undoes what was interrupted there.
_OF_THE_VAULT = (409, 503)

_DESCRIPTION = """\
The data vault of AutoResumeFiller, for programs on this computer and for its own page.

Every error is an `application/problem+json` (RFC 9457) with a stable `code`. Whatever takes time
is a **job**: it goes on when the client goes away, can be watched (`/api/jobs/{id}/events`) and
cancelled. An import asks before it changes anything.
"""


def problems(*statuses: int) -> Responses:
    """Describe the errors of a route: these, and those that every route has."""
    return {
        status: {"description": _MEANING[status], "content": _PROBLEM_CONTENT}
        for status in sorted({*statuses, *_ALWAYS})
    }


def vault_problems(*statuses: int) -> Responses:
    """Describe the errors of a route that looks at the vault: these, and its own."""
    return problems(*statuses, *_OF_THE_VAULT)


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an app."""
    if app.openapi_schema is None:
        found = get_openapi(
            title="AutoResumeFiller",
            version=__version__,
            description=_DESCRIPTION,
            routes=app.routes,
            tags=[
                {"name": "backups", "description": "Make, list, check, fetch, delete, import."},
                {"name": "jobs", "description": "What runs in the background."},
                {"name": "vault", "description": "What is in the vault; profile and settings."},
                {"name": "server", "description": "The server itself and the way in."},
            ],
        )
        components = found.setdefault("components", {})
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        components.setdefault("schemas", {})["Problem"] = schema | {
            "example": EXAMPLE.model_dump(mode="json")
        }
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        for path, operations in found["paths"].items():
            for method, operation in operations.items():
                free = (method.upper(), path) in OPEN
                operation["security"] = [] if free else [{"token": []}]
        app.openapi_schema = found
    return app.openapi_schema
