"""``python -m benchmarks.server [--scale S]``: what the server costs beside the library and `cp`.

The server is a process as a person starts it; it is asked over a socket. Its
memory is the peak that the system tells of the process.
"""

import argparse
import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from autoresumefiller import UserDataManager
from benchmarks.clients import LISTENING, POLLING
from benchmarks.contenders import ARF
from benchmarks.corpora import corpus
from benchmarks.discarding import delete_discarded, discard
from benchmarks.experiments import fill_backups

MB = 1_000_000
_CHUNK_BYTES = 1 << 20
_BOUNDARY = b"----benchmark"
_UPLOAD_BYTES = 1000 * MB
_SERVER_MEMORY = 200 * 1024 * 1024

Row = tuple[str, str, str]


class Server:
    """A running server and a connection to it."""

    def __init__(self, process: subprocess.Popen[bytes], address: str, token: str) -> None:
        self.address = address
        self.token = token
        self._process = process
        self._connection = HTTPConnection(address, timeout=600)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Return the JSON of an answer that must be a success."""
        head = {"Authorization": f"Bearer {self.token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        self._connection.request(method, path, body=body, headers=head)
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:500]!r}")
        return json.loads(data)

    @property
    def peak_bytes(self) -> int:
        """The most memory that was resident."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@contextmanager
