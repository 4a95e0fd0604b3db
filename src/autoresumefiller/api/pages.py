"""The few pages that the server has of itself: the way in, and the API's reference.

The reference is made here and not by Swagger UI or the like, which load their
code from somewhere else: nothing here does.
"""

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import Any

from fastapi import Response

_METHODS = ("get", "head", "post", "put", "patch", "delete")


def asset(name: str, media_type: str, *, status: int = 200) -> Response:
    """Return one of our own files."""
    content = files("autoresumefiller.api").joinpath("assets", name).read_bytes()
    # Set as a header: Response would add a charset of its own to a media type.
    return Response(content, status, headers={"Content-Type": media_type})


def reference(document: dict[str, Any]) -> str:
    """Return an OpenAPI document as a page."""
    title = escape(document["info"]["title"])
    body = "\n".join(
        line
        for path, operations in document["paths"].items()
        for method in _METHODS
        if method in operations
        for line in _operation(method, path, operations[method])
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: API</title>
<link rel="stylesheet" href="/login.css">
</head>
<body>
<main>
<h1>{title} {escape(document["info"]["version"])}: the API</h1>
<p>For programs: <a href="/openapi.json">openapi.json</a>.</p>
{body}
</main>
</body>
</html>
"""


def _operation(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f'<h2><code class="method">{method.upper()}</code> <code>{escape(path)}</code></h2>'
    for paragraph in operation.get("description", "").split("\n\n"):
        yield f"<p>{escape(paragraph)}</p>"
    yield "<table>"
    for parameter in operation.get("parameters", []):
        yield _row(parameter["name"], f"{parameter['in']}: {parameter.get('description', '')}")
    for media_type in operation.get("requestBody", {}).get("content", {}):
        yield _row("body", media_type)
    for status, response in operation["responses"].items():
        yield _row(status, response["description"])
    yield "</table>"


def _row(name: str, text: str) -> str:
    return f"<tr><td><code>{escape(name)}</code></td><td>{escape(text)}</td></tr>"
