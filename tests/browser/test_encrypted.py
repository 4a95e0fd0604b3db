"""Encrypted backups: what the list says of them, and how one from elsewhere is opened."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from autoresumefiller import UserDataManager
from autoresumefiller.encryption.recovery import RecoveryKit
from tests.browser.conftest import Site
from tests.browser.test_access import audit
from tests.support.api_server import LiveServer, live_server
from tests.support.holds import HOLDING, Holds
from tests.support.plaintext import PROFILE

WORDS = "four words for tests"


@pytest.fixture
def kits() -> list[RecoveryKit]:
    return []


def another_vault(
    tmp_path: Path, kits: list[RecoveryKit], monkeypatch: pytest.MonkeyPatch
) -> UserDataManager:
    """The vault of another computer, encrypted."""
    monkeypatch.setenv("AUTORESUMEFILLER_KEY_FILE", str(tmp_path / "key"))
    other = UserDataManager(tmp_path / "elsewhere")
    (other.data_dir / "resumes/from elsewhere.txt").write_text("hello")
    other.encrypt_on(WORDS, kits.append)
    return other


@pytest.fixture
def sealed(tmp_path: Path, kits: list[RecoveryKit], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup of another computer's vault, encrypted for its kit."""
    other = another_vault(tmp_path, kits, monkeypatch)
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


def test_one_from_elsewhere_is_checked_with_its_kit(
    site: Site, sealed: Path, kits: list[RecoveryKit], tmp_path: Path
) -> None:
    name = "elsewhere_backup_20250101_120000.zip.age"
    shutil.copy(sealed, site.server.vault / "backups" / name)
    kit = tmp_path / "kit.txt"
    kit.write_text(kits[0].text)
    site.page.reload()
    site.rows().get_by_role("button", name="Check").click()
    problem = site.page.get_by_role("alert")
    expect(problem).to_contain_text(name)
    expect(problem).not_to_contain_text("--")  # no option of a command line
    problem.get_by_role("button", name="Unlock it …").click()
    site.dialog().locator("input[type=password]").fill(WORDS)
    site.dialog().locator("input[type=file]").set_input_files(kit)
    site.button("Unlock and check").click()
    expect(site.notice("This backup is whole")).to_contain_text(name)
    expect(site.rows()).to_contain_text("Proven just now")
    assert list((site.server.vault / ".state/decrypted").iterdir()) == []


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


class TestWhereKeysCanBeKept:
    @pytest.fixture
    def server(
        self, sample_vault: Path, tmp_path: Path, holds: Holds, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[LiveServer]:
        monkeypatch.setenv("AUTORESUMEFILLER_KEY_FILE", str(tmp_path / "new key"))
        with live_server(sample_vault, before=HOLDING, env={"HOLD": str(holds.folder)}) as running:
            yield running

    def test_a_backup_with_two_locks_asks_for_one_after_the_other(
        self,
        visit: Callable[..., Site],
        tmp_path: Path,
        kits: list[RecoveryKit],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        site = visit()
        other = another_vault(tmp_path, kits, monkeypatch)
        other.save_user_profile(PROFILE)
        made = other.export_all(tmp_path / "both.zip", passphrase="some other words")
        kit = tmp_path / "kit.txt"
        kit.write_text(kits[0].text)
        site.choose(Path(made["output_path"]))
        site.page.get_by_role("alert").get_by_role("button", name="Unlock it …").click()
        site.dialog().locator("input[type=password]").fill("some other words")
        site.page.keyboard.press("Enter")
        locked = site.page.get_by_role("alert").filter(
            has_text="The profile in this backup is encrypted"
        )
        locked.get_by_role("button", name="Unlock it …").click()
        expect(site.dialog()).to_contain_text("The profile in it is locked")
        audit(site.page)
        site.dialog().locator("input[type=password]").fill(WORDS)
        site.dialog().locator("input[type=file]").set_input_files(kit)
        site.button("Unlock and import").click()
        site.button("Import now").click()
        expect(site.notice("Imported")).to_be_visible()
        assert (site.server.vault / "resumes/from elsewhere.txt").read_text() == "hello"
