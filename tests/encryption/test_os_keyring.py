"""The system's keyring: a real one, and every way in which there is none."""

import subprocess
import sys
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordSetError

from autoresumefiller.encryption.os_keyring import ENTRY, SERVICE, KeyringStore
from autoresumefiller.encryption.vault_key import VaultKey
from autoresumefiller.errors import KeyStoreError
from tests.support.secret_service import LOCK, in_session

USE = """
from autoresumefiller.encryption.os_keyring import KeyringStore
from autoresumefiller.encryption.vault_key import VaultKey
from autoresumefiller.errors import KeyStoreError
place = KeyringStore()
"""


def test_keys_are_kept_in_a_real_secret_service(tmp_path: Path) -> None:
    first, second = (VaultKey.generate(recovery="") for _ in range(2))
    stored = in_session(
        tmp_path,
        USE + "import keyring, sys\n"
        "first, second = map(VaultKey.parse, sys.argv[1:])\n"
        "assert place.find(first.key_id) is None\n"
        "for key in (first, second, first): place.add(key)\n"
        "assert place.find(first.key_id) == first\n"
        "assert place.find(second.key_id) == second\n"
        "print(keyring.get_password('autoresumefiller', 'encryption_key'))\n"
        "print(keyring.get_password('autoresumefiller', 'encryption_key:' + second.key_id))\n",
        first.to_text(),
        second.to_text(),
    )
    assert stored.split() == [first.to_text(), second.to_text()]
    # Another login: the keyring's file is there, and it is encrypted.
    script = f"{USE}import sys; print(place.find(sys.argv[1]).to_text())"
    assert in_session(tmp_path, script, second.key_id).strip() == second.to_text()
    files = [path for path in (tmp_path / "share").rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert second.to_text().encode() not in path.read_bytes()


TELL = """
for use in (lambda: place.find('0' * 16), lambda: place.add(VaultKey.generate(recovery=''))):
    try:
        use()
    except KeyStoreError as error:
        print(error.message, '|', error.hint)
    else:
        print('no error')
"""


def test_a_locked_keyring_is_told(tmp_path: Path) -> None:
    said = in_session(tmp_path, USE + "place.add(VaultKey.generate(recovery=''))\n" + LOCK + TELL)
    for line in said.splitlines():
        assert line.startswith("The system's keyring is locked | Unlock it")
        assert "AUTORESUMEFILLER_KEY_FILE" in line
    assert len(said.splitlines()) == 2


def test_a_keyring_that_was_never_opened_is_told(tmp_path: Path) -> None:
    said = in_session(tmp_path, USE + TELL, unlocked=False)
    assert [line.partition(" |")[0] for line in said.splitlines()] == [
        "The system's keyring is locked"
    ] * 2


@pytest.mark.parametrize(
    ("backend", "told"),
    [
        ("keyring.backends.null.Keyring", "switched off"),
        ("keyring.backends.fail.Keyring", "There is no keyring"),
        ("nonsense.Keyring", "could not be opened (ModuleNotFoundError)"),
    ],
)
def test_a_system_without_a_keyring_is_told(backend: str, told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", USE + TELL],
        env={"PYTHON_KEYRING_BACKEND": backend, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert told in line
        assert "AUTORESUMEFILLER_KEY_FILE" in line


class _Backend(KeyringBackend):
    """A keyring in memory that fails as it is told to."""

    priority = 5  # type: ignore[assignment]
    viable = False  # type: ignore[assignment] # never chosen by keyring itself

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.error: Exception | None = None
        self.forgets = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.error:
            raise self.error
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.error:
            raise self.error
        if not self.forgets:
            self.kept[service, username] = password


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> _Backend:
    made = _Backend()
    monkeypatch.setattr(keyring, "get_keyring", lambda: made)
    return made


def test_an_entry_is_never_overwritten(backend: _Backend) -> None:
    keys = [VaultKey.generate(recovery="") for _ in range(4)]
    for key in [*keys, *keys]:
        KeyringStore().add(key)
    assert sorted(backend.kept.values()) == sorted(key.to_text() for key in keys)
    assert backend.kept[SERVICE, ENTRY] == keys[0].to_text()
    assert [KeyringStore().find(key.key_id) for key in keys] == keys


def test_an_entry_of_another_program_is_left_alone(backend: _Backend) -> None:
    key = VaultKey.generate(recovery="")
    backend.kept = {(SERVICE, ENTRY): "hunter2", (SERVICE, f"{ENTRY}:{key.key_id}"): key.to_text()}
    assert KeyringStore().find(key.key_id) == key
    with pytest.raises(KeyStoreError) as raised:
        KeyringStore().add(VaultKey.generate(recovery=""))
    assert "hunter2" not in str(raised.value)
    assert backend.kept[SERVICE, ENTRY] == "hunter2"


@pytest.mark.parametrize(
    "error", [KeyringLocked("s3cret"), PasswordSetError("s3cret"), OSError("s3cret"), ValueError()]
)
def test_whatever_a_keyring_raises_is_ours_and_quotes_nothing(
    backend: _Backend, error: Exception
) -> None:
    backend.error = error
    for use in (lambda: KeyringStore().find("0" * 16), lambda: KeyringStore().add(_KEY)):
        with pytest.raises(KeyStoreError) as raised:
            use()
        assert "s3cret" not in str(raised.value)


def test_a_keyring_that_forgets_is_noticed(backend: _Backend) -> None:
    backend.forgets = True
    with pytest.raises(KeyStoreError, match="does not give it back"):
        KeyringStore().add(_KEY)


def test_a_keyring_of_plain_files_gets_no_key(backend: _Backend) -> None:
    backend.priority = 0.5  # type: ignore[misc]
    with pytest.raises(KeyStoreError, match="does not protect"):
        KeyringStore().add(_KEY)
    assert backend.kept == {}


def test_importing_the_module_does_not_load_the_keyring() -> None:
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys\n"
            "from autoresumefiller.encryption import cipher, envelope, key_places, recovery\n"
            "assert not {'keyring', 'pyrage', 'cryptography'} & sys.modules.keys()",
        ],
        check=True,
    )


_KEY = VaultKey.generate(recovery="")
