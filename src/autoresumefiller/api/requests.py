"""What a request must be before its body is looked at: of a type we take, of a size we take."""

import json
from typing import Any, NoReturn

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autoresumefiller.api.problems import HttpProblemError, no_json

# A profile of a long life with every detail is some hundred kilobytes.
MAX_JSON_BYTES = 8 * 1024 * 1024
IMPORT_PATH = "/api/backup/import"


def media_type(request: Request) -> str:
    """Return the content type without its parameters, "" if there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def json_only(request: Request) -> None:
    """Refuse a body that does not say that it is JSON: a dependency of the routes that take one.

    Raises:
        HttpProblemError: 415.

    """
    headers = request.headers
    has_body = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
    if has_body and media_type(request) != "application/json":
        raise unsupported("application/json")


def read_json(body: bytes) -> Any:
    """Return what a body says that a route reads by itself: as the framework reads the others.

    But for NaN and the infinities, which are not JSON.

    Raises:
        HttpProblemError: 400.

    """
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except RecursionError:
        raise no_json("it is nested too deeply") from None
    except ValueError as error:
        raise no_json(str(error)) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def unsupported(*expected: str) -> HttpProblemError:
    """Return the refusal of a content type."""
    return HttpProblemError(
        415,
        "The content type is not one that is taken here",
        hint=f"Send {' or '.join(expected)}.",
        headers={"Accept": ", ".join(expected)},
    )


def too_large(limit_bytes: int) -> HttpProblemError:
    """Return the refusal of a body by its size."""
    return HttpProblemError(413, f"The request is larger than {limit_bytes:,} bytes")


class BodyLimit:
    """ASGI middleware: no body but an upload's is larger than `MAX_JSON_BYTES`.

    Counts real bytes; what Content-Length announces is only believed if it is too much.
    """

    def __init__(self, app: ASGIApp, *, limit_bytes: int = MAX_JSON_BYTES) -> None:
        self._app = app
        self._limit = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body counted."""
        if scope["type"] != "http" or scope["path"] == IMPORT_PATH:
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        received = 0

        async def counted() -> Message:
            nonlocal received
            if not announced.isdecimal() or int(announced) > self._limit:
                raise too_large(self._limit)
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise too_large(self._limit)
            return message

        await self._app(scope, counted, send)
