"""Secrets planted in the settings: in no answer, job event, log, error or archive of the server."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import archives
from tests.support.api_server import LiveServer, live_server

READABLE = """\
# the old key was sk-planted-comment-0123456789abcdef
ai_providers:
  openai:
    api_key: &key "plantedByKey0123456789"  # Bearer plantedBehindIt0123456789
    again: *key
  other: {<<: {client_secret: 'plantedInMerge0123456789'}, model: gpt-4}
database: postgres://me:plantedInUrl0123456789@db.example.org/app
env: [HOST=h, DB_PASSWORD=plantedInEnv0123456789]
headers:
  - {name: X-Api-Key, value: plantedInHeader0123456789}
tls: |
  -----BEGIN PRIVATE KEY-----
  plantedInPem0123456789ABCDEFGHIJKLMNOPQ
  -----END PRIVATE KEY-----
password: plantedTwice10123456789
password: plantedTwice20123456789
"""
UNREADABLE = "api_key: plantedUnreadable0123456789\n\t- : [\n"
SECRETS = re.findall(r"sk-planted-[\w-]+|planted[A-Z]\w+", READABLE + UNREADABLE)


@pytest.fixture
def server(sample_vault: Path) -> Iterator[LiveServer]:
    """A server that logs all there is, tracebacks too."""
    with live_server(sample_vault, env={"AUTORESUMEFILLER_DEBUG": "1"}) as running:
        yield running


def flow(server: LiveServer, archive: Path) -> Iterator[str]:
    """Do everything that reads the settings; yield what the server says."""
    client = server.client
    for path in ("/api/vault", "/api/config", "/api/backup/list", "/api/undo"):
        yield client.get(path).text
    for name, value in (
        ("backup.max_backups", 7),
        ("backup.max_backups", "plantedAsValue"),
        ("password", [1]),
    ):
        yield client.patch("/api/config", json={"name": name, "value": value}).text
    job = server.post("/api/backup/create", status=202)
    yield from map(json.dumps, server.events(job["id"]))
    made = server.job(job["id"])
    yield json.dumps(made)
    filename = made["result"]["filename"]
    yield client.post(f"/api/backup/{filename}/verify").text
    for content in (server.vault / "backups" / filename, archive, b"no archive"):
        upload = server.upload(content)
        for event in server.events(upload["id"]):
            yield json.dumps(event)
            if event["state"] == "awaiting_confirmation":
                yield server.client.get(f"/api/jobs/{upload['id']}").text
                yield client.post(f"/api/jobs/{upload['id']}/confirm", json={"proceed": True}).text
        yield json.dumps(server.job(upload["id"]))
    yield client.get("/api/jobs").text


@pytest.mark.parametrize("config", [READABLE, UNREADABLE], ids=["readable", "unreadable"])
def test_a_planted_secret_is_in_nothing_that_leaves(
    server: LiveServer, tmp_path: Path, config: str
) -> None:
    assert len(SECRETS) == 11
    live = server.vault / "config.yaml"
    archive = server.post("/api/backup/create?wait=true", status=201)
    clean = server.vault / "backups" / archive["filename"]
    hostile = tmp_path / "hostile.zip"
    archives.with_content(clean, hostile, {"config.yaml": READABLE.encode()})
    live.write_text(config)

    said = list(flow(server, hostile))

    backups = [*server.vault.joinpath("backups").iterdir()]
    inside = [content for path in backups for content in archives.members(path).values()]
    server.stop()
    assert len(said) > 20
    assert "config.yaml" in "".join(said)
    for secret in SECRETS:
        assert not [text for text in said if secret in text], secret
        assert secret not in server.log, secret
        assert not [content for content in inside if secret.encode() in content], secret
    kept = live.read_text()
    assert all(secret in kept for secret in SECRETS if secret in config)
