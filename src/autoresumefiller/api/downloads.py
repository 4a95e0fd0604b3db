"""A backup going out: from one open file, in ranges if wanted.

The file is opened once, before the first byte; what is sent is that file even
if its name is deleted or given to another meanwhile. RFC 9110, sections 13
and 14: one range (several in one request get the whole file, which is
allowed), If-Range, If-None-Match.
"""

import os
import re
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from autoresumefiller.api.conditions import all_of, matches
from autoresumefiller.api.problems import HttpProblemError
from autoresumefiller.backup.archives import open_archive

_BLOCK_BYTES = 512 * 1024
_RANGE = re.compile(r"bytes=(?:([0-9]{1,19})-([0-9]{0,19})|-([0-9]{1,19}))")
_UNQUOTED = re.compile(r"[^A-Za-z0-9._-]")


class ArchiveResponse(Response):
    """Streams an archive."""

    def __init__(self, path: Path) -> None:
        """Open the archive.

        Raises:
            StorageError: it cannot be opened.

        """
        self._opening = open_archive(path)
        self._file: BinaryIO = self._opening.__enter__()
        status = os.fstat(self._file.fileno())
        self._size = status.st_size
        # Archives are never changed in place: these three name one content.
        self._etag = f'"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}"'
        super().__init__(
            media_type="application/octet-stream" if path.suffix == ".age" else "application/zip",
            headers={
                "Accept-Ranges": "bytes",
                "ETag": self._etag,
                "Content-Disposition": disposition(path.name),
            },
        )

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer, and close the file however that ends."""
        try:
            await self._answer(scope, send)
        finally:
            self._opening.__exit__(None, None, None)

    async def _answer(self, scope: Scope, send: Send) -> None:
        headers = Headers(scope=scope)
        if matches(all_of(headers, "if-none-match"), self._etag):
            del self.headers["content-length"]
            await self._send(send, 304, 0, 0, body=False)
            return
        first, length, status = 0, self._size, 200
        # Section 14.2: for HEAD a range means nothing.
        ranged = scope["method"] == "GET" and headers.get("if-range") in {None, self._etag}
        wanted = headers.get("range") if ranged else None
        match = None if wanted is None else _range(wanted)
        if match is not None:
            span = _span(match, self._size)
            if span is None:
                raise HttpProblemError(
                    416,
                    f"The file has {self._size:,} bytes",
                    headers={"Content-Range": f"bytes */{self._size}"},
                )
            first, length = span
            status = 206
            self.headers["Content-Range"] = f"bytes {first}-{first + length - 1}/{self._size}"
        self.headers["Content-Length"] = str(length)
        await self._send(send, status, first, length, body=scope["method"] != "HEAD")

    async def _send(self, send: Send, status: int, first: int, length: int, *, body: bool) -> None:
        await send({"type": "http.response.start", "status": status, "headers": self.raw_headers})
        left = length if body else 0
        if left:
            await run_in_threadpool(self._file.seek, first)
        while left:
            block = await run_in_threadpool(self._file.read, min(_BLOCK_BYTES, left))
            if not block:
                raise EOFError("the archive became shorter while it was being sent")
            left -= len(block)
            await send({"type": "http.response.body", "body": block, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def disposition(filename: str) -> str:
    """Return a Content-Disposition that saves under this name and does nothing else.

    RFC 6266, appendix D: a plain ASCII name for old programs, the real one
    percent-encoded beside it.
    """
    ascii_name = _UNQUOTED.sub("_", filename)
    encoded = quote(filename.encode("utf-8", "backslashreplace"), safe="")
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{encoded}"


def _range(header: str) -> re.Match[str] | None:
    """Return the one range that is asked for; None for several, or what is none: all is sent."""
    match = _RANGE.fullmatch(header.replace(" ", ""))
    backwards = match is not None and match[2] and int(match[2]) < int(match[1])
    return None if backwards else match


def _span(match: re.Match[str], size: int) -> tuple[int, int] | None:
    """Return first byte and length of a range; None if it cannot be satisfied."""
    if match[3] is not None:
        length = min(int(match[3]), size)
        return (size - length, length) if length else None
    first = int(match[1])
    last = min(int(match[2]), size - 1) if match[2] else size - 1
    return (first, last - first + 1) if first < size else None
