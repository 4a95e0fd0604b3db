"""Uploads: streamed, bounded, private, and gone if they do not become an import."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.api_server import PATIENCE_SECONDS, TOKEN, LiveServer, live_server

MIB = 1024 * 1024
IMPORT = "/api/backup/import"
PREAMBLE = b'--BOUNDARY\r\nContent-Disposition: form-data; name="file"\r\n\r\n'


def staged(server: LiveServer) -> list[Path]:
    # Not with rglob, which stumbles over a folder that the server is just removing.
    walk = os.walk(server.vault / ".state/staging")
    return sorted(Path(at, name) for at, folders, files in walk for name in [*folders, *files])


def wait_for(condition: Callable[[], bool]) -> None:
    """Look until it is so; what is waited for is another process's doing."""
    pause = threading.Event()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return
        pause.wait(0.02)
    raise AssertionError("it did not happen")


def form(*parts: bytes, boundary: bytes = b"BOUNDARY", end: bytes = b"--") -> bytes:
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return body + b"--" + boundary + end + b"\r\n"


def part(name: str, value: bytes, *, filename: str | None = None) -> bytes:
    extra = b"" if filename is None else b'; filename="' + filename.encode() + b'"'
    return (
        (b'Content-Disposition: form-data; name="' + name.encode() + b'"' + extra)
        + b"\r\n\r\n"
        + value
    )


def send(server: LiveServer, body: bytes | Iterator[bytes], **headers: str) -> httpx.Response:
    content_type = {"Content-Type": "multipart/form-data; boundary=BOUNDARY"}
    return server.client.post(IMPORT, content=body, headers=content_type | headers)


class RawUpload:
    """An upload over a bare socket, sent as far as the test wants."""

    def __init__(self, server: LiveServer, *, announce: int) -> None:
        host, _, port = server.host.partition(":")
        self.connection = socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS)
        self.connection.sendall(
            (
                f"POST {IMPORT} HTTP/1.1\r\nHost: {server.host}\r\n"
                f"Authorization: Bearer {TOKEN}\r\nContent-Length: {announce}\r\n"
                "Content-Type: multipart/form-data; boundary=BOUNDARY\r\n\r\n"
            ).encode()
            + PREAMBLE
        )

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def answer(self) -> bytes:
        return b"".join(iter(lambda: self.connection.recv(65536), b""))

    def __enter__(self) -> "RawUpload":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()


def test_what_comes_in_is_private_and_in_the_vault_from_the_first_byte(server: LiveServer) -> None:
    with RawUpload(server, announce=10 * MIB) as upload:
        upload.send(b"x" * (3 * MIB))
        wait_for(lambda: any(path.name == "upload.zip" for path in staged(server)))
        (file,) = (path for path in staged(server) if path.name == "upload.zip")
        assert file.stat().st_mode & 0o777 == 0o600
        assert all(path.stat().st_mode & 0o077 == 0 for path in staged(server))
        wait_for(lambda: file.stat().st_size >= 2 * MIB)  # on the disk, not in memory


def test_an_upload_that_is_cut_off_leaves_nothing(server: LiveServer) -> None:
    with RawUpload(server, announce=10 * MIB) as upload:
        upload.send(b"x" * (2 * MIB))
        wait_for(lambda: staged(server) != [])
    wait_for(lambda: staged(server) == [])
    assert server.get("/api/jobs")["jobs"][:1] == [] or all(
        job["state"] != "running" for job in server.get("/api/jobs")["jobs"]
    )


