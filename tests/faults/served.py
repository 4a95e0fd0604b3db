"""An import as the page starts it: sent to the server, kept in staging, run as a job."""

import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from autoresumefiller.errors import StorageError

# httpx looks for it in every request. Where it is not there, Python reads folders that others
# write to meanwhile (coverage does), and a fault that was meant for the server meets the client.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

_HOST = "127.0.0.1:8765"
_TOKEN = "a-token-of-the-tests-0123456789"


archive = b""
"""What is sent: set by who prepares the vault."""


class ServerFaultError(Exception):
    """The server says that an error is none of ours."""


def upload(root: Path) -> None:
    """Send the archive and wait for the end of its import.

    Raises:
        StorageError: the server refused, or the job failed, and said why.
        ServerFaultError: it did not say why.

    """
    with ExitStack() as stack:
        try:
            runner = stack.enter_context(asyncio.Runner())
        except OSError as error:  # no server could start either
            raise StorageError(f"The server cannot start: {error}") from error
        runner.run(_upload(root))


async def _upload(root: Path) -> None:
    from autoresumefiller.api.app import create_app  # a second, of every test run

    app = create_app(root, allowed_hosts=[_HOST], token=_TOKEN)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
            base_url=f"http://{_HOST}",
            headers={"Authorization": f"Bearer {_TOKEN}"},
        ) as client,
    ):
        answer = await client.post(
            "/api/backup/import",
            files={"file": ("sent.zip", archive, "application/zip")},
            data={"confirm": "false"},
        )
        job = _require(answer)
        while job["state"] in {"queued", "running"}:
            await asyncio.sleep(0.015)
            job = _require(await client.get(f"/api/jobs/{job['id']}"))
        if job["state"] != "succeeded":
            _fail(job["error"])


def _require(answer: httpx.Response) -> Any:
    if answer.is_error:
        _fail(answer.json())
    return answer.json()


def _fail(problem: dict[str, Any]) -> None:
    text = " ".join(str(problem.get(key, "")) for key in ("message", "detail", "consequence"))
    if problem["code"] == "internal_error":
        raise ServerFaultError(text)
    if problem["code"] == "recovery_failed":
        text = f"RecoveryError: {text}"
    raise StorageError(text)
