"""Encrypted backups: what the list says of them, and how one from elsewhere is opened."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from autoresumefiller import UserDataManager
from autoresumefiller.encryption.recovery import RecoveryKit
from tests.browser.conftest import Site
from tests.browser.test_access import audit
from tests.support.api_server import LiveServer

WORDS = "four words for tests"


@pytest.fixture
def kits() -> list[RecoveryKit]:
    return []


@pytest.fixture
def sealed(tmp_path: Path, kits: list[RecoveryKit], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup of another computer's vault, encrypted for its kit."""
    monkeypatch.setenv("AUTORESUMEFILLER_KEY_FILE", str(tmp_path / "key"))
    other = UserDataManager(tmp_path / "elsewhere")
    (other.data_dir / "resumes/from elsewhere.txt").write_text("hello")
    other.encrypt_on(WORDS, kits.append)
    return Path(other.export_all(tmp_path / "sealed.zip", encrypt=True)["output_path"])


def test_a_backup_from_elsewhere_is_opened_with_its_kit(
    site: Site, sealed: Path, kits: list[RecoveryKit], tmp_path: Path
) -> None:
    kit = tmp_path / "kit.txt"
    kit.write_text(kits[0].text)
    site.choose(sealed)
    site.page.get_by_role("alert").get_by_role("button", name="Unlock it …").click()
    expect(site.dialog()).to_contain_text("This backup is locked")
    audit(site.page)
    site.dialog().locator("input[type=password]").fill("not the words")
    site.dialog().locator("input[type=file]").set_input_files(kit)
    site.button("Unlock and import").click()
    site.page.get_by_role("alert").first.get_by_role("button", name="Unlock it …").click()
    site.dialog().locator("input[type=password]").fill(WORDS)
    site.dialog().locator("input[type=file]").set_input_files(kit)
    site.button("Unlock and import").click()
    expect(site.dialog()).to_contain_text("Import over what is here?")
    site.button("Import now").click()
    expect(site.notice("Imported")).to_be_visible()
    assert (site.server.vault / "resumes/from elsewhere.txt").read_text() == "hello"


def test_an_encrypted_backup_is_not_taken_for_a_broken_one(
    visit: Callable[..., Site], server: LiveServer
) -> None:
    wanted = {"passphrase": "some other words", "name": "sealed"}
    server.post("/api/backup/create?wait=true", status=201, json=wanted)
    site = visit()
    expect(site.rows()).to_have_count(1)
    expect(site.rows()).to_contain_text("encrypted")
    expect(site.rows()).to_contain_text("Not checked yet")
    expect(site.heading("Your data is backed up")).to_be_visible()
    expect(site.heading("Needs your attention")).to_be_hidden()
