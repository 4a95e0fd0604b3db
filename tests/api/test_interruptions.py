"""Cancelled, stopped or killed at a stage: what is left, and what is said of it."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.test_story import a_backup, content_of
from tests.api.test_uploads import wait_for
from tests.support.api_server import PATIENCE_SECONDS, LiveServer, live_server
from tests.support.holds import HOLDING, Holds


@pytest.fixture(scope="module")
def holds(tmp_path_factory: pytest.TempPathFactory) -> Holds:
    return Holds(tmp_path_factory.mktemp("holds"))


@pytest.fixture(scope="module")
def shared_server(
    pristine_sample_vault: Path, tmp_path_factory: pytest.TempPathFactory, holds: Holds
) -> Iterator[LiveServer]:
    import shutil

    vault = tmp_path_factory.mktemp("held") / "vault"
    shutil.copytree(pristine_sample_vault, vault, symlinks=True)
    with live_server(vault, before=HOLDING, env={"HOLD": str(holds.folder)}) as running:
        yield running


def reached(server: LiveServer, job_id: str, stage: str) -> None:
    for event in server.events(job_id):
        if event["stage"] == stage and event["state"] == "running":
            return
    raise AssertionError(server.job(job_id))


def an_import(server: LiveServer) -> Any:
    """Start an import that changes something and needs no answer."""
    made = a_backup(server)
    next(server.vault.joinpath("resumes").glob("*.pdf")).write_bytes(b"changed since")
    return {"filename": made["filename"], "confirm": False}


@pytest.mark.parametrize("stage", ["preparing", "reading", "writing", "verifying"])
def test_a_backup_is_cancelled_at_every_stage_and_leaves_nothing(
    server: LiveServer, holds: Holds, stage: str
) -> None:
    holds.at(stage)
    job = server.post("/api/backup/create", status=202)
    reached(server, job["id"], stage)
    assert server.client.delete(f"/api/jobs/{job['id']}").status_code == 202
    holds.let_go()
    done = server.ended(job["id"])
    assert (done["state"], done["result"], done["error"]) == ("cancelled", None, None)
    assert list(server.vault.joinpath("backups").iterdir()) == []


def test_a_backup_at_its_commit_point_is_finished_and_says_so(
    server: LiveServer, holds: Holds
) -> None:
    holds.at("committing")
    job = server.post("/api/backup/create", status=202)
    reached(server, job["id"], "committing")
    refused = server.client.delete(f"/api/jobs/{job['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "job_too_late")
    holds.let_go()
    assert server.ended(job["id"])["state"] == "succeeded"
    assert len(server.get("/api/backup/list")["backups"]) == 1


@pytest.mark.parametrize("stage", ["validating", "backing_up", "restoring", "verifying"])
def test_an_import_is_cancelled_at_every_stage_and_changes_nothing(
    server: LiveServer, holds: Holds, stage: str
) -> None:
    request = an_import(server)
    before = content_of(server.vault)
    holds.at(stage)
    job = server.post("/api/backup/import", json=request, status=202)
    reached(server, job["id"], stage)
    assert server.client.delete(f"/api/jobs/{job['id']}").status_code == 202
    holds.let_go()
    assert server.ended(job["id"])["state"] == "cancelled"
    assert content_of(server.vault) == before
    assert list(server.vault.joinpath(".state/staging").iterdir()) == []
    assert server.get("/api/undo")["undo"] is None


def test_an_import_at_its_commit_point_is_finished_and_says_so(
    server: LiveServer, holds: Holds
) -> None:
    original = content_of(server.vault)
    request = an_import(server)
    holds.at("committing")
    job = server.post("/api/backup/import", json=request, status=202)
    reached(server, job["id"], "committing")
    refused = server.client.delete(f"/api/jobs/{job['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "job_too_late")
    assert "undo" in refused.json()["hint"]
    holds.let_go()
    assert server.ended(job["id"])["state"] == "succeeded"
    assert content_of(server.vault) == original


def test_a_check_that_is_cancelled_has_no_result_even_if_it_ends_at_once(
    server: LiveServer, holds: Holds
) -> None:
    server.vault.joinpath("backups/no archive.zip").write_bytes(b"fails before any progress")
    holds.at("validating")
    job = server.post("/api/backup/no archive.zip/verify?wait=false", status=202)
    reached(server, job["id"], "validating")
    assert server.client.delete(f"/api/jobs/{job['id']}").status_code == 202
    holds.let_go()
    done = server.ended(job["id"])
    assert (done["state"], done["result"], done["error"]) == ("cancelled", None, None)


def test_a_job_goes_on_when_whoever_asked_for_it_is_gone(server: LiveServer, holds: Holds) -> None:
    holds.at("reading")
    with server.client.stream("POST", "/api/backup/create", params={"wait": "false"}) as response:
        job = response.read()
    assert job
    (running,) = [job for job in server.get("/api/jobs")["jobs"] if job["state"] == "running"]
    with server.client.stream("GET", f"/api/jobs/{running['id']}/events") as events:
        next(events.iter_lines())  # and leave in the middle of the stream
    holds.let_go()
    assert server.ended(running["id"])["state"] == "succeeded"


def test_a_second_change_is_told_to_wait(server: LiveServer, holds: Holds) -> None:
    made = a_backup(server)
    holds.at("reading")
    job = server.post("/api/backup/create", status=202)
    reached(server, job["id"], "reading")
    for path, options in (
        ("/api/backup/create", {}),
        ("/api/undo", {}),
        ("/api/backup/cleanup", {}),
        ("/api/backup/import", {"json": {"filename": made["filename"]}}),
    ):
        response = server.client.post(path, **options)
        assert (response.status_code, response.json()["code"]) == (409, "job_conflict"), path
    # Whoever only looks need not wait.
    assert server.post(f"/api/backup/{made['filename']}/verify")["valid"] is True
    assert server.post("/api/backup/cleanup", json={"dry_run": True})["deleted"] == 0
    assert server.get("/api/vault")["backups"] == 1
    holds.let_go()
    assert server.ended(job["id"])["state"] == "succeeded"


@pytest.mark.parametrize(
    ("stage", "kept"),
    [
        pytest.param("validating", "old", marks=pytest.mark.slow),
        ("restoring", "old"),
        pytest.param("verifying", "old", marks=pytest.mark.slow),
        ("committing", "old"),
        ("done", "new"),
    ],
)
def test_killed_in_an_import_the_vault_is_wholly_old_or_wholly_new_and_says_which(
    sample_vault: Path, tmp_path: Path, stage: str, kept: str
) -> None:
    holds = Holds(tmp_path / "holds")
    holds.folder.mkdir()
    original = content_of(sample_vault)
    with live_server(sample_vault, before=HOLDING, env={"HOLD": str(holds.folder)}) as server:
        request = an_import(server)
        changed = content_of(sample_vault)
        holds.at(stage)
        job = server.post("/api/backup/import", json=request, status=202)
        reached(server, job["id"], stage)
        server.process.kill()
        server.process.wait()
    with live_server(sample_vault) as server:
        assert content_of(sample_vault) == (original if kept == "new" else changed)
        overview = server.get("/api/vault")
        swapped = stage in {"verifying", "committing"}
        assert overview["recovered"] == ("undone" if swapped else None)
        assert overview["undo_available"] is (kept == "new")
        gone = server.client.get(f"/api/jobs/{job['id']}")
        assert (gone.status_code, gone.json()["code"]) == (404, "job_not_found")
        assert "restart" in gone.json()["hint"]
        again = server.post("/api/backup/import", json=request, status=202)
        assert server.ended(again["id"])["state"] == "succeeded"
        assert content_of(sample_vault) == original


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_stopping_cancels_tells_the_watchers_and_leaves_nothing(
    sample_vault: Path, number: int
) -> None:
    with live_server(sample_vault) as server:
        made = a_backup(server)
        job = server.post("/api/backup/import", json={"filename": made["filename"]}, status=202)
        server.until(job["id"], "awaiting_confirmation")
        seen: list[dict[str, Any]] = []

        def watch() -> None:
            for event in server.events(job["id"]):
                seen.append(event)  # noqa: PERF402 - one by one, as they come

        watching = threading.Thread(target=watch)
        watching.start()
        wait_for(lambda: bool(seen))
        os.kill(server.process.pid, number)
        watching.join(PATIENCE_SECONDS)
        assert server.process.wait(PATIENCE_SECONDS) == 0
        assert seen[-1]["state"] == "cancelled"
    assert list(sample_vault.joinpath(".state/staging").iterdir()) == []
    assert "Traceback" not in server.log


def test_a_silent_stream_shows_that_it_is_alive(sample_vault: Path) -> None:
    soon = "import fastapi.routing\nfastapi.routing._PING_INTERVAL = 0.05"
    with live_server(sample_vault, before=soon) as server:
        made = a_backup(server)
        job = server.post("/api/backup/import", json={"filename": made["filename"]}, status=202)
        server.until(job["id"], "awaiting_confirmation")
        with server.client.stream("GET", f"/api/jobs/{job['id']}/events") as response:
            comments = (line for line in response.iter_lines() if line.startswith(":"))
            assert [next(comments), next(comments)] == [": ping", ": ping"]


def test_many_may_watch_and_ask_while_a_job_runs(server: LiveServer, holds: Holds) -> None:
    holds.at("reading")
    job = server.post("/api/backup/create", status=202)
    reached(server, job["id"], "reading")
    streams: list[list[dict[str, Any]]] = []
    asked: list[int] = []
    watchers = [
        threading.Thread(target=lambda: streams.append(list(server.events(job["id"]))))
        for _ in range(20)
    ]
    askers = [
        threading.Thread(target=lambda: asked.append(server.job(job["id"])["current_bytes"]))
        for _ in range(50)
    ]
    for thread in [*watchers, *askers]:
        thread.start()
    for thread in askers:
        thread.join(PATIENCE_SECONDS)
    assert len(asked) == 50
    holds.let_go()
    for thread in watchers:
        thread.join(PATIENCE_SECONDS)
    assert len(streams) == 20
    assert all(stream == streams[0] for stream in streams)
    assert streams[0][-1]["state"] == "succeeded"
