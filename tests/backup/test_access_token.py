"""The token: from the environment or a private file, made once, never a weak one."""

import sys
import threading
from pathlib import Path

import pytest

from autoresumefiller.backup.access_token import TOKEN_FILE, VARIABLE, access_token
from autoresumefiller.errors import InvalidArgumentError, StorageError, VaultLayoutError
from autoresumefiller.vault.layout import VaultLayout


@pytest.fixture
def layout(tmp_path: Path) -> VaultLayout:
    return VaultLayout(tmp_path / "vault")


def test_the_environment_comes_first_and_nothing_is_written(layout: VaultLayout) -> None:
    token = "from-the-environment-0123456789"
    assert access_token(layout, {VARIABLE: token}) == token
    assert not layout.state.exists()


@pytest.mark.parametrize(
    "weak",
    [
        "short",
        "has a space but is long enough 123",
        "ünïcödé-0123456789-0123456789",
        "x" * 21,
        "x" * 513,
    ],
)
def test_a_token_that_is_weak_or_cannot_be_sent_is_refused(layout: VaultLayout, weak: str) -> None:
    with pytest.raises(InvalidArgumentError, match="22 to 512 characters") as refused:
        access_token(layout, {VARIABLE: weak})
    assert weak not in str(refused.value)


def test_one_is_made_private_and_kept(layout: VaultLayout) -> None:
    token = access_token(layout, {})
    file = layout.state / TOKEN_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() == f"{token}\n"
    assert len(token) >= 43
    assert access_token(layout, {VARIABLE: ""}) == token


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 50, b"a" * 5000, b"two words " * 5])
def test_a_file_that_holds_no_token_gets_a_new_one(layout: VaultLayout, content: bytes) -> None:
    token = access_token(layout, {})
    (layout.state / TOKEN_FILE).write_bytes(content)
    renewed = access_token(layout, {})
    assert renewed != token
    assert (layout.state / TOKEN_FILE).read_text() == f"{renewed}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows: it has no such modes")
def test_a_token_that_others_could_read_is_replaced(layout: VaultLayout) -> None:
    token = access_token(layout, {})
    (layout.state / TOKEN_FILE).chmod(0o640)
    assert access_token(layout, {}) != token
    assert (layout.state / TOKEN_FILE).stat().st_mode & 0o777 == 0o600


def test_what_is_no_file_is_not_read(layout: VaultLayout) -> None:
    (layout.state / TOKEN_FILE).mkdir(parents=True)
    with pytest.raises((VaultLayoutError, StorageError)):
        access_token(layout, {})
    (layout.state / TOKEN_FILE).rmdir()
    elsewhere = layout.root / "elsewhere"
    elsewhere.write_text("a" * 43)
    (layout.state / TOKEN_FILE).symlink_to(elsewhere)
    with pytest.raises(StorageError):
        access_token(layout, {})


def test_servers_that_start_together_agree(layout: VaultLayout) -> None:
    together = threading.Barrier(8)
    tokens: list[str] = []

    def start() -> None:
        together.wait()
        tokens.append(access_token(layout, {}))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens) == 8
    assert len(set(tokens)) == 1
