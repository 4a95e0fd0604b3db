from pathlib import Path

import pytest
from typer.main import get_command

from autoresumefiller.cli.serve import app
from autoresumefiller.cli.session import Invocation
from autoresumefiller.errors import InvalidArgumentError, VaultNotFoundError
from tests.support.command_line import arf


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
    arf("init", vault=vault_dir)
    server = _Server()
    _serve(server, "--vault", str(vault_dir), *options)
    assert server.calls == [(vault_dir, host, port, opened)]


def test_there_is_nothing_to_serve_without_a_vault(vault_dir: Path) -> None:
    with pytest.raises(VaultNotFoundError):
        _serve(_Server(), "--vault", str(vault_dir))


def test_a_program_put_together_without_a_server_says_so(vault_dir: Path) -> None:
    arf("init", vault=vault_dir)
    with pytest.raises(InvalidArgumentError):
        _serve(None, "--vault", str(vault_dir))
