"""Every route against every attack: routes come from the app, so a new one is attacked too."""

import json
import re
import socket
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from autoresumefiller.api.security import OPEN, SAFE_METHODS
from tests.support.api_server import PATIENCE_SECONDS, TOKEN, LiveServer, live_server
from tests.support.routes import all_routes, concrete

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    return all_routes(tmp_path_factory.mktemp("routes") / "vault")


@pytest.fixture
def stranger(shared_server: LiveServer) -> Iterator[httpx.Client]:
    """A client without token or cookie."""
    with httpx.Client(
        base_url=shared_server.address, trust_env=False, timeout=PATIENCE_SECONDS
    ) as client:
        yield client


def assert_refused(response: httpx.Response, status: int, code: str) -> None:
    where = f"{response.request.method} {response.request.url} {response.request.headers}"
    assert response.status_code == status, f"{where}: {response.text}"
    assert response.headers["content-type"] == "application/problem+json", where
    assert_safe_headers(response)
    if response.request.method == "HEAD":
        return
    problem = response.json()
    assert (problem["status"], problem["code"]) == (status, code), where
    assert problem["type"] == f"urn:autoresumefiller:problem:{code}"
    assert problem["hint"], where
    assert "Traceback" not in response.text


def assert_safe_headers(response: httpx.Response) -> None:
    assert {name: response.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "server" not in response.headers
    assert "access-control-allow-origin" not in response.headers


def body_for(path: str) -> dict[str, Any]:
    """A body that the route would take, so that nothing but the attack stops it."""
    if path == "/api/backup/import":
        return {"files": {"file": b"no archive"}}
    return {"json": {"proceed": True}}


def send(client: httpx.Client, method: str, path: str, headers: Any = None) -> httpx.Response:
    options = {} if method in SAFE_METHODS or method == "DELETE" else body_for(path)
    return client.request(method, concrete(path), headers=headers, **options)


WRONG_CREDENTIALS: dict[str, dict[str, str]] = {
    "none": {},
    "a wrong token": {"Authorization": "Bearer wrong-token-of-the-tests-000000"},
    "a prefix of the token": {"Authorization": f"Bearer {TOKEN[:-1]}"},
    "the token and more": {"Authorization": f"Bearer {TOKEN}x"},
    "an empty token": {"Authorization": "Bearer"},
    "the token as a password": {"Authorization": f"Basic {TOKEN}"},
    "the token as a cookie": {"Cookie": f"arf_session_1={TOKEN}"},
    "a forged cookie": {"Cookie": "arf_session=1.99999999999.abc." + "0" * 64},
}


@pytest.mark.parametrize("credentials", WRONG_CREDENTIALS.values(), ids=WRONG_CREDENTIALS)
def test_no_route_but_the_way_in_answers_without_the_token(
    shared_server: LiveServer,
    stranger: httpx.Client,
    routes: list[tuple[str, str]],
    credentials: dict[str, str],
) -> None:
    port = shared_server.host.rpartition(":")[2]
    forged = {k: v.replace("arf_session=", f"arf_session_{port}=") for k, v in credentials.items()}
    for method, path in routes:
        if (method, path) not in OPEN:
            origin = {} if method in SAFE_METHODS else {"Origin": shared_server.address}
            assert_refused(send(stranger, method, path, forged | origin), 401, "token_required")
    in_address = stranger.get("/api/vault", params={"token": TOKEN, "access_token": TOKEN})
    assert_refused(in_address, 401, "token_required")


def test_what_is_open_is_known_and_says_nothing_of_the_vault(
    shared_server: LiveServer, stranger: httpx.Client, routes: list[tuple[str, str]]
) -> None:
    assert set(routes) >= OPEN
    assert {path for _, path in OPEN} == {
        "/healthz",
        "/login",
        "/login.js",
        "/login.css",
        "/api/session",
    }
    assert stranger.get("/healthz").json() == {"status": "ok"}
    for path in ("/healthz", "/login", "/login.js", "/login.css"):
        response = stranger.get(path)
        assert response.status_code == 200
        assert_safe_headers(response)
        assert str(shared_server.vault) not in response.text


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "localhost",
        "127.0.0.1:1",
        "localhost.:{port}",
        "LOCALHOST:{port}",
        "127.0.0.1.evil.example:{port}",
        "127.1:{port}",
        "0.0.0.0:{port}",
        "me@127.0.0.1:{port}",
        "127.0.0.1:{port}0",
    ],
)
def test_no_route_answers_to_another_name(
    shared_server: LiveServer, routes: list[tuple[str, str]], host: str
) -> None:
    name = host.format(port=shared_server.host.rpartition(":")[2])
    for method, path in routes:
        response = send(shared_server.client, method, path, {"Host": name})
        assert_refused(response, 421, "host_refused")