def serving(vault: Path) -> Iterator[Server]:
    """Start `arf serve` on a free port; stop it when the block ends."""
    token = secrets.token_urlsafe()
    process = subprocess.Popen(
        [ARF, "--vault", vault, "serve", "--port", "0"],
        env={**os.environ, "AUTORESUMEFILLER_TOKEN": token},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    if process.stderr is None:
        raise AssertionError("it was asked for")
    address = ""
    for line in process.stderr:
        address = address or line.decode().partition(" is at http://")[2].strip()
        if b"Ctrl-C" in line:
            break
    try:
        yield Server(process, address, token)
    finally:
        process.terminate()
        process.stderr.close()
        process.wait(60)


def create(vault: Path, rounds: int) -> Iterator[Row]:
    """Compare a backup over the API with the call of the library, in turn."""
    manager = UserDataManager(vault)
    times: dict[str, list[float]] = {"library": [], "api": []}
    with serving(vault) as server:
        ways: Mapping[str, Callable[[], str]] = {
            "library": lambda: manager.export_all()["filename"],
            "api": lambda: server.ask("POST", "/api/backup/create?wait=true")["filename"],
        }
        for number in range(rounds + 1):
            for name in sorted(ways, reverse=number % 2 == 1):
                os.sync()
                started = time.perf_counter()
                filename = ways[name]()
                if number:  # the first round loads modules
                    times[name].append(time.perf_counter() - started)
                server.ask("DELETE", f"/api/backup/{filename}")
        alone = statistics.median(times["api"])
        ratio = alone / statistics.median(times["library"])
        yield _row("create over the API: at most 1.15x the library's call", ratio, 1.15, "{:.2f}x")
        yield from _watched(server, alone)


def _watched(server: Server, alone: float) -> Iterator[Row]:
    started = time.perf_counter()
    job = server.ask("POST", "/api/backup/create")["id"]
    command = [sys.executable, "-m", "benchmarks.clients", server.address, job]
    environ = {**os.environ, "AUTORESUMEFILLER_TOKEN": server.token}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - started
    seen = json.loads(done.stdout)
    who = f"{POLLING} clients asking and {LISTENING} listening while a backup is made"
    told = (
        f"{seen['answers']} answers, median {seen['median_seconds'] * 1000:.0f} ms, "
        f"p99 {seen['p99_seconds'] * 1000:.0f} ms; {seen['events_each']:.0f} events to each "
        f"listener, the last one to all; {seconds / alone:.1f}x the time without them, "
        "with their own start"
    )
    yield who, told, ""


def upload(vault: Path, area: Path, size: int) -> Iterator[Row]:
    """Upload an archive of ``size`` bytes, beside `cp` and `sync` of the same file."""
    archive = area / "large.zip"
    UserDataManager(corpus("large", size, area.parent / "corpora").root).export_all(archive)
    times: dict[str, list[float]] = {"cp": [], "upload": []}
    with serving(vault) as server:
        for number in range(3):
            for name in sorted(times, reverse=number % 2 == 1):
                os.sync()
                started = time.perf_counter()
                if name == "cp":
                    copy = area / f"copy-{number}.zip"
                    subprocess.run(["cp", archive, copy], check=True)
                    subprocess.run(["sync", copy], check=True)
                    times[name].append(time.perf_counter() - started)
                else:
                    job = _send(server, archive)
                    times[name].append(time.perf_counter() - started)
                    server.ask("DELETE", f"/api/jobs/{job}")
                    while server.ask("GET", f"/api/jobs/{job}")["state"] != "cancelled":
                        time.sleep(0.05)
        peak = server.peak_bytes
    megabytes = archive.stat().st_size / MB
    cp, sent = (statistics.median(times[name]) for name in ("cp", "upload"))
    what = f"upload of {megabytes:,.0f} MB"
    yield f"{what}: time beside `cp` and `sync`", f"{sent / cp:.2f}x", ""
    goal = f"{what}: the server's memory below 200 MiB"
    yield _row(goal, peak / 1024**2, _SERVER_MEMORY / 1024**2, "{:.0f} MiB")


def _send(server: Server, archive: Path) -> str:
    head = (
        b"--" + _BOUNDARY + b'\r\nContent-Disposition: form-data; name="file"; '
        b'filename="large.zip"\r\nContent-Type: application/zip\r\n\r\n'
    )
    tail = b"\r\n--" + _BOUNDARY + b"--\r\n"

    def body() -> Iterator[bytes]:
        yield head
        with archive.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
        yield tail

    length = len(head) + archive.stat().st_size + len(tail)
    answer = server.ask(
        "POST",
        "/api/backup/import",
        body(),
        Content_Type=f"multipart/form-data; boundary={_BOUNDARY.decode()}",
        Content_Length=str(length),
    )
    return str(answer["id"])


def listing(vault: Path, count: int, asked: int) -> Iterator[Row]:
    """Ask for the list of ``count`` backups again and again."""
    with serving(vault) as server:
        times = []
        for _ in range(asked):
            started = time.perf_counter()
            found = server.ask("GET", "/api/backup/list")["backups"]
            times.append(time.perf_counter() - started)
            if len(found) != count:
                raise RuntimeError(f"{len(found)} backups are listed, not {count}")
    first, cuts = times[0], statistics.quantiles(times[1:], n=100)
    told = (
        f"first {first * 1000:.0f} ms, then median {cuts[49] * 1000:.0f} ms, "
        f"p99 {cuts[98] * 1000:.0f} ms"
    )
    yield f"list of {count:,} backups over the API", told, ""


def _row(goal: str, value: float, limit: float, shown: str) -> Row:
    return goal, shown.format(value), "met" if value <= limit else "**missed**"


def measure(scale: float, cache: Path) -> Iterator[Row]:
    """Yield what was measured, line by line."""
    area = cache / "server"
    if area.exists():  # of a run that was broken off
        discard(area, within=cache)
    area.mkdir(parents=True)

    def vault(name: str, size: int) -> Path:
        source = corpus("mixed", size, cache / "corpora").root
        return shutil.copytree(source, area / name, ignore=shutil.ignore_patterns(".state"))

    vault_of_documents = vault("documents", round(100 * MB * scale))
    yield from create(vault_of_documents, rounds=9 if scale >= 1 else 5)
    yield from upload(vault_of_documents, area, round(_UPLOAD_BYTES * scale))
    for full_count, asked in ((100, 200), (10_000, 50)):
        count = round(full_count * min(1, scale * 10))
        listed = vault(f"list-{full_count}", 0)
        fill_backups(listed, count, area)
        yield from listing(listed, count, asked)
    discard(area, within=cache)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server", description=__doc__)
    parser.add_argument("--scale", type=float, default=float(os.environ.get("SCALE") or 1))
    parser.add_argument("--cache", type=Path, default=Path(".cache/benchmarks"))
    options = parser.parse_args()
    cache = options.cache.resolve()
    for what, told, verdict in measure(options.scale, cache):
        print(f"{what}: {told} {verdict}", flush=True)
    delete_discarded(cache)


if __name__ == "__main__":
    main()
