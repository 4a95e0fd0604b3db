"""The profile over HTTP: whoever changes it says which one, and two do not overwrite each other."""

import json
import threading
from typing import Any

import httpx
import pytest

from tests.support.api_server import PATIENCE_SECONDS, LiveServer

PATH = "/api/user-data"


def loaded(server: LiveServer) -> tuple[dict[str, Any], str]:
    response = server.client.get(PATH)
    assert response.status_code == 200, response.text
    return response.json(), response.headers["etag"]


def put(server: LiveServer, profile: dict[str, Any], if_match: str) -> httpx.Response:
    return server.client.put(PATH, json=profile, headers={"If-Match": if_match})


def named(profile: dict[str, Any], name: str) -> dict[str, Any]:
    return profile | {"personal_info": profile["personal_info"] | {"first_name": name}}


def test_of_two_tabs_the_second_does_not_overwrite_the_first(server: LiveServer) -> None:
    profile, etag = loaded(server)
    first = put(server, named(profile, "First"), etag)
    assert first.status_code == 200
    assert first.headers["etag"] != etag
    assert loaded(server) == (first.json(), first.headers["etag"])

    backups = len(server.get("/api/backup/list")["backups"])
    second = put(server, named(profile, "Second"), etag)
    assert (second.status_code, second.json()["code"]) == (412, "profile_changed")
    assert second.headers["content-type"] == "application/problem+json"
    assert "Load it again" in second.json()["hint"]
    assert second.json()["consequence"] == "Nothing in your vault was changed."
    assert loaded(server)[0]["personal_info"]["first_name"] == "First"
    assert len(server.get("/api/backup/list")["backups"]) == backups  # nor was one made

    assert put(server, named(profile, "Second"), first.headers["etag"]).status_code == 200
    assert loaded(server)[0]["personal_info"]["first_name"] == "Second"


def test_of_many_at_the_same_time_exactly_one_wins(server: LiveServer) -> None:
    profile, etag = loaded(server)
    answers: list[httpx.Response] = []
    ready = threading.Barrier(6)

    def change(number: int) -> None:
        ready.wait(PATIENCE_SECONDS)
        answers.append(put(server, named(profile, f"Number{number}"), etag))

    threads = [threading.Thread(target=change, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5
    (won,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert loaded(server)[0] == won


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        ("*", 200),
        ('"something else"', 412),
        ('"something else", {etag}', 200),
        ("W/{etag}", 412),  # RFC 9110, 13.1.1: the strong comparison
        ("{unquoted}", 412),
        ("", 412),
    ],
)
def test_what_if_match_may_say(server: LiveServer, if_match: str, status: int) -> None:
    profile, etag = loaded(server)
    value = if_match.format(etag=etag, unquoted=etag.strip('"'))
    assert put(server, profile, value).status_code == status


def test_if_match_may_stand_in_several_lines(server: LiveServer) -> None:
    profile, etag = loaded(server)
    lines = [("If-Match", '"something else"'), ("If-Match", etag)]
    assert server.client.put(PATH, json=profile, headers=lines).status_code == 200


def test_half_a_character_in_the_profile_goes_out_and_comes_back(server: LiveServer) -> None:
    file = server.vault / "data/user_profile.json"
    profile = loaded(server)[0] | {"summary": "\ud83d half", "more": {"x": ["\udc00"]}}
    file.write_text(json.dumps(profile))
    found, etag = loaded(server)
    assert found == profile
    changed = json.dumps(named(found, "Second")).encode()  # httpx would write it without escapes
    headers = {"If-Match": etag, "Content-Type": "application/json"}
    assert server.client.put(PATH, content=changed, headers=headers).status_code == 200
    assert loaded(server)[0]["more"] == {"x": ["\udc00"]}


def test_what_json_cannot_say_is_told_not_sent(server: LiveServer) -> None:
    file = server.vault / "data/user_profile.json"
    file.write_text(json.dumps(loaded(server)[0] | {"more": 1e999}))
    refused = server.client.get(PATH)
    assert (refused.status_code, refused.json()["code"]) == (422, "profile_invalid")
    assert "cannot be written as JSON" in refused.json()["detail"]
    assert server.client.put(PATH, json={}, headers={"If-Match": "*"}).status_code == 422


def test_programs_need_not_say_which_one_they_replace(server: LiveServer) -> None:
    profile, _ = loaded(server)
    response = server.client.put(PATH, json=profile)
    assert response.status_code == 200
    assert response.headers["etag"] == loaded(server)[1]


def test_where_there_is_no_profile_or_a_broken_one_nothing_matches(server: LiveServer) -> None:
    profile, etag = loaded(server)
    file = server.vault / "data/user_profile.json"
    file.write_text("{")
    assert put(server, profile, etag).status_code == 412
    file.unlink()
    assert put(server, profile, "*").status_code == 412
    assert not file.exists()
    assert server.client.put(PATH, json=profile).status_code == 200
