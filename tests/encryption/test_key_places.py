"""Keys in files and behind commands: private, never lost, never somewhere else in silence."""

import os
import shlex
import sys
from pathlib import Path

import pytest

from autoresumefiller.encryption import key_places
from autoresumefiller.encryption.key_places import KeyCommand, KeyFile, key_place
from autoresumefiller.encryption.os_keyring import KeyringStore
from autoresumefiller.encryption.vault_key import VaultKey
from autoresumefiller.errors import KeyStoreError


def _key() -> VaultKey:
    return VaultKey.generate(recovery="")


def _command(script: str) -> KeyCommand:
    return KeyCommand(shlex.join([sys.executable, "-c", script]))


def test_the_place_is_the_one_that_is_named(tmp_path: Path) -> None:
    file, chosen = tmp_path / "a", tmp_path / "b"
    by_variable = key_place({"AUTORESUMEFILLER_KEY_FILE": str(file)}, chosen)
    assert isinstance(by_variable, KeyFile)
    assert by_variable.path == file
    assert isinstance(key_place({"AUTORESUMEFILLER_KEY_COMMAND": "x"}, chosen), KeyCommand)
    by_choice = key_place({}, chosen)
    assert isinstance(by_choice, KeyFile)
    assert by_choice.path == chosen
    assert isinstance(key_place({}, None), KeyringStore)


def test_two_named_places_are_refused() -> None:
    named = {"AUTORESUMEFILLER_KEY_FILE": "a", "AUTORESUMEFILLER_KEY_COMMAND": "b"}
    with pytest.raises(KeyStoreError, match="Both"):
        key_place(named, None)


# --- a file -------------------------------------------------------------------------


def test_keys_are_added_never_replaced(tmp_path: Path) -> None:
    place, keys = KeyFile(tmp_path / "key"), [_key(), _key(), _key()]
    assert place.newest() is None
    for key in keys:
        place.add(key)
        place.add(key)
        assert place.newest() == key
    assert [place.find(key.key_id) for key in keys] == keys
    assert place.find("0" * 16) is None
    assert len(place.path.read_text().splitlines()) == 4  # with one comment


def test_a_link_to_a_key_file_stays_one(tmp_path: Path) -> None:
    real, link, keys = tmp_path / "stick" / "key", tmp_path / "key", [_key(), _key()]
    real.parent.mkdir()
    link.symlink_to(real)
    for key in keys:
        KeyFile(link).add(key)
    assert link.is_symlink()
    assert [KeyFile(real).find(key.key_id) for key in keys] == keys
    assert [path.name for path in real.parent.iterdir()] == ["key"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX has named pipes")
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    with pytest.raises(KeyStoreError, match="is no regular file"):
        KeyFile(pipe).newest()


def test_a_byte_order_mark_of_an_editor_is_passed_over(tmp_path: Path) -> None:
    place, keys = KeyFile(tmp_path / "key"), [_key(), _key()]
    place.add(keys[0])
    place.path.write_text(f"\ufeff{keys[0].to_text()}\r\n")
    place.add(keys[1])
    assert [place.find(key.key_id) for key in keys] == keys


def test_a_new_file_is_private_from_the_start(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        KeyFile(tmp_path / "key").add(_key())
    finally:
        os.umask(old)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "key"]


def test_what_the_person_wrote_into_the_file_stays(tmp_path: Path) -> None:
    path, first, second = tmp_path / "key", _key(), _key()
    path.write_text(f"# mine\n\n{first.to_text()}\n# until 2026")
    path.chmod(0o600)
    KeyFile(path).add(second)
    assert path.read_text() == (f"# mine\n\n{first.to_text()}\n# until 2026\n{second.to_text()}\n")


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows: no permission bits")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    place = KeyFile(tmp_path / "key")
    place.add(_key())
    place.path.chmod(mode)
    before = place.path.read_bytes()
    for use in (place.newest, lambda: place.find("0" * 16), lambda: place.add(_key())):
        with pytest.raises(KeyStoreError, match="Others may read") as raised:
            use()
        assert "chmod 600" in raised.value.hint
    assert place.path.read_bytes() == before


@pytest.mark.parametrize("content", [b"hunter2\n", b"\xff\xfe", b"ARF-KEY-1.abc.\n", b"a" * 70_000])
def test_another_file_is_told_and_not_quoted(tmp_path: Path, content: bytes) -> None:
    place = KeyFile(tmp_path / "key")
    place.path.write_bytes(content)
    place.path.chmod(0o600)
    with pytest.raises(KeyStoreError) as raised:
        place.newest()
    assert "hunter2" not in str(raised.value)
    with pytest.raises(KeyStoreError):
        place.add(_key())
    assert place.path.read_bytes() == content


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    place = KeyFile(tmp_path / "stick" / "key")
    assert place.newest() is None
    with pytest.raises(KeyStoreError, match="could not be written"):
        place.add(_key())
    (tmp_path / "key").mkdir()
    with pytest.raises(KeyStoreError, match="could not be read"):
        KeyFile(tmp_path / "key").newest()


# --- a command ------------------------------------------------------------------------


def test_a_command_gives_keys() -> None:
    first, second = _key(), _key()
    lines = f"# from the safe\n{first.to_text()}\n{second.to_text()}\n"
    place = _command(f"print({lines!r})")
    assert place.find(first.key_id) == first
    assert place.newest() == second
    assert place.find("0" * 16) is None


def test_a_command_runs_without_a_shell(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    with pytest.raises(KeyStoreError):
        KeyCommand(f"true; touch {witness}").newest()
    assert not witness.exists()


@pytest.mark.parametrize(
    "place",
    [
        _command("import sys; print('hunter2'); sys.exit(3)"),
        _command("print('hunter2')"),
        KeyCommand("/no/such/program hunter2"),
        KeyCommand("unclosed 'quote hunter2"),
        KeyCommand(" "),
    ],
)
def test_a_command_that_fails_is_told_and_not_quoted(place: KeyCommand) -> None:
    with pytest.raises(KeyStoreError) as raised:
        place.newest()
    assert "hunter2" not in str(raised.value)
    assert raised.value.hint


def test_a_command_that_prints_without_end_is_stopped() -> None:
    endless = _command("while True: print('x' * 9999)")
    with pytest.raises(KeyStoreError, match="no key of ours"):
        endless.newest()


def test_a_command_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_places, "_PATIENCE_SECONDS", 0.3)
    # Once as itself, once as a child that holds the pipe; once with its output closed.
    hangs = "import time; time.sleep(5)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hangs!r}])"
    closed = f"import os; os.close(1); {hangs}"
    for script in (hangs, child, closed):
        with pytest.raises(KeyStoreError, match=r"could not be run \(TimeoutExpired\)"):
            _command(script).newest()


def test_a_command_that_prints_nothing_has_no_key() -> None:
    assert _command("pass").newest() is None


def test_nothing_can_be_added_behind_a_command() -> None:
    place = _command("pass")
    assert not place.can_add
    with pytest.raises(KeyStoreError, match="cannot be added") as raised:
        place.add(_key())
    assert "arf key new" in raised.value.hint