def test_its_own_names_are_answered(shared_server: LiveServer) -> None:
    port = shared_server.host.rpartition(":")[2]
    for name in ("127.0.0.1", "localhost", "[::1]"):
        response = shared_server.client.get("/healthz", headers={"Host": f"{name}:{port}"})
        assert response.status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://evil.example",
        "https://{host}",
        "http://127.0.0.1",
        "http://localhost",
        "http://{host}/",
        "http://{host}.evil.example",
        "HTTP://{host}",
        "{host}",
        "file://",
        "chrome-extension://abcdefgh",
        "",
    ],
)
def test_no_change_comes_from_another_origin_even_with_the_token(
    shared_server: LiveServer, routes: list[tuple[str, str]], origin: str
) -> None:
    value = origin.format(host=shared_server.host)
    for method, path in routes:
        if method not in SAFE_METHODS:
            response = send(shared_server.client, method, path, {"Origin": value})
            assert_refused(response, 403, "origin_refused")


def test_two_origins_are_none(shared_server: LiveServer, routes: list[tuple[str, str]]) -> None:
    for method, path in routes:
        if method not in SAFE_METHODS:
            twice = [
                ("Origin", shared_server.address),
                ("Origin", "http://evil.example"),
                ("Authorization", f"Bearer {TOKEN}"),
            ]
            response = send(shared_server.client, method, path, twice)
            assert_refused(response, 403, "origin_refused")


@pytest.fixture(scope="module")
def page(shared_server: LiveServer) -> Iterator[httpx.Client]:
    """A browser that has come in by a link: cookie, no token."""
    link = shared_server.post("/api/session/link", status=201)["link"]
    with httpx.Client(
        base_url=shared_server.address, trust_env=False, timeout=PATIENCE_SECONDS
    ) as client:
        response = client.post(
            "/api/session",
            json={"code": link.partition("#")[2]},
            headers={"Origin": shared_server.address},
        )
        assert response.status_code == 204
        yield client


def test_a_cookie_alone_changes_nothing_without_our_origin(
    page: httpx.Client, routes: list[tuple[str, str]]
) -> None:
    assert page.get("/api/vault").status_code == 200
    for method, path in routes:
        if method not in SAFE_METHODS:
            assert_refused(send(page, method, path), 403, "origin_refused")


def test_the_page_can_do_what_a_program_can(page: httpx.Client, shared_server: LiveServer) -> None:
    response = page.post("/api/backup/create?wait=true", headers={"Origin": shared_server.address})
    assert response.status_code == 201
    assert page.get("/docs").status_code == 200


