"""The gate: what a request must show before any route sees it.

In this order, each for every route that there is or will be:

1. ``Host`` is one of the names the server is known by, to the letter. A page
   elsewhere that has its name resolved to 127.0.0.1 (DNS rebinding) sends its
   own name and stops here.
2. A method that may change something comes from our own origin, to the
   letter. Where there is no ``Origin`` no browser speaks, and then only the
   token in the header counts, never a cookie that a browser adds by itself.
3. A token or a cookie, except on the routes in `OPEN`.

And on every response: nothing may be stored, sniffed, framed, or loaded from
elsewhere. Written as plain ASGI: a route cannot be added that it does not see.
"""

import logging
from collections.abc import Collection
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autoresumefiller.api.pages import asset
from autoresumefiller.api.problems import HttpProblemError, http_problem, internal_problem
from autoresumefiller.api.sessions import Sessions

logger = logging.getLogger(__name__)

# What may be had without a token: that the server lives, and the way in.
# Creating a session has its own proof, the code of the link.
OPEN: Final = frozenset(
    {
        ("GET", "/healthz"),
        ("GET", "/login"),
        ("GET", "/login.js"),
        ("GET", "/login.css"),
        ("POST", "/api/session"),
    }
)
# What a person opens by typing the address, or from a bookmark.
PAGES: Final = frozenset({"/", "/docs"})
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Final = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_WAYS_IN = (
    "Send 'Authorization: Bearer <token>' (the token is in .state/api-token of the vault, "
    "or in AUTORESUMEFILLER_TOKEN), or open the link that 'arf serve' printed."
)


class Gate:
    """ASGI middleware; see the module.

    Args:
        app: What it guards.
        sessions: Knows the token and the cookies.
        hosts: Values of ``Host`` that are ours, with the port.
        origins: Values of ``Origin`` that are ours.
        cookie: The cookie's name.

    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        sessions: Sessions,
        hosts: Collection[str],
        origins: Collection[str],
        cookie: str,
    ) -> None:
        self._app = app
        self._sessions = sessions
        self._hosts = frozenset(hosts)
        self._origins = frozenset(origins)
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no web sockets here
            await send({"type": "websocket.close", "code": 1008})
            return
        answer = _Answer(send)
        try:
            refusal = self._refusal(scope)
            if refusal is None:
                await self._app(scope, receive, answer)
            else:
                await _response(refusal, scope)(scope, receive, answer)
        except ClientDisconnect:
            return  # nobody is there to be told
        except Exception:
            if answer.started:
                raise  # the server cuts the connection, so that half an answer is no answer
            logger.exception("%s %s broke", scope["method"], _path(scope))
            await internal_problem(_path(scope))(scope, receive, answer)

    def _refusal(self, scope: Scope) -> HttpProblemError | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return HttpProblemError(
                421,
                "This server does not answer to that name",
                hint=f"Use {min(self._hosts, default='its own address')}.",
            )
        unsafe = scope["method"] not in SAFE_METHODS
        origins = headers.getlist("origin")
        if unsafe and origins and not (len(origins) == 1 and origins[0] in self._origins):
            return _foreign()
        bearer = self._has_token(headers)
        open_to_all = (scope["method"], scope["path"]) in OPEN
        if not (open_to_all or bearer or self._has_cookie(headers)):
            return HttpProblemError(
                401,
                "A token is required",
                hint=_WAYS_IN,
                headers={"WWW-Authenticate": 'Bearer realm="autoresumefiller"'},
            )
        if unsafe and not origins and not bearer:
            return _foreign()
        # The router's expressions end in "$", which leaves a last line feed out of sight.
        return HttpProblemError(404, "Not Found") if scope["path"].endswith("\n") else None

    def _has_token(self, headers: Headers) -> bool:
        values = headers.getlist("authorization")
        if len(values) != 1:
            return False
        scheme, _, token = values[0].partition(" ")
        return scheme.lower() == "bearer" and self._sessions.is_token(token.strip(" "))

    def _has_cookie(self, headers: Headers) -> bool:
        # Starlette's parser goes on after a pair that it cannot read: other programs
        # on this computer may have set cookies for the same name, the port not counting.
        found = (cookie_parser(value).get(self._cookie) for value in headers.getlist("cookie"))
        return any(value is not None and self._sessions.is_cookie(value) for value in found)


def _response(refusal: HttpProblemError, scope: Scope) -> Response:
    """Return what is said: to a person who opened the address in a browser, the way in.

    That page is the same whatever was asked for and whatever is in the vault.
    """
    opened = scope["method"] in SAFE_METHODS and scope["path"] in PAGES
    if refusal.status_code == HTTPStatus.UNAUTHORIZED and opened:
        accepted = Headers(scope=scope).get("accept", "")
        if any(part.split(";")[0].strip().lower() == "text/html" for part in accepted.split(",")):
            page = asset("login.html", "text/html; charset=utf-8", status=refusal.status_code)
            page.headers.update(refusal.headers or {})
            return page
    return http_problem(refusal, path=_path(scope))


def _foreign() -> HttpProblemError:
    return HttpProblemError(
        403,
        "A change must come from this server's own page, or carry the token",
        hint=_WAYS_IN,
    )


class _Answer:
    """Sends a response on, with our headers on it, and knows whether it has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(raw=message["headers"])
            for name, value in _HEADERS.items():
                headers[name] = value
            message["headers"] = headers.raw
        await self._send(message)


def _path(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.decode("ascii", "replace").partition("?")[0]
