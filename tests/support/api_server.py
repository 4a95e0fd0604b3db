"""A real server process on a free port of the loopback, and a client that talks to it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

TOKEN = "a-token-of-the-tests-0123456789"
# Of a machine that does much else at the same time.
PATIENCE_SECONDS = 120.0

# `arf serve` with what only tests want to say.
_PROGRAM = """\
import sys
from pathlib import Path
from autoresumefiller.api import server
{before}
server.serve(Path(sys.argv[1]), "127.0.0.1", 0, open_browser=False)
"""
_ADDRESS = re.compile(r"^AutoResumeFiller is at (\S+)$", re.MULTILINE)
_LINK = re.compile(r"^  (\S+/login#\S+)$", re.MULTILINE)


@dataclass(kw_only=True)
class LiveServer:
    """A server process.

    Attributes:
        address: ``http://127.0.0.1:<port>``.
        link: The one-time link that it printed.
        client: Sends the token.
        stderr: The file with what it wrote.

    """

    process: subprocess.Popen[bytes]
    address: str
    link: str
    vault: Path
    stderr: Path
    client: httpx.Client = field(repr=False)

    @property
    def host(self) -> str:
        return self.address.removeprefix("http://")

    def get(self, path: str, **options: Any) -> Any:
        """GET that must succeed; the JSON."""
        response = self.client.get(path, **options)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, *, status: int = 200, **options: Any) -> Any:
        response = self.client.post(path, **options)
        assert response.status_code == status, response.text
        return response.json()

    def upload(self, archive: Path | bytes, *, status: int = 202, **fields: str) -> Any:
        content = archive if isinstance(archive, bytes) else archive.read_bytes()
        files = {"file": ("backup.zip", content, "application/zip")}
        return self.post("/api/backup/import", status=status, files=files, data=fields)

    def job(self, job_id: str) -> Any:
        return self.get(f"/api/jobs/{job_id}")

    def events(self, job_id: str, *, after: int | None = None) -> Iterator[dict[str, Any]]:
        """Yield the events of a job, with their ids as ``event_id``, until the stream ends."""
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        with self.client.stream("GET", f"/api/jobs/{job_id}/events", headers=headers) as response:
            assert response.status_code == 200
            assert response.headers["content-type"].startswith("text/event-stream")
            yield from parse_events(response.iter_lines())

    def until(self, job_id: str, *states: str) -> Any:
        """Wait, by its events, until a job is in one of the states; return the job."""
        for event in self.events(job_id):
            if event["state"] in states:
                return self.job(job_id)
        return self.job(job_id)

    def ended(self, job_id: str) -> Any:
        return self.until(job_id, "succeeded", "failed", "cancelled")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait, and return the status."""
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)

    @property
    def log(self) -> str:
        """Everything it logged, and what it wrote to standard error."""
        logs = sorted(self.vault.joinpath("logs").glob("server.log*"))
        return "".join(path.read_text() for path in [*logs, self.stderr])


def parse_events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    event: dict[str, Any] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "data":
            event |= json.loads(value)
        elif name == "id":
            event["event_id"] = int(value)
        elif not line and event:
            yield event
            event = {}


@contextmanager
def live_server(
    vault: Path,
    *,
    before: str = "",
    env: Mapping[str, str] | None = None,
    log_dir: Path | None = None,
) -> Iterator[LiveServer]:
    """Run a server until the block ends; it must then stop in order.

    ``before`` is Python that runs in the process first.
    """
    stderr = (log_dir or vault.parent) / f"server-{os.urandom(4).hex()}.err"
    environ = {**os.environ, "AUTORESUMEFILLER_TOKEN": TOKEN, **(env or {})}
    environ = {name: value for name, value in environ.items() if value}
    with stderr.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _PROGRAM.format(before=before), str(vault)],
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
    server = None
    try:
        text = _started(process, stderr)
        address, link = _ADDRESS.search(text), _LINK.search(text)
        assert address is not None
        assert link is not None
        token = environ.get("AUTORESUMEFILLER_TOKEN") or (
            vault.joinpath(".state/api-token").read_text().strip()
        )
        server = LiveServer(
            process=process,
            address=address[1],
            link=link[1],
            vault=vault,
            stderr=stderr,
            client=httpx.Client(
                base_url=address[1],
                headers={"Authorization": f"Bearer {token}"},
                timeout=PATIENCE_SECONDS,
                trust_env=False,
                # Well before the server closes an idle connection, which may cross a request.
                limits=httpx.Limits(keepalive_expiry=1.0),
            ),
        )
        yield server
        if process.poll() is None:
            assert server.stop() == 0, stderr.read_text()
    finally:
        if server is not None:
            server.client.close()
        if process.poll() is None:
            process.kill()
            process.wait()


def _started(process: subprocess.Popen[bytes], stderr: Path) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        text = stderr.read_text()
        if "Ctrl-C" in text:
            return text
        if process.poll() is not None:
            raise AssertionError(f"the server ended: {text}")
        time.sleep(0.02)
    raise AssertionError(f"the server does not start: {stderr.read_text()}")
