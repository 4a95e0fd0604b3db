"""The page: the files of ``web/``, each a route of its own.

A route for each file, and not a folder that is served: what a client sends is
compared with the names that there are, never joined to a path.
"""

from collections.abc import Awaitable, Callable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Response

router = APIRouter(tags=["page"], include_in_schema=False)

# Told here and not asked of the system, whose own table may differ.
_MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_START = "index.html"


def _page_files(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        name = f"{prefix}{entry.name}"
        if entry.is_dir():
            yield from _page_files(entry, f"{name}/")
        elif name.rpartition(".")[2] in _MEDIA_TYPES:
            yield name, entry


def _sender(name: str, file: Traversable) -> Callable[[], Awaitable[Response]]:
    media_type = _MEDIA_TYPES[name.rpartition(".")[2]]

    async def send() -> Response:
        # Set as a header: Response would add a charset of its own to a media type.
        return Response(file.read_bytes(), headers={"Content-Type": media_type})

    return send


for _name, _file in sorted(_page_files(files("autoresumefiller").joinpath("web"))):
    router.add_api_route(
        "/" if _name == _START else f"/page/{_name}",
        _sender(_name, _file),
        methods=["GET"],
        name=f"page {_name}",
    )