def test_a_link_works_once_and_its_cookie_is_out_of_reach_of_scripts(
    shared_server: LiveServer, stranger: httpx.Client
) -> None:
    link = shared_server.post("/api/session/link", status=201)
    assert link["expires_in_seconds"] == 600
    address, _, code = link["link"].partition("#")
    assert address == f"{shared_server.address}/login"
    origin = {"Origin": shared_server.address}
    entered = stranger.post("/api/session", json={"code": code}, headers=origin)
    assert entered.status_code == 204
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith(f"arf_session_{shared_server.host.rpartition(':')[2]}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
    assert TOKEN not in cookie
    again = httpx.post(f"{shared_server.address}/api/session", json={"code": code}, headers=origin)
    assert_refused(again, 401, "token_required")
    assert stranger.get("/api/vault").status_code == 200
    assert stranger.delete("/api/session", headers=origin).status_code == 204
    assert stranger.get("/api/vault").status_code == 401


@pytest.mark.parametrize("code", ["x", "0" * 43, "é" * 20])
def test_a_made_up_code_lets_nobody_in(
    shared_server: LiveServer, stranger: httpx.Client, code: str
) -> None:
    headers = {"Origin": shared_server.address}
    response = stranger.post("/api/session", json={"code": code}, headers=headers)
    assert_refused(response, 401, "token_required")
    assert "set-cookie" not in response.headers


def test_a_link_from_elsewhere_lets_nobody_in(
    shared_server: LiveServer, stranger: httpx.Client
) -> None:
    code = shared_server.post("/api/session/link", status=201)["link"].partition("#")[2]
    for headers in ({}, {"Origin": "http://evil.example"}):
        response = stranger.post("/api/session", json={"code": code}, headers=headers)
        assert_refused(response, 403, "origin_refused")
    # The attempts from elsewhere did not use it up.
    response = stranger.post(
        "/api/session", json={"code": code}, headers={"Origin": shared_server.address}
    )
    assert response.status_code == 204


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_person_without_a_cookie_gets_the_way_in_and_no_fact_of_the_vault(
    shared_server: LiveServer, stranger: httpx.Client, path: str
) -> None:
    page = stranger.get(path, headers={"Accept": BROWSER})
    assert page.status_code == 401
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["www-authenticate"].startswith("Bearer")
    assert_safe_headers(page)
    # The same to the byte for every vault: it comes from the package.
    assert page.content == files("autoresumefiller.api").joinpath("assets/login.html").read_bytes()
    assert "arf serve --open" in page.text
    assert not re.search(r"<script(?![^>]*src=)|<style|style=|https?:", page.text)
    assert shared_server.client.get(path, headers={"Accept": BROWSER}).status_code == 200


@pytest.mark.parametrize("accept", ["*/*", "application/json", "", "text/htmlx", "image/png, */*"])
def test_a_program_without_a_token_gets_a_problem(stranger: httpx.Client, accept: str) -> None:
    assert_refused(stranger.get("/", headers={"Accept": accept}), 401, "token_required")


@pytest.mark.parametrize("path", ["/api/vault", "/openapi.json", "/page/main.js", "/nothing"])
def test_everything_else_is_a_problem_for_browsers_too(stranger: httpx.Client, path: str) -> None:
    assert_refused(stranger.get(path, headers={"Accept": BROWSER}), 401, "token_required")
    assert_refused(stranger.post("/", headers={"Accept": BROWSER}), 401, "token_required")


def test_the_token_lets_a_browser_in_from_the_servers_own_page_alone(
    shared_server: LiveServer, stranger: httpx.Client
) -> None:
    own = {"Origin": shared_server.address}
    wrong = stranger.post("/api/session", json={"token": f"{TOKEN}x"}, headers=own)
    assert_refused(wrong, 401, "token_required")
    foreign = stranger.post(
        "/api/session", json={"token": TOKEN}, headers={"Origin": "https://evil.example"}
    )
    assert_refused(foreign, 403, "origin_refused")
    nowhere = stranger.post("/api/session", json={"token": TOKEN})
    assert_refused(nowhere, 403, "origin_refused")
    for both in ({}, {"token": TOKEN, "code": "x"}, {"token": ""}):
        assert stranger.post("/api/session", json=both, headers=own).status_code == 422
    entered = stranger.post("/api/session", json={"token": TOKEN}, headers=own)
    assert entered.status_code == 204
    (cookie,) = entered.headers.get_list("set-cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert stranger.get("/api/vault").status_code == 200


JSON_ROUTES = [
    ("POST", "/api/backup/create"),
    ("POST", "/api/backup/cleanup"),
    ("POST", "/api/backup/import"),
    ("POST", "/api/backup/{filename}/verify"),
    ("POST", "/api/jobs/{job_id}/confirm"),
    ("PATCH", "/api/jobs/{job_id}"),
    ("PUT", "/api/user-data"),
    ("PATCH", "/api/config"),
    ("POST", "/api/session"),
]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", None]
)
def test_a_body_of_another_type_is_refused(
    shared_server: LiveServer, content_type: str | None
) -> None:
    for method, path in JSON_ROUTES:
        headers = {} if content_type is None else {"Content-Type": content_type}
        response = shared_server.client.request(
            method, concrete(path), content=b'{"proceed": true}', headers=headers
        )
        assert_refused(response, 415, "unsupported_media_type")


def test_every_route_that_takes_a_body_is_in_the_list_above(
    shared_server: LiveServer,
) -> None:
    described = shared_server.get("/openapi.json")["paths"]
    with_body = {
        (method.upper(), path)
        for path, operations in described.items()
        for method, operation in operations.items()
        if "requestBody" in operation
    }
    assert with_body == set(JSON_ROUTES)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"nul", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"9" * 5000, 400),
        (b'{"a": "\\ud800"}', 422),
        (b'\xef\xbb\xbf{"a": 1}', 422),
        (b"[]", 422),
    ],
)
def test_a_body_that_is_no_json_is_the_callers_fault(
    shared_server: LiveServer, body: bytes, status: int
) -> None:
    for method, path in JSON_ROUTES:
        response = shared_server.client.request(
            method, concrete(path), content=body, headers={"Content-Type": "application/json"}
        )
        assert response.status_code == status, (method, path, response.text)
        assert response.headers["content-type"] == "application/problem+json"
        assert "Traceback" not in response.text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/backup/create", {"recipients": ["age1\ud800"]}),
        ("POST", "/api/backup/create", {"passphrase": "\ud800 and four more words"}),
        ("POST", "/api/backup/import", {"filename": "x.zip", "passphrase": "\ud800"}),
        ("POST", "/api/backup/{filename}/verify", {"kit": "\udcff"}),
        ("PATCH", "/api/config", {"name": "gui.theme", "value": "\ud800"}),
        ("POST", "/api/session", {"token": "\ud800"}),
    ],
)
def test_half_a_character_is_refused_where_it_would_become_something_else(
    shared_server: LiveServer, method: str, path: str, body: dict[str, Any]
) -> None:
    response = shared_server.client.request(
        method,
        concrete(path),
        content=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Origin": shared_server.address},
    )
    assert_refused(response, 422, "request_invalid")
    assert "half of a character" in str(response.json()["errors"])


