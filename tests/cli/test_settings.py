"""profile and config."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import RunHere
from tests.support.command_line import arf
from tests.support.trees import snapshot
from tools.sample_content import FAKE_SECRETS

PROFILE = {"personal_info": {"first_name": "Test", "last_name": "Person", "email": "t@example.org"}}


@pytest.fixture
def profile_file(tmp_path: Path) -> Path:
    file = tmp_path / "profile.json"
    file.write_text(json.dumps(PROFILE))
    return file


# --- profile ----------------------------------------------------------------


def test_the_profile_is_shown_readably(here: RunHere, sample_vault: Path) -> None:
    live = json.loads((sample_vault / "data" / "user_profile.json").read_text())
    person = live["personal_info"]
    done = here("profile", vault=sample_vault)
    assert done.status == 0
    assert done.out.startswith(f"{person['first_name']} {person['last_name']}\n")
    for words in (live["work_experience"][0]["company"], live["skills"][0], "Education"):
        assert words in done.out
    assert here("profile", "show", vault=sample_vault).out == done.out
    shown = here("profile", "show", "--json", vault=sample_vault).result["profile"]
    assert shown["personal_info"]["email"] == person["email"]


def test_a_hostile_profile_cannot_write_to_the_terminal(
    here: RunHere, vault_dir: Path, profile_file: Path
) -> None:
    hostile: dict[str, Any] = {**PROFILE, "summary": "a\x1b[2J\nb", "skills": ["\u202eevil"]}
    profile_file.write_text(json.dumps(hostile))
    here("profile", "import", profile_file, vault=vault_dir)
    done = here("profile", vault=vault_dir)
    assert "a\\x1b[2J\nb\n" in done.out
    assert "\\u202eevil" in done.out
    assert "\x1b" not in done.out


def test_every_part_of_a_profile_is_shown(
    here: RunHere, vault_dir: Path, profile_file: Path
) -> None:
    full: dict[str, Any] = {
        **PROFILE,
        "education": [
            {
                "institution": "Uni",
                "degree": "BSc",
                "field_of_study": "Physics",
                "start_date": "2010-10",
                "end_date": "2013-09",
                "gpa": 3.5,
                "honors": ["Cum laude"],
            }
        ],
        "work_experience": [
            {
                "company": "Acme",
                "position": "Engineer",
                "start_date": "2014-01",
                "end_date": "Present",
                "responsibilities": ["Built\nthings"],
                "technologies": ["Python"],
            }
        ],
        "projects": [{"name": "Rover", "description": "Drives", "url": "https://example.org"}],
        "certifications": [
            {
                "name": "CKA",
                "issuer": "CNCF",
                "date_obtained": "2020-01",
                "expiration_date": "2023-01",
            }
        ],
    }
    profile_file.write_text(json.dumps(full))
    assert here("profile", "import", profile_file, vault=vault_dir).status == 0
    out = here("profile", vault=vault_dir).out
    for line in (
        "Engineer at Acme  2014-01 to Present",
        "  - Built things",
        "  Python",
        "BSc, Physics at Uni  2010-10 to 2013-09",
        "  GPA 3.50",
        "  - Cum laude",
        "Rover",
        "  Drives",
        "  https://example.org",
        "CKA by CNCF  2020-01, valid until 2023-01",
    ):
        assert f"{line}\n" in out


def test_there_is_no_profile_yet(here: RunHere, vault_dir: Path) -> None:
    here("init", vault=vault_dir)
    done = here("profile", "--json", vault=vault_dir)
    assert (done.status, done.error["code"]) == (1, "profile_not_found")


def test_a_profile_is_validated_without_a_vault(here: RunHere, profile_file: Path) -> None:
    assert here("profile", "validate", profile_file).status == 0
    profile_file.write_text(
        json.dumps({"personal_info": {"first_name": "T", "email": "no"}, "skills": "x"})
    )
    done = here("profile", "validate", profile_file)
    assert done.status == 1
    for field in ("personal_info.last_name", "personal_info.email", "skills"):
        assert f"  - {field}: " in done.err
    told = here("profile", "validate", profile_file, "--json").error
    assert len(told["problems"]) == 3


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"personal_info": NaN}'])
def test_what_is_no_profile_at_all(here: RunHere, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    done = here("profile", "validate", tmp_path / "x.json")
    assert done.status == 1
    assert "is not a valid profile" in done.err
    assert done.err.count("  - ") == 1


def test_the_profile_in_the_vault_is_validated_too(here: RunHere, sample_vault: Path) -> None:
    assert here("profile", "validate", vault=sample_vault).status == 0
    (sample_vault / "data" / "user_profile.json").write_text("{}")
    assert here("profile", "validate", vault=sample_vault).status == 1


def test_a_profile_is_imported_with_an_automatic_backup(
    here: RunHere, sample_vault: Path, profile_file: Path
) -> None:
    done = here("profile", "import", profile_file, "--yes", vault=sample_vault)
    assert done.status == 0
    assert "Saved the profile of Test Person" in done.out
    live = json.loads((sample_vault / "data" / "user_profile.json").read_text())
    assert live["personal_info"]["first_name"] == "Test"
    (backup,) = (sample_vault / "backups").iterdir()
    assert backup.name.startswith("auto_backup_")


def test_a_profile_is_not_replaced_where_nobody_can_be_asked(
    here: RunHere, sample_vault: Path, profile_file: Path
) -> None:
    before = snapshot(sample_vault)
    assert here("profile", "import", profile_file, vault=sample_vault).status == 2
    assert snapshot(sample_vault) == before


def test_an_invalid_profile_is_not_imported(
    here: RunHere, sample_vault: Path, profile_file: Path
) -> None:
    before = snapshot(sample_vault)
    profile_file.write_text("{}")
    assert here("profile", "import", profile_file, "--yes", vault=sample_vault).status == 1
    assert snapshot(sample_vault) == before


def test_a_first_profile_needs_no_question(
    here: RunHere, vault_dir: Path, profile_file: Path
) -> None:
    result = here("profile", "import", profile_file, "--json", vault=vault_dir).result
    assert (result["saved"], result["replaced"]) == (True, False)


def test_a_file_that_is_not_there(here: RunHere, tmp_path: Path) -> None:
    done = here("profile", "validate", tmp_path / "absent\x1b.json")
    assert done.status == 2
    assert "absent\\x1b.json" in done.err


def test_the_place_of_the_profile(here: RunHere, sample_vault: Path) -> None:
    live = sample_vault / "data" / "user_profile.json"
    assert here("profile", "path", vault=sample_vault).out == f"{live}\n"
    live.rename(live.with_suffix(".json.enc"))
    assert here("profile", "path", "--json", vault=sample_vault).result == {
        "event": "result",
        "path": f"{live}.enc",
        "exists": True,
    }


# --- config -----------------------------------------------------------------


@pytest.mark.parametrize("command", [["config"], ["config", "show"], ["config", "show", "--json"]])
def test_no_secret_is_ever_shown(here: RunHere, sample_vault: Path, command: list[str]) -> None:
    done = here(*command, vault=sample_vault)
    assert done.status == 0
    assert "ai_providers:" in done.out
    assert not [secret for secret in FAKE_SECRETS if secret in done.out + done.err]


def test_a_setting_is_shown_and_a_secret_is_not(here: RunHere, sample_vault: Path) -> None:
    assert here("config", "get", "backup.max_backups", vault=sample_vault).out.strip().isdigit()
    done = here("config", "get", "ai_providers.openai.api_key", vault=sample_vault)
    assert done.status == 0
    assert not [secret for secret in FAKE_SECRETS if secret in done.out + done.err]


def test_a_setting_that_is_not_there(here: RunHere, sample_vault: Path) -> None:
    done = here("config", "get", "no.such.setting", "--json", vault=sample_vault)
    assert (done.status, done.error["code"]) == (1, "config_invalid")


@pytest.mark.parametrize(
    ("name", "typed", "stored"),
    [
        ("backup.max_backups", "20", 20),
        ("backup.auto_backup_enabled", "false", False),
        ("ai_providers.openai.temperature", "0.5", 0.5),
        ("ai_providers.openai.model", "4", "4"),  # a text stays one
        ("default_resume", "true", "true"),
        ("default_resume", "", ""),
        ("default_resume", "- a: [b", "- a: [b"),
    ],
)
def test_a_value_keeps_the_kind_that_its_setting_has(
    here: RunHere, vault_dir: Path, name: str, typed: str, stored: object
) -> None:
    here("init", vault=vault_dir)
    assert here("config", "set", name, "--", typed, vault=vault_dir).status == 0
    assert here("config", "get", name, "--json", vault=vault_dir).result["value"] == stored


@pytest.mark.parametrize(
    ("config", "setting", "stored"),
    [
        ("backup: {max_backups: ten}", "backup.max_backups=20", 20),
        ("backup: {max_backups: '5'}", "backup.max_backups=5", 5),
        ("backup: {auto_backup_enabled: 'yes'}", "backup.auto_backup_enabled=true", True),
        ("version: 2", "version=3", "3"),
        ("encryption: {recipients: age1a}", "encryption.recipients=age1b", ["age1b"]),
        ("a: 1", "encryption.recipients=[age1a, 'age1b']", ["age1a", "age1b"]),
        ("encryption: {recipients: [5, age1b]}", "encryption.recipients[0]=7", "7"),
        ("encryption: {recipients: [age1a]}", "encryption.recipients=", []),
    ],
)
def test_a_setting_of_the_wrong_kind_can_be_mended(
    here: RunHere, vault_dir: Path, config: str, setting: str, stored: object
) -> None:
    name, _, typed = setting.partition("=")
    here("init", vault=vault_dir)
    (vault_dir / "config.yaml").write_text(config)
    assert here("config", "set", name, "--", typed, vault=vault_dir).status == 0
    assert here("config", "get", name, "--json", vault=vault_dir).result["value"] == stored
    told = here("doctor", "--json", vault=vault_dir).result["checks"]
    assert [check["state"] for check in told if check["name"] == "settings"] == ["ok"]


@pytest.mark.parametrize("typed", ["many", "true", "1.5", "0"])
def test_a_value_of_the_wrong_kind_is_refused_for_a_new_setting_too(
    here: RunHere, vault_dir: Path, typed: str
) -> None:
    here("init", vault=vault_dir)
    (vault_dir / "config.yaml").write_text("a: 1\n")
    done = here("config", "set", "backup.max_backups", typed, "--json", vault=vault_dir)
    assert (done.status, done.error["code"]) == (1, "config_invalid")
    assert (vault_dir / "config.yaml").read_text() == "a: 1\n"


def test_the_rest_of_the_settings_stays_as_it_is(here: RunHere, sample_vault: Path) -> None:
    config = sample_vault / "config.yaml"
    before = config.read_text().splitlines()
    here("config", "set", "selected_provider", "anthropic", vault=sample_vault)
    after = config.read_text().splitlines()
    changed = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert len(changed) == 1
    assert "anthropic" in changed[0][1]


def test_a_key_is_read_from_standard_input_and_never_shown(sample_vault: Path) -> None:
    name = "ai_providers.openai.api_key"
    done = arf("config", "set", name, vault=sample_vault, typed="sk-test-1234\n")
    assert (done.status, done.err) == (0, "")
    assert "sk-test-1234" not in done.out
    assert "sk-test-1234" in (sample_vault / "config.yaml").read_text()


def test_without_a_value_nothing_is_set(here: RunHere, sample_vault: Path) -> None:
    before = snapshot(sample_vault)
    done = here("config", "set", "selected_provider", vault=sample_vault)
    assert done.status == 2
    assert snapshot(sample_vault) == before


def test_a_value_that_does_not_fit_is_refused(here: RunHere, sample_vault: Path) -> None:
    before = snapshot(sample_vault)
    done = here("config", "set", "backup.max_backups", "many", vault=sample_vault)
    assert done.status == 1
    assert "max_backups" in done.err
    assert snapshot(sample_vault) == before


def test_settings_that_cannot_be_read_are_not_shown_at_all(
    here: RunHere, sample_vault: Path
) -> None:
    # What cannot be read cannot be searched for secrets.
    (sample_vault / "config.yaml").write_text("api_key: sk-secret-0123456789\n\t- : [")
    for command in (["config"], ["config", "get", "api_key"], ["config", "set", "a", "b"]):
        done = here(*command, vault=sample_vault)
        assert (done.status, done.out) == (1, "")
        assert "config.yaml cannot be read" in done.err
        assert "sk-secret" not in done.err


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_profile_of_the_first_or_the_last_day_is_shown_in_every_zone(
    here: RunHere, sample_vault: Path, zone: Callable[[str], None], when: str
) -> None:
    file = sample_vault / "data" / "user_profile.json"
    file.write_text(json.dumps(PROFILE | {"last_updated": when}))
    for name in ("America/New_York", "Asia/Tokyo"):
        zone(name)
        done = here("profile", vault=sample_vault)
        assert done.status == 0, done
        assert f"Last updated {int(when[:4])}" in done.out.replace("updated 000", "updated ")
