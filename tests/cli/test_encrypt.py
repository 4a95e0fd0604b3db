"""``arf encrypt`` and ``arf key``, as a person uses them and as a program does."""

import shlex
import sys
from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from tests.cli.conftest import RunHere
from tests.support.command_line import Conversation
from tests.support.kits import WORDS, make_scrypt_cheap
from tests.support.plaintext import PROFILE, found_in
from tests.support.trees import snapshot


@pytest.fixture(autouse=True)
def _cheap_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    make_scrypt_cheap(monkeypatch)


@pytest.fixture
def vault(vault_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A vault with the planted profile; keys go into a file beside it."""
    monkeypatch.setenv("AUTORESUMEFILLER_KEY_FILE", str(tmp_path / "key"))
    UserDataManager(vault_dir).save_user_profile(PROFILE)
    return vault_dir


@pytest.fixture
def words(tmp_path: Path) -> Path:
    file = tmp_path / "words"
    file.write_text(f"{WORDS}\nsecond line\n")
    return file


def test_on_rotate_kit_and_off(vault: Path, words: Path, tmp_path: Path, here: RunHere) -> None:
    kit = tmp_path / "kit.txt"
    said = [here("encrypt", vault=vault).out]
    done = here("encrypt", "on", "--kit", kit, "--passphrase-file", words, vault=vault)
    assert done.status == 0
    said += [done.out, done.err]
    for file in (kit, kit.with_suffix(".html")):
        assert file.stat().st_mode & 0o777 == 0o600
        assert WORDS not in file.read_text()
    proven = here("key", "verify-kit", kit, "--passphrase-file", words, vault=vault)
    assert (proven.status, proven.out) == (
        0,
        "✓ This recovery kit opens this vault: it decrypted the profile.\n",
    )
    assert "The profile is encrypted." in here("key", vault=vault).out
    assert here("key", "rotate", vault=vault).status == 0
    second = tmp_path / "second.txt"
    assert here("key", "kit", "--kit", second, "--passphrase-file", words, vault=vault).status == 0
    wrong = here("key", "verify-kit", kit, "--passphrase-file", words, "--json", vault=vault)
    assert (wrong.status, wrong.error["code"]) == (4, "wrong_key")
    assert found_in(vault) == []
    assert "Planted-First" in here("profile", vault=vault).out
    assert here("encrypt", "off", vault=vault).status == 2
    assert here("encrypt", "off", "--yes", vault=vault).status == 0
    assert (vault / "data" / "user_profile.json").exists()
    assert all("Planted" not in text for text in said)


def test_how_things_stand_is_said_in_every_state(
    vault: Path, words: Path, tmp_path: Path, here: RunHere
) -> None:
    def said() -> str:
        done = here("encrypt", vault=vault)
        assert done.status == 0
        return done.out + done.err

    profile, config = vault / "data" / "user_profile.json", vault / "config.yaml"
    assert said() == "The profile is not encrypted.\n"
    text = config.read_text()
    config.write_text(text.replace("encryption_enabled: false", "encryption_enabled: true"))
    assert "in clear still" in said()
    kept = profile.read_bytes()
    profile.unlink()
    assert "no profile yet; it will be encrypted" in said()
    config.write_text(text)
    assert "no profile yet; it will not" in said()
    profile.write_bytes(kept)
    here("encrypt", "on", "--kit", tmp_path / "kit.txt", "--passphrase-file", words, vault=vault)
    assert said().startswith("The profile is encrypted.\nIts key is kept in the key file")
    sealed = profile.with_suffix(".json.enc")
    sealed.write_bytes(sealed.read_bytes()[:20])
    assert "The profile is encrypted.\n" in said()
    assert "Authentication failed" in said()
    sealed.write_bytes(b"of another program")
    assert "not encrypted by this version" in said()
    assert "kept in" not in said()


def test_results_for_programs(vault: Path, words: Path, tmp_path: Path, here: RunHere) -> None:
    kit = tmp_path / "kit.txt"
    on = ("encrypt", "on", "--json", "--kit", kit, "--passphrase-file", words)
    done = here(*on, vault=vault).result
    assert done["encrypted"] is True
    assert (done["kit"], done["kit_page"]) == (str(kit), str(kit.with_suffix(".html")))
    status = here("encrypt", "status", "--json", vault=vault).result
    assert (status["key_id"], status["key_found"]) == (done["key_id"], True)
    (tmp_path / "key").unlink()
    gone = here("encrypt", "--json", vault=vault).result
    assert (gone["encrypted"], gone["key_found"]) == (True, False)
    locked = here("profile", "--json", vault=vault)
    assert (locked.status, locked.error["code"]) == (4, "key_not_found")
    assert "healthy" in here("doctor", "--json", vault=vault).result


def test_a_person_types_the_passphrase_twice_and_nobody_sees_it(
    vault: Path, tmp_path: Path
) -> None:
    kit = tmp_path / "kit.txt"
    with Conversation("encrypt", "on", "--kit", kit, vault=vault) as person:
        person.expect("10 characters or more: ")
        person.type(f"{WORDS}\n")
        person.expect("Once more: ")
        person.type(f"{WORDS}\n")
        person.expect("Recovery kit: ")
        assert person.finish() == 0
        assert WORDS not in person.raw
    with Conversation("key", "verify-kit", kit, vault=vault) as person:
        person.expect("The passphrase of the recovery kit: ")
        person.type("not the right words\n")
        person.expect("The passphrase is wrong")
        assert person.finish() == 4


def test_two_different_passphrases_change_nothing(vault: Path, tmp_path: Path) -> None:
    before = snapshot(vault)
    with Conversation("encrypt", "on", "--kit", tmp_path / "kit", vault=vault) as person:
        person.expect("10 characters or more: ")
        person.type(f"{WORDS}\n")
        person.expect("Once more: ")
        person.type("other words\n")
        person.expect("The two passphrases differ")
        assert person.finish() == 2
    assert snapshot(vault) == before


def test_without_a_terminal_a_passphrase_file_is_needed(vault: Path, here: RunHere) -> None:
    before = snapshot(vault)
    done = here("encrypt", "on", "--json", vault=vault)
    assert (done.status, done.error["code"]) == (4, "passphrase_required")
    assert "--passphrase-file" in done.error["hint"]
    assert snapshot(vault) == before


@pytest.mark.parametrize("place", ["vault/kit.txt", "vault/backups/../kit.txt", "there"])
def test_a_kit_is_never_saved_in_the_vault_nor_over_a_file(
    vault: Path, words: Path, tmp_path: Path, place: str, here: RunHere
) -> None:
    (tmp_path / "there").write_text("mine")
    before = snapshot(tmp_path)
    kit = tmp_path / place
    done = here("encrypt", "on", "--kit", kit, "--passphrase-file", words, vault=vault)
    assert done.status != 0
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("place", ["nowhere/kit.txt", "kit.html", "vault", "taken.txt"])
def test_a_bad_place_for_the_kit_is_told_before_a_passphrase_is_asked_for(
    vault: Path, tmp_path: Path, here: RunHere, place: str
) -> None:
    (tmp_path / "taken.html").write_text("mine")
    before = snapshot(tmp_path)
    done = here("encrypt", "on", "--kit", tmp_path / place, "--json", vault=vault)
    assert done.error["code"] in {"invalid_argument", "output_exists"}
    assert snapshot(tmp_path) == before


def test_a_kit_goes_into_a_folder_under_its_usual_name(
    vault: Path, words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: RunHere
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    on = ("encrypt", "on", "--json", "--kit", stick, "--passphrase-file", words)
    done = here(*on, vault=vault).result
    assert sorted(map(str, stick.iterdir())) == sorted([done["kit"], done["kit_page"]])
    assert Path(done["kit"]).name.startswith("recovery-kit-")
    # Left out, it is the current folder: a kit that is there already is told before asking.
    monkeypatch.chdir(stick)
    again = here("key", "kit", "--json", vault=vault)
    assert again.error["code"] == "output_exists"


def test_a_file_that_is_no_kit_is_told(
    vault: Path, words: Path, tmp_path: Path, here: RunHere
) -> None:
    on = ("encrypt", "on", "--kit", tmp_path / "kit.txt", "--passphrase-file", words)
    assert here(*on, vault=vault).status == 0
    for file, status, code in (
        (words, 4, "recovery_kit_invalid"),
        (tmp_path / "none", 2, "invalid_argument"),
    ):
        done = here("key", "verify-kit", file, "--json", vault=vault)
        assert (done.status, done.error["code"]) == (status, code)
    assert WORDS not in here("key", "verify-kit", words, vault=vault).err


def test_a_key_for_a_password_manager(
    vault: Path, words: Path, tmp_path: Path, here: RunHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit, safe = tmp_path / "kit.txt", tmp_path / "safe"
    made = here("key", "new", "--json", "--kit", kit, "--passphrase-file", words, vault=vault)
    safe.write_text(made.result["key"])
    monkeypatch.delenv("AUTORESUMEFILLER_KEY_FILE")
    monkeypatch.setenv("AUTORESUMEFILLER_KEY_COMMAND", f"cat '{safe}'")
    assert here("encrypt", "on", vault=vault).status == 0
    proven = here("key", "verify-kit", kit, "--passphrase-file", words, vault=vault)
    assert proven.status == 0


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ({}, "key_store_failed"),  # there is no keyring in these tests
        ({"AUTORESUMEFILLER_KEY_FILE": "no-such-folder/key"}, "key_store_failed"),
        ({"AUTORESUMEFILLER_KEY_FILE": "vault/data/key"}, "key_store_failed"),
        ({"AUTORESUMEFILLER_KEY_COMMAND": "false"}, "key_store_failed"),
        ({"AUTORESUMEFILLER_KEY_FILE": "key"}, "passphrase_required"),
    ],
)
def test_nobody_thinks_of_a_passphrase_in_vain(
    vault: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    here: RunHere,
    *,
    place: dict[str, str],
    code: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTORESUMEFILLER_KEY_FILE")
    for name, value in place.items():
        monkeypatch.setenv(name, value)
    before = snapshot(vault)
    done = here("encrypt", "on", "--json", vault=vault)
    assert (done.status, done.error["code"]) == (4, code)
    assert snapshot(vault) == before


def test_what_cannot_have_a_new_kit_says_so_before_a_passphrase_is_asked_for(
    vault: Path, words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: RunHere
) -> None:
    kit = tmp_path / "kit.txt"
    assert here("key", "kit", "--json", vault=vault).error["code"] == "invalid_argument"
    here("encrypt", "on", "--kit", kit, "--passphrase-file", words, vault=vault)
    assert here("encrypt", "on", "--json", vault=vault).error["code"] == "invalid_argument"
    monkeypatch.delenv("AUTORESUMEFILLER_KEY_FILE")
    command = [sys.executable, "-c", "import sys; print(open(sys.argv[1]).read())"]
    command.append(str(tmp_path / "key"))
    monkeypatch.setenv("AUTORESUMEFILLER_KEY_COMMAND", shlex.join(command))
    done = here("key", "kit", "--passphrase-file", words, "--json", vault=vault)
    assert (done.status, done.error["code"]) == (4, "key_store_failed")
    assert "arf key new" in done.error["hint"]
