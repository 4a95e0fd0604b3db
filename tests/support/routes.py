"""Every route of an app, whatever a test's author remembers."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from starlette.routing import BaseRoute

from autoresumefiller.api.app import create_app

PLACEHOLDERS = {"{filename}": "no-such_backup_20250101_000000.zip", "{job_id}": "0123456789abcdef"}


def all_routes(vault: Path) -> list[tuple[str, str]]:
    """Return (method, path) of each route, those of included routers too."""
    app = create_app(vault, token="t" * 30, allowed_hosts=["127.0.0.1:1"])
    # A converter in a path is the router's business: {filename:archive}.
    found = sorted({(method, re.sub(r":\w+}", "}", path)) for method, path in _walk(app.routes)})
    assert len(found) > 20
    return found


def _walk(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str]]:
    for route in routes:
        nested = getattr(route, "original_router", None) or getattr(route, "app", None)
        if getattr(route, "methods", None):
            for method in route.methods:  # type: ignore[attr-defined]
                yield method, route.path  # type: ignore[attr-defined]
        elif getattr(nested, "routes", None):
            yield from _walk(nested.routes)  # type: ignore[union-attr]
        else:
            raise AssertionError(f"a kind of route that this test does not know: {route!r}")


def concrete(path: str) -> str:
    for placeholder, value in PLACEHOLDERS.items():
        path = path.replace(placeholder, value)
    assert "{" not in path
    return path
