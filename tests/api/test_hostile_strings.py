"""Every string of an archive is hostile: what the server answers, streams and logs is harmless."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.api_server import LiveServer
from tests.vectors.poisoned import ACCEPTED, FORGED, REFUSED, unsafe_in

ARCHIVES = {**ACCEPTED, **REFUSED}
LISTED = "evil_backup_20260101_000000.zip"
# What an archive says of itself and what things are called is data, which programs need as it
# is and the page sets apart (tests/browser); all else is said by us.
QUOTED = {"metadata", "replaced", "added", "kept", "removed", "settings_changed"}


def said(value: Any) -> Iterator[str]:
    """Yield every text of an answer that is for people to read."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in QUOTED:
                yield from said(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from said(inner)


def harmless(response: httpx.Response) -> Any:
    """Return the JSON: whole, no crash of ours, and harmless where it speaks to people."""
    assert response.status_code != 500, response.text
    assert not {byte for byte in response.content if byte < 0x20} - {0x0A}
    answer = json.loads(response.content)
    assert not any(unsafe_in(text, allowed="\n") for text in said(answer)), ascii(answer)
    return answer


def check_log(server: LiveServer) -> None:
    assert unsafe_in(server.log, allowed="\n") == set()
    assert not any(line.startswith(FORGED) for line in server.log.splitlines())


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_import_of_it_says_nothing_that_does_harm(server: LiveServer, name: str) -> None:
    job = server.upload(ARCHIVES[name].bytes())
    for event in server.events(job["id"]):
        assert not any(unsafe_in(text, allowed="\n") for text in said(event)), ascii(event)
        if event["state"] == "awaiting_confirmation":
            harmless(server.client.get(f"/api/jobs/{job['id']}"))
            harmless(server.client.post(f"/api/jobs/{job['id']}/confirm", json={"proceed": True}))
    ended = harmless(server.client.get(f"/api/jobs/{job['id']}"))
    if name in ACCEPTED:
        assert ended["state"] == "succeeded", ended
    harmless(server.client.get("/api/jobs"))
    harmless(server.client.get("/api/vault"))
    server.get("/api/config")  # the text of a file, as it is
    check_log(server)


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_list_with_it_says_nothing_that_does_harm(server: LiveServer, name: str) -> None:
    (server.vault / "backups" / LISTED).write_bytes(ARCHIVES[name].bytes())
    listed = harmless(server.client.get("/api/backup/list"))
    assert LISTED in {backup["filename"] for backup in listed["backups"]}
    harmless(server.client.get("/api/backup/list", params={"files": "true"}))
    harmless(server.client.post(f"/api/backup/{LISTED}/verify"))
    harmless(server.client.delete(f"/api/backup/{LISTED}"))
    check_log(server)