def test_a_body_beyond_the_limit_is_refused_announced_or_not(shared_server: LiveServer) -> None:
    large = b'"' + b"x" * (9 * 1024 * 1024) + b'"'
    headers = {"Content-Type": "application/json"}
    announced = shared_server.client.put("/api/user-data", content=large, headers=headers)
    assert (announced.status_code, announced.json()["code"]) == (413, "too_large")
    pieces = (large[start : start + 65536] for start in range(0, len(large), 65536))
    chunked = shared_server.client.put("/api/user-data", content=pieces, headers=headers)
    assert (chunked.status_code, chunked.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/healthz", {"GET"}),
        ("PUT", "/api/backup/list", {"GET"}),
        ("PUT", "/api/backup/x.zip", {"GET", "HEAD", "DELETE"}),
        ("TRACE", "/api/vault", {"GET"}),
        ("OPTIONS", "/api/vault", {"GET"}),
        ("PATCH", "/api/user-data", {"GET", "PUT"}),
        ("DELETE", "/api/undo", {"GET", "POST"}),
    ],
)
def test_a_method_that_is_not_there_names_those_that_are(
    shared_server: LiveServer, method: str, path: str, allowed: set[str]
) -> None:
    response = shared_server.client.request(method, path)
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert response.headers["content-type"] == "application/problem+json"
    assert set(response.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/api", "/api/backup", "/healthz/", "//healthz", "/healthz%0A", "/api/jobs%0A"],
)
def test_a_path_that_is_not_there_is_a_problem_too(shared_server: LiveServer, path: str) -> None:
    response = shared_server.client.get(f"{shared_server.address}{path}")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert response.headers["content-type"] == "application/problem+json"


