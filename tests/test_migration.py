"""The machine that is gone: everything from an encrypted backup and the kit, played end to end.

Machine A is a home with an encrypted vault, its keys in a real keyring of its
own. It is deleted. Machine B is another home, with no entry in its keyring.
"""

import json
import os
import re
import shutil
import urllib.request
from pathlib import Path

import pytest

from tests.support.command_line import Conversation, Finished, arf
from tests.support.plaintext import PLANTED, PROFILE, found_in
from tests.support.secret_service import in_session

WORDS = "four words for tests"
SECRET = "sk-planted-secret-0123456789abcdef"


class Machine:
    """A home directory, a place for temporary files, and what was said on its terminal."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.temporary = home / "tmp"
        self.temporary.mkdir(parents=True)
        self.said = ""

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "TMPDIR": str(self.temporary),
            "AUTORESUMEFILLER_HOME": str(self.vault),
            "AUTORESUMEFILLER_KEY_FILE": str(self.home / "key"),
        }

    @property
    def vault(self) -> Path:
        return self.home / "vault"

    def arf(self, *arguments: str | Path, typed: str | None = None) -> Finished:
        done = arf(*arguments, env=self.environment, cwd=self.home, typed=typed)
        self.said += done.out + done.err
        return done

    def person(self, *arguments: str | Path) -> Conversation:
        return Conversation(*arguments, env=self.environment)

    @property
    def leaks(self) -> list[str]:
        """Planted words on the disk (vault, temporary files, logs) or on the terminal."""
        said = [f"said: {word}" for word in (*PLANTED, SECRET) if word in self.said]
        config = self.vault / "config.yaml"
        return [*said, *found_in(self.home, without=(config,))]


@pytest.fixture
def a(tmp_path: Path) -> Machine:
    """Machine A with an encrypted vault and its kit on a stick."""
    machine = Machine(tmp_path / "a")
    profile, words = tmp_path / "profile.json", tmp_path / "words"
    profile.write_text(json.dumps(PROFILE))
    words.write_text(WORDS)
    assert machine.arf("init").status == 0
    kit = tmp_path / "stick" / "kit.txt"
    kit.parent.mkdir()
    on = ("encrypt", "on", "--kit", kit, "--passphrase-file", words)
    assert machine.arf(*on).status == 0
    # In clear it was never on this machine: encryption was on before there was a profile.
    assert machine.arf("profile", "import", "--yes", profile).status == 0
    machine.said = ""  # it greets the person by name
    key = ("config", "set", "ai_providers.openai.api_key")
    assert machine.arf(*key, typed=f"{SECRET}\n").status == 0
    (machine.vault / "resumes" / "resume.pdf").write_bytes(os.urandom(100_000))
    return machine


@pytest.fixture
def stick(a: Machine, tmp_path: Path) -> Path:
    return tmp_path / "stick"


@pytest.fixture
def b(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "b")


@pytest.mark.parametrize("secrets", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_everything_comes_back_with_the_backup_and_the_kit(
    a: Machine, b: Machine, stick: Path, tmp_path: Path, secrets: bool
) -> None:
    options = ["--include-secrets"] if secrets else []
    made = a.arf("export", "--json", "--encrypt", *options, stick)
    backup = Path(made.result["output_path"])
    assert backup.name.endswith(".zip.age")
    assert a.leaks == []
    document = (a.vault / "resumes" / "resume.pdf").read_bytes()
    shutil.rmtree(a.home)

    words = tmp_path / "words"
    refused = b.arf("import", "--json", backup)
    assert (refused.status, refused.error["code"]) == (4, "wrong_key")
    assert "--kit" in refused.error["hint"]
    assert list(b.home.iterdir()) == [b.temporary], "not even an empty vault"
    done = b.arf("import", "--json", backup, "--kit", stick / "kit.txt", "--passphrase-file", words)
    assert done.status == (0 if secrets else 3)
    missing = [] if secrets else ["ai_providers.openai.api_key"]
    assert done.result["keys_to_type_in_again"] == missing
    assert b.leaks == []
    assert (b.vault / "resumes" / "resume.pdf").read_bytes() == document
    assert (SECRET in (b.vault / "config.yaml").read_text()) is secrets
    shown = b.arf("profile", "--json").result["profile"]
    assert shown["personal_info"]["first_name"] == PLANTED[0]
    # B has a key of its own, and the same kit.
    b.said = ""
    proven = b.arf("key", "verify-kit", stick / "kit.txt", "--passphrase-file", words, "--json")
    assert proven.result["proven_on"] == "profile"
    assert b.arf("undo", "--yes").status == 0
    assert b.leaks == []


def test_a_person_is_asked_for_the_kit_and_its_passphrase(
    a: Machine, b: Machine, stick: Path
) -> None:
    backup = Path(a.arf("export", "--json", "--encrypt", stick).result["output_path"])
    with b.person("import", backup) as person:
        person.expect("The file with your recovery kit")
        person.type(f"{stick / 'kit.txt'}\n")
        person.expect("The passphrase of the recovery kit: ")
        person.type(f"{WORDS}\n")
        person.expect("Imported ")
        assert person.finish() == 3
        assert WORDS not in person.raw
    assert b.arf("profile").out.count(PLANTED[0]) == 1


@pytest.mark.slow
def test_every_command_takes_an_encrypted_backup(
    a: Machine, b: Machine, stick: Path, tmp_path: Path
) -> None:
    words, kit = tmp_path / "words", stick / "kit.txt"
    name = Path(a.arf("export", "--json", "--encrypt").result["output_path"]).name
    assert a.arf("verify", name).status == 0
    assert "encrypted" in a.arf("list").out
    assert a.arf("show", "--json", name).result["metadata"]["scope"] == "full"
    assert a.arf("salvage", name, tmp_path / "saved").status == 0
    assert (tmp_path / "saved" / "resumes" / "resume.pdf").exists()
    assert a.leaks == []
    # Elsewhere, without a vault, with the kit.
    elsewhere = Path(shutil.copy(a.vault / "backups" / name, stick))
    for command, arguments in (("verify", ()), ("show", ()), ("salvage", (tmp_path / "again",))):
        given = ("--kit", kit, "--passphrase-file", words)
        assert b.arf(command, elsewhere, *arguments).status == 4
        assert b.arf(command, elsewhere, *arguments, *given).status == 0
    assert not b.vault.exists()
    assert list(b.temporary.iterdir()) == []
    assert b.leaks == []
    spoilt = stick / "spoilt.zip.age"
    for content, code in (
        (elsewhere.read_bytes()[:-30], "encrypted_file_truncated"),
        (_last_bit_flipped(elsewhere.read_bytes()), "encrypted_file_damaged"),
        (b"a shopping list", "not_encrypted"),
    ):
        spoilt.write_bytes(content)
        for command in ("verify", "show", "import"):
            done = a.arf(command, "--json", spoilt)
            assert (done.status, done.error["code"]) == (5, code)


def test_a_passphrase_is_typed_twice_and_asked_for_again(
    a: Machine, b: Machine, tmp_path: Path
) -> None:
    backup = tmp_path / "words.zip"
    with a.person("export", "--passphrase", backup) as person:
        person.expect("A passphrase for this backup: ")
        person.type("some other words\n")
        person.expect("Once more: ")
        person.type("some other words\n")
        person.expect("Exported ")
        assert person.finish() == 0
    with b.person("verify", f"{backup}.age") as person:
        person.expect("The passphrase of the backup: ")
        person.type("some other words\n")
        person.expect("It is whole")
        assert person.finish() == 0
        assert "some other words" not in person.raw


def _last_bit_flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


IN_KEYRING_OF_A = """
import sys
from pathlib import Path
from autoresumefiller import UserDataManager
import json
manager = UserDataManager(sys.argv[1])
kit = []
manager.encrypt_on("four words for tests", kit.append)
manager.save_user_profile(json.loads(sys.argv[2]))
Path(sys.argv[3]).write_text(kit[0].text)
print(manager.export_all(sys.argv[4], encrypt=True)["output_path"])
"""
IN_KEYRING_OF_B = """
import sys
from pathlib import Path
import keyring
from autoresumefiller import UserDataManager
from autoresumefiller.backup.unlocking import Unlocking
assert keyring.get_password("autoresumefiller", "encryption_key") is None
manager = UserDataManager(sys.argv[1])
kit = Unlocking(kit=Path(sys.argv[3]).read_text(), passphrase="four words for tests")
manager.import_from_backup(sys.argv[2], unlock_callback=lambda need: kit)
print(UserDataManager(sys.argv[1]).load_user_profile().personal_info.first_name)
assert keyring.get_password("autoresumefiller", "encryption_key").startswith("ARF-KEY-1.")
"""


@pytest.mark.slow
def test_between_two_real_keyrings(tmp_path: Path) -> None:
    one, other, kit = tmp_path / "one", tmp_path / "other", tmp_path / "kit.txt"
    made = in_session(
        one, IN_KEYRING_OF_A, one / "vault", json.dumps(PROFILE), kit, tmp_path / "backup.zip"
    )
    assert found_in(one) == []
    shutil.rmtree(one)
    said = in_session(other, IN_KEYRING_OF_B, other / "vault", made.strip(), kit)
    assert said.strip() == PLANTED[0]
    assert found_in(other) == []


def test_a_server_of_an_encrypted_vault_gives_nothing_away(a: Machine, tmp_path: Path) -> None:
    token = "a-token-for-this-test-0123456789abcdef"
    a_environment = a.environment | {"AUTORESUMEFILLER_TOKEN": token}
    with Conversation("serve", "--port", "0", env=a_environment) as person:
        person.expect("Ctrl-C stops it.")
        address = re.search(r"is at (http://[^/\s]+)", person.text)
        assert address is not None
        heads = {"Authorization": f"Bearer {token}"}
        answers = []
        for path, method in (("create?wait=true", "POST"), ("list", "GET")):
            url = f"{address[1]}/api/backup/{path}"
            request = urllib.request.Request(url, method=method, headers=heads)
            with urllib.request.urlopen(request) as answer:
                answers.append(answer.read().decode())
        person.type("\x03")
        assert person.finish() == 0
        said = person.raw + "".join(answers)
    assert "autoresumefiller_backup_" in said
    assert [word for word in (*PLANTED, SECRET) if word in said] == []
    assert a.leaks == []
