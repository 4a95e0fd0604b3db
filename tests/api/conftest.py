"""One server process for each module; the vault it serves is a fresh one for each test.

The server keeps nothing of a vault in memory but its jobs, and those are ended.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.api_server import LiveServer, live_server


@pytest.fixture(scope="module")
def shared_server(
    pristine_sample_vault: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """A server for a whole module: its tests must not depend on what is in the vault."""
    vault = tmp_path_factory.mktemp("shared") / "vault"
    shutil.copytree(pristine_sample_vault, vault, symlinks=True)
    with live_server(vault) as running:
        yield running


@pytest.fixture
def server(shared_server: LiveServer, pristine_sample_vault: Path) -> Iterator[LiveServer]:
    """A server with a sample vault, this test's own to change."""
    yield shared_server
    for job in shared_server.get("/api/jobs")["jobs"]:
        if job["state"] not in {"succeeded", "failed", "cancelled"}:
            shared_server.client.delete(f"/api/jobs/{job['id']}")
            shared_server.ended(job["id"])
    for entry in shared_server.vault.iterdir():
        if entry.name == "logs":
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    shutil.copytree(pristine_sample_vault, shared_server.vault, symlinks=True, dirs_exist_ok=True)
