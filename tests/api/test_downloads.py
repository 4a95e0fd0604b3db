"""Downloads: ranges, ETags, names that mean no harm, and nothing but what is listed."""

import hashlib
import os
import sys
from pathlib import Path
from urllib.parse import quote, unquote

import httpx
import pytest

from autoresumefiller.api.downloads import disposition
from tests.support.api_server import LiveServer


@pytest.fixture
def backup(server: LiveServer) -> Path:
    return Path(server.post("/api/backup/create?wait=true", status=201)["path"])


def fetch(server: LiveServer, path: Path, **headers: str) -> httpx.Response:
    return server.client.get(f"/api/backup/{path.name}", headers=headers)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, None),
        ("bytes=-50", -50, None),
        ("bytes=-999999999", 0, None),
        ("bytes=10-999999999", 10, None),
        ("bytes= 5 - 9", 5, 9),
    ],
)
def test_a_range_is_that_part_of_the_file(
    server: LiveServer, backup: Path, asked: str, first: int, last: int | None
) -> None:
    whole = backup.read_bytes()
    first = len(whole) + first if first < 0 else first
    last = len(whole) - 1 if last is None else last
    response = fetch(server, backup, Range=asked)
    assert response.status_code == 206
    assert response.content == whole[first : last + 1]
    assert response.headers["content-range"] == f"bytes {first}-{last}/{len(whole)}"
    assert response.headers["content-length"] == str(last - first + 1)


@pytest.mark.parametrize("asked", ["bytes={size}-", "bytes=-0", "bytes=999999999-"])
def test_a_range_beyond_the_end_is_refused_with_the_size(
    server: LiveServer, backup: Path, asked: str
) -> None:
    size = backup.stat().st_size
    response = fetch(server, backup, Range=asked.format(size=size))
    assert (response.status_code, response.json()["code"]) == (416, "range_not_satisfiable")
    assert response.headers["content-range"] == f"bytes */{size}"
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "bytes=9-1", "items=0-1", "bytes=", "bytes=-", "bytes=a-b", "x"]
)
def test_what_is_no_single_range_gets_the_whole_file(
    server: LiveServer, backup: Path, asked: str
) -> None:
    response = fetch(server, backup, Range=asked)
    assert response.status_code == 200
    assert response.content == backup.read_bytes()


def test_a_download_is_taken_up_again_only_if_the_file_is_the_same(
    server: LiveServer, backup: Path
) -> None:
    etag = fetch(server, backup).headers["etag"]
    same = fetch(server, backup, Range="bytes=10-19", **{"If-Range": etag})
    assert same.status_code == 206
    other = fetch(server, backup, Range="bytes=10-19", **{"If-Range": '"another"'})
    assert other.status_code == 200
    assert other.content == backup.read_bytes()


def test_a_client_that_has_it_gets_nothing_twice(server: LiveServer, backup: Path) -> None:
    etag = fetch(server, backup).headers["etag"]
    for condition in (etag, f'"x", {etag}', f"W/{etag}", "*"):
        response = fetch(server, backup, **{"If-None-Match": condition})
        assert (response.status_code, response.content) == (304, b"")
    lines = [("If-None-Match", '"x"'), ("If-None-Match", etag)]
    assert server.client.get(f"/api/backup/{backup.name}", headers=lines).status_code == 304
    assert fetch(server, backup, **{"If-None-Match": '"x"'}).status_code == 200
    os.utime(backup, ns=(1, 1))
    assert fetch(server, backup, **{"If-None-Match": etag}).status_code == 200


def test_head_says_what_get_would(server: LiveServer, backup: Path) -> None:
    get, head = fetch(server, backup), server.client.head(f"/api/backup/{backup.name}")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "etag", "content-disposition", "content-type"):
        assert head.headers[name] == get.headers[name]


def test_a_range_means_nothing_to_head(server: LiveServer, backup: Path) -> None:
    for asked in ("bytes=0-9", "bytes=999999999-"):
        head = server.client.head(f"/api/backup/{backup.name}", headers={"Range": asked})
        assert head.status_code == 200
        assert head.headers["content-length"] == str(backup.stat().st_size)
        assert "content-range" not in head.headers


def test_a_refused_range_names_the_address_as_it_was_asked_for(
    server: LiveServer, backup: Path
) -> None:
    odd = backup.rename(backup.with_name("my résumés.zip"))
    path = f"/api/backup/{quote(odd.name)}"
    refused = server.client.get(path, headers={"Range": "bytes=999999999-"})
    assert (refused.status_code, refused.json()["instance"]) == (416, path)


def test_a_download_goes_on_when_its_name_is_deleted(server: LiveServer, backup: Path) -> None:
    big = backup.with_name("big_backup_20250101_000000.zip")
    content = os.urandom(1024 * 1024) * 24
    big.write_bytes(content)
    digest = hashlib.sha256()
    with server.client.stream("GET", f"/api/backup/{big.name}") as response:
        chunks = response.iter_bytes()
        digest.update(next(chunks))
        assert server.client.delete(f"/api/backup/{big.name}").status_code == 200
        big.write_bytes(b"another file of that name")
        for chunk in chunks:
            digest.update(chunk)
    assert digest.digest() == hashlib.sha256(content).digest()


