"""What a person does with the server, from end to end, over a socket."""

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.api_server import LiveServer


def content_of(vault: Path) -> dict[str, bytes]:
    """Return what an import may change, by path."""
    return {
        str(path.relative_to(vault)): path.read_bytes()
        for folder in ("data", "resumes", "cover_letters")
        for path in sorted((vault / folder).rglob("*"))
        if path.is_file()
    }


def a_backup(server: LiveServer, **body: object) -> dict[str, object]:
    made = server.post("/api/backup/create", params={"wait": "true"}, json=body, status=201)
    assert isinstance(made, dict)
    return made


def fetched(server: LiveServer, filename: object) -> bytes:
    response = server.client.get(f"/api/backup/{filename}")
    assert response.status_code == 200
    return response.content


def test_a_backup_is_made_watched_and_found_in_the_list(server: LiveServer) -> None:
    response = server.client.post("/api/backup/create")
    assert response.status_code == 202
    job = response.json()
    assert response.headers["location"] == f"/api/jobs/{job['id']}"
    assert (job["kind"], job["result"], job["error"]) == ("create", None, None)

    events = list(server.events(job["id"]))
    assert [event["event_id"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["state"] == "succeeded"
    assert events[-1]["current_bytes"] == events[-1]["total_bytes"] > 0
    stages = list(dict.fromkeys(event["stage"] for event in events if event["stage"]))
    assert stages == ["preparing", "reading", "writing", "verifying", "committing", "done"]

    done = server.job(job["id"])
    (listed,) = server.get("/api/backup/list")["backups"]
    assert done["result"] == listed | {
        "warnings": done["result"]["warnings"],
        "duration_ms": done["result"]["duration_ms"],
    }
    assert listed["type"] == "manual"
    assert listed["metadata"]["file_count"] > 0
    assert "files" not in listed["metadata"]
    assert Path(listed["path"]).stat().st_size == listed["size_bytes"]


def test_with_wait_the_answer_is_the_backup(server: LiveServer) -> None:
    response = server.client.post("/api/backup/create?wait=true", json={"name": "before-talk"})
    assert response.status_code == 201
    made = response.json()
    assert made["filename"].startswith("before-talk_backup_")
    assert response.headers["location"] == f"/api/backup/{made['filename']}"
    assert server.client.get(response.headers["location"]).status_code == 200


def test_the_list_names_the_files_when_asked(server: LiveServer) -> None:
    a_backup(server)
    (listed,) = server.get("/api/backup/list", params={"files": "true"})["backups"]
    paths = {file["path"] for file in listed["metadata"]["files"]}
    assert "data/user_profile.json" in paths


def test_a_download_is_the_archive_to_the_byte(server: LiveServer) -> None:
    made = a_backup(server)
    response = server.client.get(f"/api/backup/{made['filename']}")
    on_disk = Path(str(made["path"])).read_bytes()
    assert response.content == on_disk
    assert response.headers["content-type"] == "application/zip"
    assert response.headers["content-length"] == str(len(on_disk))
    assert response.headers["accept-ranges"] == "bytes"
    assert response.headers["content-disposition"].startswith(
        f'attachment; filename="{made["filename"]}"'
    )
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.testzip() is None


def test_a_check_is_remembered_for_the_list_and_the_overview(server: LiveServer) -> None:
    made = a_backup(server)
    assert server.get("/api/backup/list")["backups"][0]["verified"] is None
    result = server.post(f"/api/backup/{made['filename']}/verify")
    assert (result["valid"], result["errors"]) == (True, [])
    (listed,) = server.get("/api/backup/list")["backups"]
    assert listed["verified"]["valid"] is True
    overview = server.get("/api/vault")
    assert overview["last_verified"] == {"filename": made["filename"], **listed["verified"]}
    assert overview["backups"] == 1
    assert datetime.fromisoformat(overview["last_backup"]) <= datetime.now(UTC)


def test_a_broken_backup_is_a_result_with_every_fault_and_no_longer_verified(
    server: LiveServer,
) -> None:
    made = a_backup(server)
    path = Path(str(made["path"]))
    server.post(f"/api/backup/{made['filename']}/verify")
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 3] ^= 0xFF
    path.write_bytes(damaged)
    assert server.get("/api/backup/list")["backups"][0]["verified"] is None
    result = server.post(f"/api/backup/{made['filename']}/verify")
    assert result["valid"] is False
    assert result["errors"]
    assert server.get("/api/backup/list")["backups"][0]["verified"]["valid"] is False


def test_a_check_can_be_a_job_that_is_watched(server: LiveServer) -> None:
    made = a_backup(server)
    job = server.post(f"/api/backup/{made['filename']}/verify?wait=false", status=202)
    done = server.ended(job["id"])
    assert (done["kind"], done["state"], done["result"]["valid"]) == ("verify", "succeeded", True)


def test_an_import_shows_its_plan_waits_for_a_yes_and_can_be_undone(server: LiveServer) -> None:
    archive = fetched(server, a_backup(server)["filename"])
    original = content_of(server.vault)
    resume = next(server.vault.joinpath("resumes").glob("*.pdf"))
    resume.write_bytes(b"changed")
    server.vault.joinpath("resumes/new.txt").write_text("only here")
    changed = content_of(server.vault)

    job = server.upload(archive)
    waiting = server.until(job["id"], "awaiting_confirmation")
    plan = waiting["plan"]
    assert plan["text"].startswith("Existing data found. Import will:\n- Replace user_profile.json")
    assert plan["text"].endswith("Continue with import? [y/N]")
    assert (plan["archive"], plan["revision"], plan["mode"]) == ("backup.zip", 1, "overwrite")
    assert f"resumes/{resume.name}" in plan["resumes"]["replaced"]
    assert plan["resumes"]["kept"] == ["resumes/new.txt"]
    assert content_of(server.vault) == changed  # nothing yet
    # It holds nothing: others go on.
    a_backup(server)

    server.post(
        f"/api/jobs/{job['id']}/confirm",
        json={"proceed": True, "backup_existing": True},
        status=202,
    )
    done = server.ended(job["id"])
    assert done["state"] == "succeeded", done["error"]
    assert done["result"]["success"] is True
    safety = done["result"]["backup_created"]
    assert safety.startswith("backups/pre_import_backup_")
    assert server.vault.joinpath(safety).is_file()
    assert content_of(server.vault) == original | {"resumes/new.txt": b"only here"}

    preview = server.get("/api/undo")["undo"]
    assert f"resumes/{resume.name}" in preview["restored"]
    undone = server.post("/api/undo")
    assert undone["undone"] is True
    assert content_of(server.vault) == changed


def test_an_import_that_is_declined_touches_nothing(server: LiveServer) -> None:
    archive = fetched(server, a_backup(server)["filename"])
    next(server.vault.joinpath("resumes").glob("*.pdf")).write_bytes(b"changed")
    before = content_of(server.vault)
    job = server.upload(archive)
    server.until(job["id"], "awaiting_confirmation")
    server.post(f"/api/jobs/{job['id']}/confirm", json={"proceed": False}, status=202)
    done = server.ended(job["id"])
    assert (done["state"], done["error"]) == ("cancelled", None)
    assert done["result"]["success"] is False
    assert done["result"]["cancelled"] is True
    assert content_of(server.vault) == before
    assert list(server.vault.joinpath(".state/staging").iterdir()) == []


def test_a_vault_that_changed_after_the_plan_is_asked_about_anew(server: LiveServer) -> None:
    archive = fetched(server, a_backup(server)["filename"])
    job = server.upload(archive)
    server.until(job["id"], "awaiting_confirmation")
    server.vault.joinpath("resumes/late.txt").write_text("written after the question")

    confirm = f"/api/jobs/{job['id']}/confirm"
    server.post(confirm, json={"proceed": True, "plan_revision": 1}, status=202)
    anew = next(
        server.job(job["id"])
        for event in server.events(job["id"], after=5)
        if event["state"] == "awaiting_confirmation" and server.job(job["id"])["error"]
    )
    assert anew["error"]["code"] == "plan_changed"
    assert anew["plan"]["revision"] == 2
    assert "resumes/late.txt" in anew["plan"]["resumes"]["kept"]
    stale = server.client.post(confirm, json={"proceed": True, "plan_revision": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "plan_changed")
    server.post(confirm, json={"proceed": True, "plan_revision": 2}, status=202)
    assert server.ended(job["id"])["state"] == "succeeded"
    assert server.vault.joinpath("resumes/late.txt").exists()


def test_an_import_without_a_question_runs_through(server: LiveServer) -> None:
    archive = fetched(server, a_backup(server)["filename"])
    original = content_of(server.vault)
    next(server.vault.joinpath("resumes").glob("*.pdf")).write_bytes(b"changed")
    job = server.upload(archive, confirm="false", backup_existing="false")
    done = server.ended(job["id"])
    assert (done["state"], done["plan"]) == ("succeeded", None)
    assert done["result"]["backup_created"] is None
    assert content_of(server.vault) == original


def test_a_listed_backup_is_imported_by_its_name(server: LiveServer) -> None:
    made = a_backup(server)
    original = content_of(server.vault)
    for path in server.vault.joinpath("cover_letters").rglob("*"):
        if path.is_file():
            path.unlink()
    job = server.post(
        "/api/backup/import", json={"filename": made["filename"], "confirm": False}, status=202
    )
    assert server.ended(job["id"])["state"] == "succeeded"
    assert content_of(server.vault) == original


def test_a_mirror_import_says_what_it_removes_and_removes_it(server: LiveServer) -> None:
    made = a_backup(server)
    original = content_of(server.vault)
    server.vault.joinpath("resumes/extra.txt").write_text("not in the backup")
    job = server.post(
        "/api/backup/import", json={"filename": made["filename"], "mode": "mirror"}, status=202
    )
    waiting = server.until(job["id"], "awaiting_confirmation")
    assert waiting["plan"]["resumes"]["removed"] == ["resumes/extra.txt"]
    server.post(f"/api/jobs/{job['id']}/confirm", json={"proceed": True}, status=202)
    assert server.ended(job["id"])["state"] == "succeeded"
    assert content_of(server.vault) == original


def test_an_archive_that_is_none_fails_with_every_fault_and_changes_nothing(
    server: LiveServer,
) -> None:
    before = content_of(server.vault)
    job = server.upload(b"this is no archive")
    failed = server.ended(job["id"])
    assert failed["state"] == "failed"
    assert failed["error"]["code"] == "backup_invalid"
    assert failed["error"]["errors"][0].startswith("Backup is corrupted (ZIP error)")
    assert content_of(server.vault) == before
    assert list(server.vault.joinpath(".state/staging").iterdir()) == []


def test_a_clean_up_says_first_what_would_go_and_why(server: LiveServer) -> None:
    for _ in range(4):
        a_backup(server)
    rules = {"max_backups": 2, "keep_manual": False}
    preview = server.post("/api/backup/cleanup", json=rules | {"dry_run": True})
    assert (preview["deleted"], preview["dry_run"]) == (2, True)
    assert [verdict["keep"] for verdict in preview["backups"]] == [True, True, False, False]
    assert all(verdict["reason"] for verdict in preview["backups"])
    assert len(server.get("/api/backup/list")["backups"]) == 4
    done = server.post("/api/backup/cleanup", json=rules)
    assert (done["deleted"], done["dry_run"]) == (2, False)
    left = [backup["filename"] for backup in server.get("/api/backup/list")["backups"]]
    assert left == [verdict["filename"] for verdict in preview["backups"][:2]]
    assert server.post("/api/backup/cleanup")["deleted"] == 0  # manual ones stay


def test_a_deleted_backup_is_gone(server: LiveServer) -> None:
    made = a_backup(server)
    response = server.client.delete(f"/api/backup/{made['filename']}")
    assert (response.status_code, response.json()) == (
        200,
        {"deleted": True, "filename": made["filename"]},
    )
    again = server.client.delete(f"/api/backup/{made['filename']}")
    assert (again.status_code, again.json()["code"]) == (404, "backup_not_found")
    assert server.get("/api/backup/list") == {"backups": []}


def test_the_profile_is_read_saved_and_backed_up_first(server: LiveServer) -> None:
    profile = server.get("/api/user-data")
    profile["personal_info"]["first_name"] = "Renée"
    profile["a_field_of_tomorrow"] = {"kept": True}
    response = server.client.put("/api/user-data", json=profile)
    assert response.status_code == 200, response.text
    saved = server.get("/api/user-data")
    assert saved == response.json()
    assert saved["personal_info"]["first_name"] == "Renée"
    assert saved["a_field_of_tomorrow"] == {"kept": True}
    assert saved["last_updated"] > profile["last_updated"]
    (auto,) = server.get("/api/backup/list")["backups"]
    assert (auto["type"], auto["metadata"]["scope"]) == ("auto", "data")


def test_a_profile_that_does_not_fit_is_refused_field_by_field(server: LiveServer) -> None:
    before = server.get("/api/user-data")
    wrong = json.loads(json.dumps(before))
    wrong["personal_info"]["email"] = "no address"
    del wrong["personal_info"]["last_name"]
    response = server.client.put("/api/user-data", json=wrong)
    assert (response.status_code, response.json()["code"]) == (422, "profile_invalid")
    faults = " ".join(response.json()["errors"])
    assert "personal_info.email" in faults
    assert "personal_info.last_name" in faults
    assert server.get("/api/user-data") == before


def test_settings_are_shown_without_secrets_and_changed_one_at_a_time(server: LiveServer) -> None:
    config = server.vault / "config.yaml"
    config.write_text(config.read_text() + '\nextra:\n  password: "hunter2-hunter2"  # a comment\n')
    shown = server.get("/api/config")["text"]
    assert "hunter2" not in shown
    assert "# a comment" in shown
    response = server.client.patch("/api/config", json={"name": "backup.max_backups", "value": 7})
    assert response.status_code == 200, response.text
    assert "hunter2" not in response.text
    assert "max_backups: 7" in config.read_text()
    assert 'password: "hunter2-hunter2"  # a comment' in config.read_text()
    whole = server.client.patch("/api/config", json={"name": "backup.max_backups", "value": 8.0})
    assert whole.status_code == 200, whole.text
    assert "max_backups: 8\n" in config.read_text()
    refused = server.client.patch("/api/config", json={"name": "no.such.thing", "value": [1]})
    assert refused.status_code == 422
    deep = server.client.patch("/api/config", json={"name": ".".join("q" * 250), "value": 1})
    assert (deep.status_code, deep.json()["code"]) == (422, "config_invalid")


def test_cancelling_stops_a_backup_and_leaves_nothing(server: LiveServer) -> None:
    big = server.vault / "resumes" / "big.bin"
    big.write_bytes(hashlib.sha256(b"x").digest() * (8 * 1024 * 1024))
    job = server.post("/api/backup/create", status=202)
    for event in server.events(job["id"]):
        if event["stage"] == "reading":
            break
    response = server.client.delete(f"/api/jobs/{job['id']}")
    done = server.ended(job["id"])
    if response.status_code == 202:
        assert (done["state"], done["result"]) == ("cancelled", None)
        assert server.get("/api/backup/list")["backups"] == []
    else:  # a fast machine: then it says so, and it is there
        assert response.json()["code"] == "job_too_late"
        assert done["state"] == "succeeded"
    assert [p for p in server.vault.joinpath("backups").iterdir() if p.name.startswith(".")] == []


def test_cancelling_a_question_ends_it_and_clears_its_staging(server: LiveServer) -> None:
    archive = fetched(server, a_backup(server)["filename"])
    job = server.upload(archive)
    server.until(job["id"], "awaiting_confirmation")
    assert list(server.vault.joinpath(".state/staging").iterdir()) != []
    assert server.client.delete(f"/api/jobs/{job['id']}").status_code == 202
    assert server.ended(job["id"])["state"] == "cancelled"
    assert list(server.vault.joinpath(".state/staging").iterdir()) == []
    late = server.client.delete(f"/api/jobs/{job['id']}")
    assert (late.status_code, late.json()["code"]) == (409, "job_too_late")
    answer = server.client.post(f"/api/jobs/{job['id']}/confirm", json={"proceed": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "job_not_awaiting")


def test_events_resume_where_a_client_left_off_and_then_say_that_it_is_over(
    server: LiveServer,
) -> None:
    job = server.post("/api/backup/create", status=202)
    events = list(server.events(job["id"]))
    assert list(server.events(job["id"], after=3)) == events[3:]
    assert list(server.events(job["id"], after=10**9)) == events  # no id of ours
    over = server.client.get(
        f"/api/jobs/{job['id']}/events", headers={"Last-Event-ID": str(events[-1]["event_id"])}
    )
    assert (over.status_code, over.content) == (204, b"")


@pytest.mark.parametrize("nonsense", ["-1", "1e9", "٣", "x" * 1000, ""])
def test_an_event_id_that_is_none_of_ours_starts_from_the_beginning(
    shared_server: LiveServer, nonsense: str
) -> None:
    job = shared_server.post("/api/backup/create", status=202)
    shared_server.ended(job["id"])
    response = shared_server.client.get(
        f"/api/jobs/{job['id']}/events", headers={"Last-Event-ID": nonsense.encode()}
    )
    assert response.status_code == 200
    assert response.text.count("id: 1\n") == 1


def test_two_clients_see_the_same_job(server: LiveServer) -> None:
    job = server.post("/api/backup/create", status=202)
    assert list(server.events(job["id"])) == list(server.events(job["id"]))
    assert server.get("/api/jobs")["jobs"][0]["id"] == job["id"]
