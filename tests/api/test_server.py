"""Where the server listens, what it refuses, what it leaves out of its log."""

import logging
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from autoresumefiller.api.access_log import Discreet
from autoresumefiller.api.server import host_names, loopback, serve
from autoresumefiller.errors import InvalidArgumentError, StorageError


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.8.9.10", "127.8.9.10"),
        ("localhost", "127.0.0.1"),
        ("LOCALHOST", "127.0.0.1"),
        ("::1", "::1"),
        ("[::1]", "::1"),
    ],
)
def test_this_computer_has_several_names(host: str, address: str) -> None:
    assert loopback(host) == address


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "192.168.1.5", "10.0.0.1", "example.org", "1.2.3.4", "*", "127.1"]
)
def test_an_address_that_others_can_reach_is_refused_with_a_way_out(
    host: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidArgumentError, match="this computer only") as refused:
        serve(tmp_path / "vault", host, 0, open_browser=False)
    assert "ssh -L" in refused.value.hint
    assert refused.value.consequence == "The server was not started."
    assert not (tmp_path / "vault").exists()


def test_the_first_name_is_the_one_for_links() -> None:
    assert host_names("127.0.0.1", 8765) == ["127.0.0.1:8765", "localhost:8765", "[::1]:8765"]
    assert host_names("::1", 9)[0] == "[::1]:9"
    assert host_names("127.8.9.10", 9)[0] == "127.8.9.10:9"
    # Browsers leave out the port that is HTTP's own.
    assert host_names("127.0.0.1", 80)[-3:] == ["127.0.0.1", "localhost", "[::1]"]


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StorageError, match=f"Port {port}") as refused:
            serve(tmp_path / "vault", "127.0.0.1", port, open_browser=False)
    assert "--port 0" in refused.value.hint


def test_secrets_and_queries_stay_out_of_a_log() -> None:
    record = logging.LogRecord(
        "uvicorn.access",
        logging.INFO,
        "",
        0,
        '%s - "%s %s HTTP/%s" %d Bearer abc.def',
        ("127.0.0.1", "GET", "/api/vault?token=the-secret&x=1", "1.1", 200),
        None,
    )
    assert Discreet(["the-secret"]).filter(record)
    assert record.getMessage() == '127.0.0.1 - "GET /api/vault?… HTTP/1.1" 200 Bearer ***'
    plain = logging.LogRecord("x", logging.INFO, "", 0, "the-secret is %d", (1,), None)
    assert Discreet(["the-secret", ""]).filter(plain)
    assert plain.getMessage() == "*** is 1"


def test_nobody_pays_for_the_web_who_does_not_serve() -> None:
    program = (
        "import sys\n"
        "from autoresumefiller.cli.app import run\n"
        "run(['list', '--json'], program='arf')\n"
        "heavy = {'fastapi', 'starlette', 'uvicorn', 'anyio', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