HOSTILE = [
    "..",
    ".",
    "%2e%2e%2fconfig.yaml",
    "..%2fconfig.yaml",
    "..%5cconfig.yaml",
    "%2fetc%2fpasswd",
    "....%2f%2fconfig.yaml",
    "config.yaml",
    "%00",
    "x.zip%00.txt",
    "notes.txt",
    ".hidden_backup_20250101_000000.zip",
    "link_backup_20250101_000000.zip",
    "folder_backup_20250101_000000.zip",
    "%ff%fe.zip",
    "a" * 4000 + ".zip",
    "*.zip",
    "~root.zip",
    "C:%5Cx.zip",
    "\N{FULLWIDTH SOLIDUS}etc.zip",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_is_not_listed_can_be_reached(
    server: LiveServer, backup: Path, name: str
) -> None:
    folder = backup.parent
    outside = server.vault.parent / "outside.zip"
    outside.write_bytes(b"secret")
    (folder / "notes.txt").write_text("secret")
    (folder / ".hidden_backup_20250101_000000.zip").write_text("secret")
    (folder / "link_backup_20250101_000000.zip").symlink_to(outside)
    (folder / "folder_backup_20250101_000000.zip").mkdir()
    config = (server.vault / "config.yaml").read_bytes()
    raw = quote(name, safe="%.~*") if not name.isascii() else name
    url = httpx.URL(server.address).copy_with(raw_path=f"/api/backup/{raw}".encode())
    for method, suffix in (("GET", ""), ("HEAD", ""), ("DELETE", ""), ("POST", "/verify")):
        target = url.copy_with(raw_path=url.raw_path + suffix.encode())
        response = server.client.request(method, target)
        assert response.status_code in {404, 405}, (method, response.text)
        assert "secret" not in response.text
        if method != "HEAD":
            assert response.headers["content-type"] == "application/problem+json"
    by_name = server.client.post("/api/backup/import", json={"filename": unquote(name)})
    assert (by_name.status_code, by_name.json()["code"]) == (404, "backup_not_found")
    assert (server.vault / "config.yaml").read_bytes() == config
    assert outside.read_bytes() == b"secret"
    assert backup.exists()


def test_a_name_is_a_name_no_path_and_nothing_is_left_off_it(
    server: LiveServer, backup: Path
) -> None:
    for path in (backup, backup.parent / "x/.." / backup.name, f"backups/{backup.name}"):
        refused = server.client.post("/api/backup/import", json={"filename": str(path)})
        assert (refused.status_code, refused.json()["code"]) == (404, "backup_not_found")
    for method in ("GET", "HEAD", "DELETE"):
        assert server.client.request(method, f"/api/backup/{backup.name}%0A").status_code == 404
    assert backup.exists()


ODD_NAMES = [
    "holiday <svg onload=alert(1)>.zip",
    "ünïcödé 履歴書.zip",
    'quo"te;filename=evil.exe.zip',
    "semi;colon, comma.zip",
    "per%41cent %2e.zip",
    "\u202egpj.zip",
    "new\nline.zip",
    "hash#question?.zip",
    " lead and trail .zip",
    os.fsdecode(b"latin-\xe9\xff.zip"),
]


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux are all these names possible")
@pytest.mark.parametrize("name", ODD_NAMES, ids=range(len(ODD_NAMES)))
def test_whatever_is_listed_can_be_fetched_checked_and_deleted_by_its_listed_name(
    server: LiveServer, backup: Path, name: str
) -> None:
    odd = backup.with_name(name)
    backup.rename(odd)
    (listed,) = server.get("/api/backup/list")["backups"]
    url = f"/api/backup/{quote(listed['filename'], safe='')}"
    response = server.client.get(url)
    assert response.status_code == 200
    assert response.content == odd.read_bytes()
    header = response.headers["content-disposition"]
    assert header.startswith("attachment; filename=")
    assert header.isascii()
    assert header.isprintable()
    assert server.post(f"{url}/verify")["valid"] is True
    assert server.get("/api/backup/list")["backups"][0]["verified"]["valid"] is True
    assert server.get("/api/vault")["last_verified"]["filename"] == listed["filename"]
    assert server.client.delete(url).json() == {"deleted": True, "filename": listed["filename"]}
    assert not odd.exists()


def test_a_name_in_the_header_does_nothing_but_name() -> None:
    assert disposition('a"; filename="b.exe.zip') == (
        'attachment; filename="a___filename__b.exe.zip"; '
        "filename*=UTF-8''a%22%3B%20filename%3D%22b.exe.zip"
    )
    assert "\r" not in disposition("a\r\nSet-Cookie: x=1.zip")
