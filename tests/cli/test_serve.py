import re
import sys
import urllib.request
from pathlib import Path

import pytest
from typer.main import get_command

from autoresumefiller.cli.serve import app
from autoresumefiller.cli.session import Invocation
from autoresumefiller.errors import InvalidArgumentError
from tests.support.command_line import Conversation, arf


class _Server:
    """Stands where api.server.serve goes: remembers what it was asked to do."""

    def __init__(self) -> None:
        self.calls: list[tuple[Path, str, int, bool]] = []

    def __call__(self, vault: Path, host: str, port: int, *, open_browser: bool) -> None:
        self.calls.append((vault, host, port, open_browser))


def _serve(server: _Server | None, *arguments: str) -> None:
    get_command(app).main(
        [*arguments], standalone_mode=False, obj=Invocation(server=server), prog_name="arf serve"
    )


@pytest.mark.parametrize(
    ("options", "host", "port", "opened"),
    [
        ([], "127.0.0.1", 8765, False),
        (["--port", "9000", "--open"], "127.0.0.1", 9000, True),
        (["--host", "0.0.0.0"], "0.0.0.0", 8765, False),
    ],
)
def test_it_serves_the_vault_on_loopback_unless_told_otherwise(
    vault_dir: Path, options: list[str], host: str, port: int, *, opened: bool
) -> None:
    server = _Server()
    _serve(server, "--vault", str(vault_dir), *options)
    assert server.calls == [(vault_dir, host, port, opened)]


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows: it has no pseudo-terminals")
def test_a_real_server_answers_until_ctrl_c(vault_dir: Path) -> None:
    with Conversation("serve", "--port", "0", vault=vault_dir) as person:
        person.expect("AutoResumeFiller is at ")
        person.expect("Ctrl-C stops it.")
        address = re.search(r"is at (http://\S+)", person.text)
        assert address is not None
        with urllib.request.urlopen(f"{address[1].rstrip('/')}/healthz") as answer:
            assert answer.status == 200
        person.type("\x03")
        assert person.finish() == 0
    assert "Traceback" not in person.text


def test_other_computers_are_not_served(vault_dir: Path) -> None:
    done = arf("serve", "--host", "0.0.0.0", "--json", vault=vault_dir)
    assert (done.status, done.error["code"]) == (2, "invalid_argument")


def test_a_program_put_together_without_a_server_says_so(vault_dir: Path) -> None:
    with pytest.raises(InvalidArgumentError):
        _serve(None, "--vault", str(vault_dir))
