"""An upload, from the socket to the staging in the vault, never whole in memory.

FastAPI's own `UploadFile` spools to the system's temporary directory, with the
mode of that, and holds the request until everything is there. Here the body is
parsed as it comes (python-multipart's push parser) and written to a private
file on the vault's disk. Whatever goes wrong, the file goes.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO, Self

import anyio
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from autoresumefiller.api.context import Context
from autoresumefiller.api.problems import HttpProblemError
from autoresumefiller.api.requests import too_large
from autoresumefiller.backup.jobs.uploads import Upload, require_space_for
from autoresumefiller.encryption.passphrases import MAX_PASSPHRASE
from autoresumefiller.encryption.recovery import MAX_KIT_CHARACTERS
from autoresumefiller.errors import AutoResumeFillerError
from autoresumefiller.model.printable import printable

FILE_FIELD = "file"
KIT_FIELD = "kit"
DEFAULT_SHOWN_NAME = "upload.zip"

_UTF8_BYTES = 4  # of one character, at most
_MAX_PARTS = 16
_MAX_FIELD_BYTES = _UTF8_BYTES * MAX_PASSPHRASE
_MAX_KIT_BYTES = _UTF8_BYTES * MAX_KIT_CHARACTERS
# What the form's own lines may take besides the archive.
_FORM_BYTES = _MAX_KIT_BYTES + _MAX_PARTS * _MAX_FIELD_BYTES + 64 * 1024
_WRITE_BYTES = 1024 * 1024

# A client that sends nothing for so long, or less than this on average, is
# given up on: a staging file must not be kept open by a trickle.
IDLE_SECONDS = 30.0
GRACE_SECONDS = 30.0
MIN_BYTES_PER_SECOND = 1024


@dataclass(slots=True, kw_only=True)
class ReceivedForm:
    """What an upload brought.

    Attributes:
        upload: The archive, or None if the form has no file.
        fields: The other fields.
        shown_name: The sender's name for the archive, made fit to be shown.

    """

    upload: Upload | None = None
    fields: dict[str, str] = field(default_factory=dict)
    shown_name: str = DEFAULT_SHOWN_NAME


@asynccontextmanager
async def received_form(request: Request, api: Context) -> AsyncIterator[ReceivedForm]:
    """Take in a multipart form; a file that is not taken over by then is gone afterwards.

    The body's block takes the upload over by setting ``upload`` to None.

    Raises:
        HttpProblemError: it is malformed, too large, too slow, or one too many.
        NotEnoughSpaceError: the vault's disk has no room for it.

    """
    if api.uploads.locked():
        raise HttpProblemError(
            429,
            "Other uploads are under way",
            hint="Wait until they have ended, then try again.",
            headers={"Retry-After": "5"},
        )
    form = ReceivedForm()
    async with api.uploads:
        try:
            await _receive(request, api, form)
            yield form
        finally:
            if form.upload is not None:
                with anyio.CancelScope(shield=True):
                    await run_in_threadpool(form.upload.resources.close)


async def _receive(request: Request, api: Context, form: ReceivedForm) -> None:
    limit = api.max_upload_bytes
    announced = request.headers.get("content-length", "")
    if announced.isdecimal():
        if int(announced) > limit + _FORM_BYTES:
            raise too_large(limit)
        await run_in_threadpool(require_space_for, api.vault, int(announced))
    parts = _Parts(_boundary(request), limit_bytes=limit)
    async with _Writer() as writer:
        async for chunk in _steady(request):
            try:
                parts.feed(chunk)
            except FormParserError as error:
                raise _malformed(str(error)) from error
            if parts.has_file and form.upload is None:
                form.upload = await run_in_threadpool(Upload, api.vault)
            if form.upload is not None and parts.pending_bytes >= _WRITE_BYTES:
                await writer.write(form.upload.file, parts.take())
        if not parts.ended:
            raise _malformed("it ends before its last boundary")
        if form.upload is not None:
            await writer.write(form.upload.file, parts.take())
    if form.upload is not None:
        await run_in_threadpool(form.upload.seal)
    form.fields = parts.fields
    form.shown_name = parts.shown_name


class _Writer:
    """Writes one block while the next comes in, so that no more than two are in memory.

    Left with an error or without, no write is under way any more.
    """

    def __init__(self) -> None:
        self._writing: asyncio.Task[int] | None = None

    async def write(self, file: BinaryIO, block: bytes) -> None:
        """Begin to write a block; raises what went wrong with the one before."""
        await self._written()
        self._writing = asyncio.create_task(run_in_threadpool(file.write, block))

    async def _written(self) -> None:
        if self._writing is not None:
            writing, self._writing = self._writing, None
            await writing

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with anyio.CancelScope(shield=True):
            if kind is None:
                await self._written()
            else:  # what went wrong first is what is told
                with suppress(AutoResumeFillerError):
                    await self._written()


async def _steady(request: Request) -> AsyncIterator[bytes]:
    """Yield the body's chunks while they keep coming."""
    chunks = request.stream().__aiter__()
    started = time.monotonic()
    received = 0
    while True:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise _too_slow() from None
        received += len(chunk)
        seconds = time.monotonic() - started - GRACE_SECONDS
        if received < seconds * MIN_BYTES_PER_SECOND:
            raise _too_slow()
        yield chunk