def test_an_upload_that_ends_too_early_is_refused_and_leaves_nothing(server: LiveServer) -> None:
    body = form(part("file", b"x" * MIB, filename="a.zip"), end=b"")
    response = send(server, body)
    assert (response.status_code, response.json()["code"]) == (400, "bad_request")
    assert staged(server) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"no form at all", 400),
        (form(part("file", b"x"), part("file", b"y")), 400),
        (form(part("confirm", b"true"), part("confirm", b"false"), part("file", b"x")), 400),
        (form(part("confirm", b"x" * 5000), part("file", b"x")), 400),
        (form(part("passphrase", b"\xff\xfe"), part("file", b"x")), 400),
        (form(part("passphrase", b"x" * 1025), part("file", b"x")), 422),
        (form(part("kit", b"x" * (64 * 1024 + 1)), part("file", b"x")), 422),
        (form(part("kit", b"x" * (256 * 1024 + 1)), part("file", b"x")), 400),
        (form(*(part(f"f{n}", b"x") for n in range(20))), 400),
        (form(b"X-Header: no disposition\r\n\r\nvalue"), 400),
        (form(part("confirm", b"true")), 422),
        (form(part("confirm", b"perhaps"), part("file", b"x")), 422),
        (form(part("mode", b"destroy"), part("file", b"x")), 422),
        (form(part("what", b"1"), part("file", b"x")), 422),
        (form(part("filename", b"x.zip"), part("file", b"x")), 422),
        (form(part("file", b"x"), boundary=b"OTHER"), 400),
    ],
)
def test_a_form_that_is_none_of_ours_is_refused_and_leaves_nothing(
    server: LiveServer, body: bytes, status: int
) -> None:
    response = send(server, body)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]
    assert staged(server) == []


def test_a_form_without_a_boundary_is_refused(server: LiveServer) -> None:
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=" + "x" * 500):
        response = server.client.post(
            IMPORT, content=b"--x--", headers={"Content-Type": content_type}
        )
        assert (response.status_code, response.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\backup.zip", "backup.zip"),
        ("<svg onload=alert(1)>.zip", "<svg onload=alert(1)>.zip"),
        ("\u202egpj.zip", "\\u202egpj.zip"),
        ("a\x1b[2Jb.zip", "a\\x1b[2Jb.zip"),
        ("..", "upload.zip"),
        ("", "upload.zip"),
    ],
)
def test_the_senders_name_is_shown_clean_and_used_for_nothing(
    server: LiveServer, sent: str, shown: str
) -> None:
    made = server.post("/api/backup/create?wait=true", status=201)
    archive = Path(made["path"]).read_bytes()
    response = send(server, form(part("file", archive, filename=sent)))
    assert response.status_code == 202, response.text
    job = server.until(response.json()["id"], "awaiting_confirmation", "failed")
    assert (job["plan"]["archive"], job["subject"]) == (shown, shown)
    assert {path.name for path in staged(server) if path.suffix == ".zip"} == {"upload.zip"}


def test_an_upload_beyond_the_limit_is_refused_announced_or_not(sample_vault: Path) -> None:
    limiting = (
        "from autoresumefiller.api import app\n"
        f"app.create_app.__kwdefaults__['max_upload_bytes'] = {2 * MIB}"
    )
    with live_server(sample_vault, before=limiting) as server:
        exact = part("file", b"x" * (2 * MIB))
        over = part("file", b"x" * (2 * MIB + 1))
        response = send(server, form(exact))
        assert response.status_code == 202
        server.ended(response.json()["id"])

        response = send(server, form(over))
        assert (response.status_code, response.json()["code"]) == (413, "too_large")
        announced = send(server, form(part("file", b"x" * (6 * MIB))))
        assert announced.status_code == 413
        body = form(over)
        chunked = send(server, (body[at : at + 10_000] for at in range(0, len(body), 10_000)))
        assert (chunked.status_code, chunked.json()["code"]) == (413, "too_large")
        followed = send(server, iter([form(exact), b"~" * MIB]))
        assert (followed.status_code, followed.json()["code"]) == (413, "too_large")
        assert staged(server) == []


def test_an_upload_that_the_disk_has_no_room_for_is_refused_before_it_comes(
    sample_vault: Path,
) -> None:
    full = (
        "from autoresumefiller.backup import space\n"
        f"space.free_bytes = lambda directory: {64 * MIB}"
    )
    with live_server(sample_vault, before=full) as server:
        refused = send(server, form(part("file", b"x" * (63 * MIB))))
        assert (refused.status_code, refused.json()["code"]) == (507, "not_enough_space")
        assert refused.json()["consequence"] == "Nothing in your vault was changed."
        assert staged(server) == []
        assert send(server, form(part("file", b"x" * (40 * MIB)))).status_code == 202


