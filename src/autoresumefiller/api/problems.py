"""Errors as RFC 9457 ``application/problem+json``: one shape for every status above 399.

``type`` is ``urn:autoresumefiller:problem:<code>``; the code is the error's
own (``errors.py``) or one of those below, which only HTTP has. A fault of ours
is told as ``internal_error`` and nothing more: the log has the rest.
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from autoresumefiller.api.schemas.base import wire_tree
from autoresumefiller.api.wording import without_commands
from autoresumefiller.backup.jobs.job import INTERNAL_FAULT, JobFault
from autoresumefiller.errors import UNTOUCHED, AutoResumeFillerError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:autoresumefiller:problem:"

STATUS_OF_ERROR = {
    "error": 500,
    "invalid_argument": 422,
    "vault_not_found": 503,
    "vault_busy": 409,
    "vault_layout": 409,
    "recovery_failed": 503,
    "nothing_to_undo": 409,
    "storage_failed": 500,
    "not_enough_space": 507,
    "access_denied": 500,  # the server's account may not; no matter of the caller's rights
    "output_exists": 409,
    "profile_not_found": 404,
    "profile_invalid": 422,
    "profile_locked": 423,
    "config_invalid": 422,
    "key_not_found": 423,
    "key_store_failed": 500,
    "authentication_failed": 422,
    "wrong_key": 422,
    "passphrase_required": 423,
    "recovery_kit_invalid": 422,
    "not_encrypted": 409,
    "encrypted_file_damaged": 422,
    "encrypted_file_truncated": 422,
    "backup_invalid": 422,
    "backup_not_found": 404,
    "safety_backup_failed": 500,
    "confirmation_required": 409,
    "confirmation_expired": 409,
    "plan_changed": 409,
    "job_not_found": 404,
    "job_conflict": 409,
    "job_not_awaiting": 409,
    "job_too_late": 409,
    "internal_error": 500,
}
"""The HTTP status of every code that a job or an operation can end with."""

# What only HTTP knows: status -> code, where a status stands for one thing.
_CODE_OF_STATUS = {
    400: "bad_request",
    401: "token_required",
    403: "origin_refused",
    404: "not_found",
    405: "method_not_allowed",
    408: "upload_too_slow",
    412: "profile_changed",
    413: "too_large",
    415: "unsupported_media_type",
    416: "range_not_satisfiable",
    421: "host_refused",
    422: "request_invalid",
    429: "too_many_uploads",
    500: "internal_error",
    507: "not_enough_space",
}
HTTP_CODES = frozenset(_CODE_OF_STATUS.values())


class HttpProblemError(HTTPException):
    """A request that is refused for a reason that only HTTP has."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        hint: str = "",
        errors: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.hint = hint
        self.errors = tuple(errors)


def no_json(why: str) -> HttpProblemError:
    """Return the refusal of a body that does not say anything."""
    return HttpProblemError(400, f"The body is no JSON: {why}")


def not_as_described(faults: Sequence[Mapping[str, Any]]) -> HttpProblemError:
    """Return the refusal of a request for what pydantic finds wrong with it."""
    for fault in faults:
        if fault["type"] == "json_invalid":
            return no_json(fault["ctx"]["error"])
    return HttpProblemError(
        422,
        "The request does not have the form that is expected",
        hint="/openapi.json describes it.",
        errors=[_sentence(fault) for fault in faults],
    )


def problem(
    status: int, fault: JobFault, *, path: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return the response for a fault."""
    body: dict[str, Any] = {
        "type": f"{TYPE_PREFIX}{fault.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": without_commands(fault.message),
        "instance": path,
        "code": fault.code,
        "consequence": without_commands(fault.consequence),
        "hint": without_commands(fault.hint),
        "errors": [without_commands(error) for error in fault.errors],
        "warnings": [without_commands(warning) for warning in fault.warnings],
    }
    return JSONResponse(wire_tree(body), status, dict(headers or {}), media_type=MEDIA_TYPE)


def http_problem(error: HTTPException, *, path: str) -> JSONResponse:
    """Return the response for a refusal, the framework's own included."""
    status = error.status_code
    fault = JobFault(
        code=_CODE_OF_STATUS.get(status, "bad_request" if status < 500 else "internal_error"),  # noqa: PLR2004
        message=str(error.detail),
        consequence=UNTOUCHED,
        hint=getattr(error, "hint", ""),
        errors=getattr(error, "errors", ()),
    )
    return problem(status, fault, path=path, headers=error.headers)


class JobFailedError(Exception):
    """The job that a request waited for did not succeed."""

    def __init__(self, fault: JobFault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class StreamOverError(Exception):
    """Everything there is to say has been said: 204, which is no error."""


def install(app: FastAPI) -> None:
    """Have every error of an app answered as a problem."""

    @app.exception_handler(AutoResumeFillerError)
    async def ours(request: Request, error: AutoResumeFillerError) -> JSONResponse:
        return _fault_response(request, JobFault.of(error))

    @app.exception_handler(JobFailedError)
    async def job_failed(request: Request, error: JobFailedError) -> JSONResponse:
        return _fault_response(request, error.fault)

    @app.exception_handler(StreamOverError)
    async def over(_request: Request, _error: StreamOverError) -> Response:
        return Response(status_code=204)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            error.headers = {"Allow": ", ".join(_allowed_methods(request))}
        return http_problem(error, path=_path(request))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return http_problem(not_as_described(error.errors()), path=_path(request))


def internal_problem(path: str) -> JSONResponse:
    """Return the response for a fault of ours."""
    return problem(500, INTERNAL_FAULT, path=path)


def _fault_response(request: Request, fault: JobFault) -> JSONResponse:
    status = STATUS_OF_ERROR.get(fault.code, 500)
    return problem(status, fault, path=_path(request))


def _allowed_methods(request: Request) -> list[str]:
    # The router names those of the first route with this path; a path may have several.
    return [
        method
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]


def _path(request: Request) -> str:
    # As it came, still percent-encoded: a URI reference without surprises.
    raw = request.scope.get("raw_path")
    return raw.decode("ascii", "replace").partition("?")[0] if raw else request.url.path


def _sentence(fault: Mapping[str, Any]) -> str:
    place = ".".join(map(str, fault["loc"])) or "body"
    return f"{place}: {fault['msg']}"