def _boundary(request: Request) -> bytes:
    _, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    if not boundary:
        raise _malformed("it names no boundary")
    return boundary


class _Parts:
    """The form as far as it has come; the bytes of its file wait to be taken."""

    def __init__(self, boundary: bytes, *, limit_bytes: int) -> None:
        self.fields: dict[str, str] = {}
        self.shown_name = DEFAULT_SHOWN_NAME
        self.has_file = False
        self.ended = False
        self.pending_bytes = 0
        self._limit = limit_bytes
        self._fed_bytes = 0
        self._file_bytes = 0
        self._pending: list[bytes] = []
        self._count = 0
        self._name = ""
        self._value = b""
        self._header = b""
        self._header_value = b""
        self._disposition = b""
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part_begin,
                    "on_header_field": self._header_field,
                    "on_header_value": self._header_text,
                    "on_header_end": self._header_end,
                    "on_headers_finished": self._headers_finished,
                    "on_part_data": self._part_data,
                    "on_part_end": self._part_end,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise _malformed(str(error)) from error

    def feed(self, chunk: bytes) -> None:
        self._fed_bytes += len(chunk)
        if self._fed_bytes > self._limit + _FORM_BYTES:  # what follows the form's end as well
            raise too_large(self._limit)
        self._parser.write(chunk)

    def take(self) -> bytes:
        data = b"".join(self._pending)
        self._pending.clear()
        self.pending_bytes = 0
        return data

    def _part_begin(self) -> None:
        self._count += 1
        if self._count > _MAX_PARTS:
            raise _malformed(f"it has more than {_MAX_PARTS} parts")
        self._name, self._value, self._disposition = "", b"", b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_text(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header = self._header_value = b""

    def _headers_finished(self) -> None:
        kind, options = parse_options_header(self._disposition)
        name = options.get(b"name")
        if kind != b"form-data" or name is None:
            raise _malformed("a part of it has no name")
        self._name = name.decode("utf-8", "replace")
        if self._name == FILE_FIELD:
            if self.has_file:
                raise _malformed("it has two files")
            self.has_file = True
            self.shown_name = _shown(options.get(b"filename", b"").decode("utf-8", "replace"))
        elif self._name in self.fields:
            raise _malformed(f"it has two fields {printable(self._name, limit=50)}")

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._name == FILE_FIELD:
            self._file_bytes += end - start
            if self._file_bytes > self._limit:
                raise too_large(self._limit)
            self._pending.append(data[start:end])
            self.pending_bytes += end - start
            return
        self._value += data[start:end]
        if len(self._value) > (_MAX_KIT_BYTES if self._name == KIT_FIELD else _MAX_FIELD_BYTES):
            raise _malformed(f"its field {printable(self._name, limit=50)} is too long")

    def _part_end(self) -> None:
        if self._name != FILE_FIELD:
            try:
                self.fields[self._name] = self._value.decode()
            except UnicodeDecodeError:
                what = f"its field {printable(self._name, limit=50)} is not UTF-8"
                raise _malformed(what) from None

    def _end(self) -> None:
        self.ended = True


def _shown(name: str) -> str:
    """Return a sender's file name fit to be shown: no folders, nothing that does not print."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return DEFAULT_SHOWN_NAME if last in {"", ".", ".."} else printable(last, limit=120)


def _malformed(why: str) -> HttpProblemError:
    return HttpProblemError(400, f"The form cannot be read: {printable(why)}")


def _too_slow() -> HttpProblemError:
    return HttpProblemError(
        408,
        "The upload was given up on: too little came in too long a time",
        headers={"Connection": "close"},
    )
