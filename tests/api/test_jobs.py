"""What a job says of itself, what the list of jobs leaves out, and a plan for the other mode."""

import json
from pathlib import Path
from typing import Any

from tests.api.test_story import a_backup, content_of
from tests.support.api_server import LiveServer

SUMMARY = {
    "id",
    "kind",
    "subject",
    "state",
    "stage",
    "current_bytes",
    "total_bytes",
    "current_file",
    "last_event_id",
}
WHOLE = SUMMARY | {"plan", "result", "error"}


def asking(server: LiveServer, **fields: Any) -> Any:
    """Start an import of a backup that lacks a file of the vault; the job, asking."""
    made = a_backup(server)
    (server.vault / "resumes/made later.txt").write_text("stays or goes")
    job = server.post(
        "/api/backup/import", json={"filename": made["filename"], **fields}, status=202
    )
    return server.until(job["id"], "awaiting_confirmation")


def asks_again(server: LiveServer, job: Any) -> Any:
    """Wait, by its events, for the next plan of a job that asked with another one."""
    for _ in server.events(job["id"], after=job["last_event_id"]):
        now = server.job(job["id"])
        if now["state"] == "awaiting_confirmation" and now["plan"]["revision"] > 1:
            return now
    raise AssertionError(server.job(job["id"]))


def test_the_list_of_jobs_is_light_however_large_their_plans_are(server: LiveServer) -> None:
    for number in range(500):
        (server.vault / f"resumes/{'a long name ' * 10}{number}.txt").write_text("x")
    job = asking(server)
    assert len(json.dumps(job)) > 50_000
    response = server.client.get("/api/jobs")
    assert {key for entry in response.json()["jobs"] for key in entry} == SUMMARY
    assert len(response.content) < 2_000 * len(response.json()["jobs"])
    assert server.job(job["id"]).keys() == WHOLE
    listed = next(one for one in response.json()["jobs"] if one["id"] == job["id"])
    assert listed == {key: job[key] for key in SUMMARY}


def test_a_job_says_which_file_it_is_about(server: LiveServer, tmp_path: Path) -> None:
    made = a_backup(server)
    name = made["filename"]
    assert server.get("/api/jobs")["jobs"][0]["subject"] == name  # from when it is there

    def subject(path: str, **options: Any) -> str:
        job = server.post(path, status=202, **options)
        server.until(job["id"], "succeeded", "awaiting_confirmation")
        about: str = server.job(job["id"])["subject"]
        return about

    assert subject(f"/api/backup/{name}/verify?wait=false") == name
    assert subject("/api/backup/import", json={"filename": name}) == name
    sent = {"file": ("from my laptop.zip", Path(str(made["path"])).read_bytes())}
    assert subject("/api/backup/import", files=sent) == "from my laptop.zip"
    assert subject("/api/backup/cleanup?wait=false") == ""


def test_whoever_looked_at_a_job_listens_from_there_on(server: LiveServer) -> None:
    job = asking(server)
    events = list(server.events(server.get("/api/jobs")["jobs"][1]["id"]))
    assert server.get("/api/jobs")["jobs"][1]["last_event_id"] == events[-1]["event_id"]
    server.post(f"/api/jobs/{job['id']}/confirm", json={"proceed": False}, status=202)
    later = list(server.events(job["id"], after=job["last_event_id"]))
    assert later[0]["event_id"] == job["last_event_id"] + 1
    assert later[-1]["state"] == "cancelled"


def test_a_question_is_put_again_for_the_other_mode_without_sending_anything_again(
    server: LiveServer,
) -> None:
    job = asking(server)
    before = content_of(server.vault)
    address = f"/api/jobs/{job['id']}"
    assert (job["plan"]["mode"], job["plan"]["resumes"]["removed"]) == ("overwrite", [])
    response = server.client.patch(address, json={"mode": "mirror", "plan_revision": 1})
    assert (response.status_code, response.headers["location"]) == (202, address)
    again = asks_again(server, job)
    assert (again["plan"]["mode"], again["plan"]["revision"]) == ("mirror", 2)
    assert again["plan"]["resumes"]["removed"] == ["resumes/made later.txt"]
    assert "Remove 1 file that the backup does not have" in again["plan"]["text"]
    assert again["error"] is None
    assert content_of(server.vault) == before

    # A yes to the plan that was looked at before is none to this one.
    yes = {"proceed": True, "plan_revision": 1}
    refused = server.client.post(f"{address}/confirm", json=yes)
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_changed")
    server.post(f"{address}/confirm", json=yes | {"plan_revision": 2}, status=202)
    assert server.ended(job["id"])["state"] == "succeeded"
    assert not (server.vault / "resumes/made later.txt").exists()
    server.post("/api/undo")
    assert content_of(server.vault) == before


def test_a_mode_is_only_changed_while_the_job_asks(server: LiveServer) -> None:
    job = asking(server, mode="mirror")
    address = f"/api/jobs/{job['id']}"
    assert server.client.patch(address, json={"mode": "sideways"}).status_code == 422
    old = server.client.patch(address, json={"mode": "overwrite", "plan_revision": 7})
    assert (old.status_code, old.json()["code"]) == (409, "plan_changed")
    assert server.client.patch(address, json={"mode": "overwrite"}).status_code == 202
    assert asks_again(server, job)["plan"]["resumes"]["kept"] == ["resumes/made later.txt"]
    server.client.delete(address)
    server.ended(job["id"])
    over = server.client.patch(address, json={"mode": "mirror"})
    assert (over.status_code, over.json()["code"]) == (409, "job_not_awaiting")
    nobody = server.client.patch("/api/jobs/nobody", json={"mode": "mirror"})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "job_not_found")


def test_what_was_uploaded_is_called_by_the_name_that_its_sender_knows(
    server: LiveServer,
) -> None:
    wanted = {"passphrase": "some other words", "name": "sealed"}
    sealed = Path(str(a_backup(server, **wanted)["path"])).read_bytes()
    plain = Path(str(a_backup(server)["path"])).read_bytes()

    def told(name: str, content: bytes) -> Any:
        sent = {"file": (name, content)}
        job = server.post("/api/backup/import", files=sent, status=202)
        done = server.until(job["id"], "awaiting_confirmation", "failed")
        assert "upload.zip" not in json.dumps(done)
        assert done["subject"] == name
        return done

    locked = told("from my laptop.zip.age", sealed)["error"]
    assert locked["message"] == "from my laptop.zip.age is encrypted with a passphrase"
    mistaken = told("my backup.zip.age", plain)["error"]
    assert mistaken["code"] == "not_encrypted"
    assert mistaken["message"].startswith("my backup.zip.age cannot be read as an encrypted backup")
    cut = told("half a download.zip.age", sealed[:-9])["error"]
    assert cut["code"] in {"passphrase_required", "encrypted_file_truncated"}
    letter = told("cover letter.docx", b"PK but no archive of ours")
    assert letter["error"]["code"] == "backup_invalid"

    asks = told("from my laptop.zip", plain)
    server.post(f"/api/jobs/{asks['id']}/confirm", json={"proceed": True}, status=202)
    assert server.ended(asks["id"])["state"] == "succeeded"
    assert server.get("/api/undo")["undo"]["description"] == "import of from my laptop.zip"