def test_two_host_headers_are_none(shared_server: LiveServer) -> None:
    host, _, port = shared_server.host.partition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(
            f"GET /healthz HTTP/1.1\r\nHost: {shared_server.host}\r\nHost: evil.example\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.split(b" ", 2)[1] in {b"400", b"421"}


def test_a_web_socket_is_not_answered(shared_server: LiveServer) -> None:
    response = shared_server.client.get(
        "/api/vault",
        headers={
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        },
    )
    assert response.status_code == 200  # an ordinary request, the upgrade ignored


def test_a_fault_of_ours_tells_the_caller_nothing_and_the_log_everything(
    sample_vault: Path,
) -> None:
    breaking = (
        "from autoresumefiller.user_data_manager import UserDataManager\n"
        "def broken(self): raise RuntimeError('an inner secret')\n"
        "UserDataManager.vault_status = broken"
    )
    with live_server(sample_vault, before=breaking) as server:
        response = server.client.get("/api/vault")
        assert_refused(response, 500, "internal_error")
        assert "inner secret" not in response.text
        assert server.client.get("/healthz").status_code == 200
        server.stop()
        assert "an inner secret" in server.log


def test_no_secret_is_ever_in_a_log(sample_vault: Path) -> None:
    with live_server(sample_vault, env={"AUTORESUMEFILLER_DEBUG": "1"}) as server:
        code = server.link.partition("#")[2]
        server.get("/api/vault")
        server.client.get(f"/api/vault?token={TOKEN}&authorization=Bearer+{TOKEN}")
        server.client.get(f"/{TOKEN}")
        origin = {"Origin": server.address}
        entered = httpx.post(f"{server.address}/api/session", json={"code": code}, headers=origin)
        cookie = entered.cookies[f"arf_session_{server.host.rpartition(':')[2]}"]
        httpx.get(f"{server.address}/api/vault", cookies={next(iter(entered.cookies)): cookie})
        httpx.get(f"{server.address}/api/vault", headers={"Authorization": "Bearer another-secret"})
        server.stop()
        log = server.log
    assert "/api/vault" in log  # there is a log at all
    assert TOKEN not in log
    assert cookie not in log
    assert "another-secret" not in log
    assert log.count(code) == 1  # the link, where it was printed
    assert (sample_vault / "logs/server.log").stat().st_mode & 0o777 == 0o600


def test_without_a_token_in_the_environment_one_is_made_and_kept(sample_vault: Path) -> None:
    with live_server(sample_vault, env={"AUTORESUMEFILLER_TOKEN": ""}) as server:
        file = sample_vault / ".state/api-token"
        assert file.stat().st_mode & 0o777 == 0o600
        token = file.read_text().strip()
        assert len(token) >= 43
        assert server.get("/api/vault")["backups"] == 0
        cookie = _cookie_of(server)
    with live_server(sample_vault, env={"AUTORESUMEFILLER_TOKEN": ""}) as server:
        assert file.read_text().strip() == token
        # A restart ends no session; the name of the cookie follows the port.
        name = f"arf_session_{server.host.rpartition(':')[2]}"
        response = httpx.get(f"{server.address}/api/vault", cookies={name: cookie})
        assert response.status_code == 200


def _cookie_of(server: LiveServer) -> str:
    code = server.link.partition("#")[2]
    entered = httpx.post(
        f"{server.address}/api/session",
        json={"code": code},
        headers={"Origin": server.address},
    )
    return next(iter(entered.cookies.values()))