def test_an_upload_while_a_change_runs_is_refused_at_once(sample_vault: Path) -> None:
    holding = (
        "import threading\n"
        "from autoresumefiller.backup.jobs import work\n"
        "work.export = lambda *a, **k: threading.Event().wait()"
    )
    with live_server(sample_vault, before=holding) as server:
        server.post("/api/backup/create", status=202)
        with RawUpload(server, announce=len(PREAMBLE) + 400) as upload:
            upload.send(b"x" * 400)
            answer = upload.answer()
        assert b"409" in answer.split(b"\r\n")[0]
        assert b'"job_conflict"' in answer
        assert staged(server) == []
        server.process.kill()
        server.process.wait()


def test_what_was_read_to_its_end_is_refused_without_waiting_for_more(sample_vault: Path) -> None:
    patient = "from autoresumefiller.api.routes import imports\nimports._DRAIN_SECONDS = 1e6"
    with live_server(sample_vault, before=patient) as server:
        by_name = server.client.post(IMPORT, json={"filename": "gone.zip"})
        assert (by_name.status_code, by_name.json()["code"]) == (404, "backup_not_found")
        no_file = send(server, form(part("confirm", b"true")))
        assert no_file.status_code == 422


def test_only_so_many_uploads_at_a_time(server: LiveServer) -> None:
    with RawUpload(server, announce=MIB) as one, RawUpload(server, announce=MIB) as two:
        one.send(b"x" * 100_000)
        two.send(b"x" * 100_000)
        wait_for(lambda: sum(path.name == "upload.zip" for path in staged(server)) == 2)
        third = send(server, form(part("file", b"x")))
        assert (third.status_code, third.json()["code"]) == (429, "too_many_uploads")
        assert int(third.headers["retry-after"]) > 0
    wait_for(lambda: staged(server) == [])
    assert send(server, form(part("file", b"x"))).status_code == 202


def test_a_trickle_is_given_up_on(sample_vault: Path) -> None:
    impatient = "from autoresumefiller.api import uploads\nuploads.IDLE_SECONDS = 0.3"
    with live_server(sample_vault, before=impatient) as server:
        with RawUpload(server, announce=MIB) as upload:
            upload.send(b"x" * 1000)
            answer = upload.answer()
        assert b"408" in answer.split(b"\r\n")[0]
        assert b'"upload_too_slow"' in answer
        wait_for(lambda: staged(server) == [])


def test_one_that_sends_too_little_on_average_is_given_up_on(sample_vault: Path) -> None:
    strict = (
        "from autoresumefiller.api import uploads\n"
        "uploads.GRACE_SECONDS = 0.0\nuploads.MIN_BYTES_PER_SECOND = 10**12"
    )
    with live_server(sample_vault, before=strict) as server:
        response = send(server, form(part("file", b"x" * 1000)))
        assert (response.status_code, response.json()["code"]) == (408, "upload_too_slow")
        assert staged(server) == []


def test_what_a_killed_server_left_is_swept_by_the_next(sample_vault: Path) -> None:
    with live_server(sample_vault) as server:
        with RawUpload(server, announce=10 * MIB) as upload:
            upload.send(b"x" * (2 * MIB))
            wait_for(lambda: any(path.name == "upload.zip" for path in staged(server)))
            server.process.kill()
            server.process.wait()
        assert staged(server) != []
    with live_server(sample_vault) as server:
        made = server.post("/api/backup/create?wait=true", status=201)
        job = server.post(IMPORT, json={"filename": made["filename"]}, status=202)
        server.until(job["id"], "awaiting_confirmation")
        assert [path for path in staged(server) if path.name == "upload.zip"] == []


@pytest.mark.slow
def test_a_large_upload_does_not_fill_the_memory(server: LiveServer) -> None:
    def resident_mib() -> int:
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) // 1024

    if not Path("/proc/self/status").exists():
        pytest.skip("only on Linux")
    before = resident_mib()
    block = os.urandom(MIB)
    body = [form(part("file", b"~"))[: -len(b"~\r\n--BOUNDARY--\r\n")], *[block] * 300]
    response = send(server, iter([*body, b"\r\n--BOUNDARY--\r\n"]))
    assert response.status_code == 202
    assert server.ended(response.json()["id"])["error"]["code"] == "backup_invalid"
    assert resident_mib() - before < 100
