"""Encrypted backups over HTTP: made, taken with passphrase or kit, refused with four answers."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autoresumefiller import UserDataManager
from autoresumefiller.api.problems import STATUS_OF_ERROR
from autoresumefiller.encryption.recovery import RecoveryKit
from tests.support.api_server import LiveServer, live_server
from tests.support.plaintext import PLANTED, PROFILE, found_in

WORDS = "four words for tests"


@pytest.fixture
def kits() -> list[RecoveryKit]:
    return []


@pytest.fixture
def encrypted(
    tmp_path: Path, kits: list[RecoveryKit], monkeypatch: pytest.MonkeyPatch
) -> Iterator[LiveServer]:
    """A server of an encrypted vault."""
    (tmp_path / "a").mkdir()
    monkeypatch.setenv("AUTORESUMEFILLER_KEY_FILE", str(tmp_path / "a" / "key"))
    manager = UserDataManager(tmp_path / "a" / "vault")
    manager.encrypt_on(WORDS, kits.append)
    manager.save_user_profile(PROFILE)
    with live_server(tmp_path / "a" / "vault") as running:
        yield running


@pytest.fixture
def elsewhere(
    encrypted: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LiveServer]:
    """A server of an empty vault on another machine."""
    (tmp_path / "b").mkdir()
    monkeypatch.setenv("AUTORESUMEFILLER_KEY_FILE", str(tmp_path / "b" / "key"))
    UserDataManager(tmp_path / "b" / "vault")
    with live_server(tmp_path / "b" / "vault") as running:
        yield running


def _make(server: LiveServer, **wanted: Any) -> Path:
    made = server.post("/api/backup/create?wait=true", status=201, json=wanted)
    path = server.vault / "backups" / made["filename"]
    assert path.is_file()
    return path


def _import(server: LiveServer, archive: Path, **fields: str) -> Any:
    job = server.upload(archive, confirm="false", **fields)
    return server.ended(job["id"])


def test_a_backup_for_the_kit_moves_to_another_machine(
    encrypted: LiveServer, elsewhere: LiveServer, kits: list[RecoveryKit], tmp_path: Path
) -> None:
    backup = _make(encrypted, encrypt=True)
    assert backup.name.endswith(".zip.age")
    assert not zipfile.is_zipfile(backup)
    refused = _import(elsewhere, backup)
    assert (refused["state"], refused["error"]["code"]) == ("failed", "wrong_key")
    wrong = _import(elsewhere, backup, kit=kits[0].text, passphrase="not the words")
    assert wrong["error"]["code"] == "wrong_key"
    done = _import(elsewhere, backup, kit=kits[0].text, passphrase=WORDS)
    assert done["state"] == "succeeded", done
    moved = UserDataManager(elsewhere.vault).load_user_profile()
    assert moved.personal_info.first_name == PLANTED[0]
    logs = elsewhere.stderr.read_text() + encrypted.stderr.read_text()
    assert found_in(tmp_path / "a", tmp_path / "b") == []
    for secret in (*PLANTED, WORDS, "not the words", kits[0].block.splitlines()[3]):
        assert secret not in logs
        assert secret not in str(done)


def test_a_backup_with_a_passphrase(encrypted: LiveServer, elsewhere: LiveServer) -> None:
    backup = _make(encrypted, passphrase="some other words")
    without = _import(elsewhere, backup)
    assert without["error"]["code"] == "passphrase_required"
    # The profile in it is still encrypted for the kit.
    locked = _import(elsewhere, backup, passphrase="some other words")
    assert locked["error"]["code"] == "profile_locked"
    carried = _import(elsewhere, backup, passphrase="some other words", carry_locked="true")
    assert carried["state"] == "succeeded"


def test_words_that_read_like_yes_or_no_are_words(
    encrypted: LiveServer, elsewhere: LiveServer
) -> None:
    backup = _make(encrypted, passphrase="some other words")
    expected = {
        "passphrase": "wrong_key",
        "kit": "recovery_kit_invalid",
        "kit_passphrase": "profile_locked",
    }
    for field, code in expected.items():
        for words in ("true", "False"):
            given = {"passphrase": "some other words"} | {field: words}
            assert _import(elsewhere, backup, **given)["error"]["code"] == code, (field, words)


def test_one_that_has_both_locks_is_opened_with_both_passphrases(
    encrypted: LiveServer, elsewhere: LiveServer, kits: list[RecoveryKit]
) -> None:
    backup = _make(encrypted, passphrase="some other words")
    keys = {"kit": kits[0].text, "passphrase": "some other words", "kit_passphrase": WORDS}
    assert _import(elsewhere, backup, **keys)["state"] == "succeeded"
    moved = UserDataManager(elsewhere.vault).load_user_profile()
    assert moved.personal_info.first_name == PLANTED[0]


@pytest.mark.parametrize(
    ("lock", "passphrase"),
    [({"encrypt": True}, WORDS), ({"passphrase": "some other words"}, "some other words")],
    ids=["for the kit", "with a passphrase"],
)
def test_one_from_elsewhere_is_verified_with_what_opens_it(
    encrypted: LiveServer,
    elsewhere: LiveServer,
    kits: list[RecoveryKit],
    lock: dict[str, Any],
    passphrase: str,
) -> None:
    made = _make(encrypted, **lock)
    backup = elsewhere.vault / "backups" / made.name
    backup.write_bytes(made.read_bytes())
    address = f"/api/backup/{backup.name}/verify"
    code = "wrong_key" if "encrypt" in lock else "passphrase_required"
    kit = {"kit": kits[0].text} if "encrypt" in lock else {}
    assert elsewhere.post(address, status=STATUS_OF_ERROR[code])["code"] == code
    wrong = kit | {"passphrase": "not the words"}
    refused = elsewhere.post(address, status=STATUS_OF_ERROR["wrong_key"], json=wrong)
    assert refused["code"] == "wrong_key"
    # What was not opened was not found bad either.
    assert elsewhere.get("/api/backup/list")["backups"][0]["verified"] is None
    verdict = elsewhere.post(address, json=kit | {"passphrase": passphrase})
    assert (verdict["valid"], verdict["errors"]) == (True, [])
    assert elsewhere.get("/api/backup/list")["backups"][0]["verified"]["valid"] is True
    assert list((elsewhere.vault / ".state/decrypted").glob("*")) == []
    elsewhere.stop()
    for secret in (passphrase, "not the words", kits[0].block.splitlines()[3]):
        assert secret not in elsewhere.log


def test_the_own_machine_needs_nothing_and_verifies(encrypted: LiveServer) -> None:
    backup = _make(encrypted, encrypt=True, name="mine")
    assert backup.name.startswith("mine_backup_")
    fetched = encrypted.client.get(f"/api/backup/{backup.name}")
    assert fetched.content == backup.read_bytes()
    assert fetched.headers["content-type"] == "application/octet-stream"
    verdict = encrypted.post(f"/api/backup/{backup.name}/verify")
    assert verdict["valid"] is True
    backup.write_bytes(backup.read_bytes()[:-9])
    verdict = encrypted.post(f"/api/backup/{backup.name}/verify")
    assert (verdict["valid"], len(verdict["errors"])) == (False, 1)
    assert "cut off" in verdict["errors"][0]


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"include_secrets": True}, 422),
        ({"recipients": ["age1nonsense"]}, 422),
        ({"passphrase": ""}, 422),
        ({"passphrase": 7}, 422),
    ],
)
def test_without_a_good_lock_there_is_no_file(
    encrypted: LiveServer, wanted: dict[str, Any], status: int
) -> None:
    before = sorted((encrypted.vault / "backups").iterdir())
    encrypted.post("/api/backup/create?wait=true", status=status, json=wanted)
    assert sorted((encrypted.vault / "backups").iterdir()) == before
