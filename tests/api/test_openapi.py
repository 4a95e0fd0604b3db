"""The API's description: complete, kept in docs/, and true of a live server."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autoresumefiller import errors
from autoresumefiller.api.problems import HTTP_CODES, STATUS_OF_ERROR
from tests.api.test_security import SECURITY_HEADERS
from tests.support.api_server import TOKEN, LiveServer, live_server
from tests.support.documents import ROOT
from tests.support.environment import ON_CI
from tests.support.routes import all_routes
from tools.openapi import description, text

DESIGN = {
    ("POST", "/api/backup/create"),
    ("POST", "/api/backup/import"),
    ("GET", "/api/backup/list"),
    ("GET", "/api/backup/{filename}"),
    ("DELETE", "/api/backup/{filename}"),
    ("POST", "/api/backup/{filename}/verify"),
    ("POST", "/api/backup/cleanup"),
    ("POST", "/api/undo"),
    ("GET", "/api/jobs/{job_id}"),
    ("GET", "/api/jobs/{job_id}/events"),
    ("DELETE", "/api/jobs/{job_id}"),
    ("POST", "/api/jobs/{job_id}/confirm"),
    ("GET", "/api/vault"),
    ("GET", "/healthz"),
    ("GET", "/api/user-data"),
    ("PUT", "/api/user-data"),
    ("GET", "/api/config"),
    ("PATCH", "/api/config"),
}
UNDESCRIBED = {("GET", "/"), ("GET", "/login.js"), ("GET", "/login.css")}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return description()


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_the_description_in_docs_is_the_present_one() -> None:
    kept = (ROOT / "docs/openapi.json").read_text(encoding="utf-8")
    assert kept == text(), "run 'make openapi' and look at what changed"


def test_every_route_is_described_but_the_pages_own_files(
    document: dict[str, Any], tmp_path: Path
) -> None:
    described = set(operations(document))
    routes = {
        route for route in all_routes(tmp_path / "vault") if not route[1].startswith("/page/")
    }
    assert described == routes - UNDESCRIBED
    assert described >= DESIGN


def test_every_route_is_in_the_documentation(document: dict[str, Any]) -> None:
    prose = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    missing = [
        f"{method} {path}"
        for method, path in operations(document)
        if f"`{method} {path}`" not in prose
    ]
    assert missing == []


def test_every_operation_says_what_it_does_and_how_it_fails(document: dict[str, Any]) -> None:
    for key, operation in operations(document).items():
        assert operation["description"], key
        assert operation["tags"], key
        assert {"403", "421", "500"} <= operation["responses"].keys(), key
        for status, response in operation["responses"].items():
            assert response["description"], (key, status)
            if int(status) >= 400:
                assert set(response["content"]) == {"application/problem+json"}, (key, status)


def test_everything_but_the_way_in_is_described_as_needing_the_token(
    document: dict[str, Any],
) -> None:
    free = {key for key, operation in operations(document).items() if operation["security"] == []}
    assert free == {("GET", "/healthz"), ("GET", "/login"), ("POST", "/api/session")}


def _all_errors(root: type[errors.AutoResumeFillerError]) -> set[str]:
    return {root.code}.union(*(_all_errors(child) for child in root.__subclasses__()))


def test_every_error_has_a_status_and_every_code_is_documented() -> None:
    assert STATUS_OF_ERROR.keys() == _all_errors(errors.AutoResumeFillerError) | {"internal_error"}
    prose = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    statuses = {code: f"| `{code}` | {status} |" for code, status in STATUS_OF_ERROR.items()}
    assert [code for code, row in statuses.items() if row not in prose] == []
    assert [code for code in HTTP_CODES if f"| `{code}` |" not in prose] == []


def test_the_reference_page_shows_every_operation_and_loads_nothing_from_elsewhere(
    shared_server: LiveServer, document: dict[str, Any]
) -> None:
    response = shared_server.client.get("/docs")
    assert response.headers["content-type"].startswith("text/html")
    assert {name: response.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    for method, path in operations(document):
        assert f"{method}</code> <code>{path}</code>" in response.text
    assert "http://" not in response.text
    assert "https://" not in response.text
    assert "<script" not in response.text


# A question that nobody answers keeps its event stream open: here not for 15 minutes.
IMPATIENT = """
from autoresumefiller.backup.jobs.manager import JobManager
JobManager.__init__.__kwdefaults__["question_seconds"] = 0.5
"""


# On CI the same in every run, so that it is red for a change and for nothing else; elsewhere
# other examples each time, as many as there is time for.
FIXED = ("--max-examples=300", "--seed=1")
DRAWN = ("--max-examples=10", "--max-time=240")


@pytest.mark.slow
def test_whatever_is_sent_the_server_answers_as_it_says_it_does(
    sample_vault: Path, tmp_path: Path
) -> None:
    with live_server(sample_vault, before=IMPATIENT) as server:
        made = server.post("/api/backup/create?wait=true", status=201)
        assert made["filename"]
        finished = _schemathesis(server, tmp_path)
        assert finished.returncode == 0, _failures(finished.stdout) + finished.stderr
        assert "Operations:       27 selected / 27 total" in finished.stdout
        assert "Tested: 27" in finished.stdout
        for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):  # none was left out
            assert f"✅  {phase} (in" in finished.stdout, finished.stdout
        assert server.get("/healthz") == {"status": "ok"}
        server.stop()
        assert "Traceback" not in server.log


def _failures(output: str) -> str:
    """Return what fits into a report: what failed and how, not what was fine."""
    return output.partition("= FAILURES =")[2][:4000] or output[-4000:]


def _schemathesis(server: LiveServer, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            f"--config-file={Path(__file__).with_name('schemathesis.toml')}",
            "run",
            f"{server.address}/openapi.json",
            f"--header=Authorization: Bearer {TOKEN}",
            "--checks=all",
            # To cancel a job is a DELETE, and what was cancelled can still be looked at.
            "--exclude-checks=use_after_free",
            "--request-timeout=60",
            "--generation-database=none",
            "--no-color",
            *(FIXED if ON_CI else DRAWN),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=900,
    )
