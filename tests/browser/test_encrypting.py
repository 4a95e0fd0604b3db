"""Back up encrypted: chosen on the page, or because the settings say so."""

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pyrage import x25519

from autoresumefiller import UserDataManager
from tests.browser.conftest import Site
from tests.browser.test_access import audit, nothing_sticks_out
from tests.support.age_tool import age_with_passphrase
from tests.support.api_server import LiveServer, live_server
from tests.support.holds import HOLDING, Holds

HOW = "Name or encrypt it …"
API_KEY = "sk-plainly-invented-for-the-tests-0123456789"


@pytest.fixture
def encrypted(
    sample_vault: Path, tmp_path: Path, holds: Holds, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LiveServer]:
    """A server of a vault whose profile is kept encrypted."""
    monkeypatch.setenv("AUTORESUMEFILLER_KEY_FILE", str(tmp_path / "key"))
    UserDataManager(sample_vault).encrypt_on("four words for tests", lambda _kit: None)
    with live_server(sample_vault, before=HOLDING, env={"HOLD": str(holds.folder)}) as running:
        yield running


def made_by(site: Site) -> Path:
    """The one backup that the person made."""
    (made,) = (site.server.vault / "backups").glob("autoresumefiller_backup_*")
    return made


def with_a_key(site: Site) -> None:
    config = site.server.vault / "config.yaml"
    text = f"ai_providers:\n  openai:\n    enabled: true\n    api_key: {API_KEY}\n"
    config.write_text(text)


@pytest.mark.parametrize("secrets", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_backup_is_encrypted_with_a_passphrase_that_is_typed_twice(
    site: Site, tmp_path: Path, secrets: bool
) -> None:
    with_a_key(site)
    expect(site.page.get_by_text("Encrypted, like your profile.")).to_be_hidden()
    site.button(HOW).click()
    dialog = site.dialog()
    expect(dialog.get_by_role("radio", name="As it is")).to_be_checked()
    expect(dialog.get_by_role("radio", name="Encrypted for this vault")).to_have_count(0)
    expect(dialog.locator("input[type=password] >> visible=true")).to_have_count(0)
    expect(dialog.get_by_role("checkbox", name="Put API keys")).to_be_hidden()
    dialog.get_by_role("radio", name="Encrypted with a passphrase").check()
    audit(site.page)
    nothing_sticks_out(site.page)
    if secrets:
        dialog.get_by_role("checkbox", name="Put API keys").check()

    site.button("Make the backup").click()
    expect(dialog.get_by_role("alert")).to_have_text("A passphrase is needed.")
    first, again = (dialog.locator("input[type=password]").nth(at) for at in range(2))
    first.fill("four words nobody guesses")
    again.fill("four words nobody guessed")
    site.button("Make the backup").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The two are not the same.")
    audit(site.page)
    assert list((site.server.vault / "backups").iterdir()) == []
    again.fill("four words nobody guesses")
    site.page.keyboard.press("Enter")

    expect(site.notice("Everything is backed up")).to_contain_text(".zip.age")
    expect(site.rows()).to_contain_text("encrypted")
    made = made_by(site)
    assert not zipfile.is_zipfile(made)
    opened = tmp_path / "opened.zip"
    age_with_passphrase("four words nobody guesses", "-d", "-o", opened, made)
    with zipfile.ZipFile(opened) as archive:
        assert (API_KEY.encode() in archive.read("config.yaml")) is secrets


def test_the_plain_way_stays_one_press_away(site: Site) -> None:
    site.button(HOW).click()
    site.button("Make the backup").click()
    expect(site.notice("Everything is backed up")).to_be_visible()
    assert zipfile.is_zipfile(made_by(site))


def test_a_backup_is_called_as_the_person_calls_it(site: Site) -> None:
    site.button(HOW).click()
    site.dialog().get_by_label("Name").fill("  Vor dem Gespräch! ")
    site.button("Make the backup").click()
    expect(site.notice("Everything is backed up")).to_contain_text("Vor-dem-Gesprach_backup_")
    expect(site.rows().locator(".given-name")).to_have_text("Vor-dem-Gesprach")
    (made,) = (site.server.vault / "backups").iterdir()
    assert made.name.startswith("Vor-dem-Gesprach_backup_")
    site.back_up()
    expect(site.rows().locator(".given-name")).to_have_count(1)  # the other has only a time


@pytest.mark.parametrize(
    ("name", "why"),
    [("auto", "stands for another kind of backup"), ("面试", "a letter from a to z, or a digit")],
)
def test_a_name_that_cannot_be_used_is_told_before_anything_is_made(
    site: Site, name: str, why: str
) -> None:
    site.button(HOW).click()
    typed = site.dialog().get_by_label("Name")
    typed.fill(name)
    site.button("Make the backup").click()
    expect(site.dialog().get_by_role("alert")).to_contain_text(why)
    expect(typed).to_be_focused()
    assert list((site.server.vault / "backups").iterdir()) == []
    typed.fill(f"{name} 2")
    site.page.keyboard.press("Enter")
    expect(site.notice("Everything is backed up")).to_contain_text("2_backup_")


def test_what_is_wrong_is_said_where_a_phone_shows_it(visit: Callable[..., Site]) -> None:
    site = visit(viewport={"width": 360, "height": 640})
    site.button(HOW).click()
    site.dialog().get_by_text("Encrypted with a passphrase").click()
    fault = site.dialog().get_by_role("alert")
    site.dialog().get_by_label("Name").fill("auto")
    site.button("Make the backup").click()
    expect(fault).to_contain_text("stands for another kind")
    expect(fault).to_be_in_viewport(ratio=1)
    site.dialog().get_by_label("Name").fill("")
    site.button("Make the backup").click()
    expect(fault).to_have_text("A passphrase is needed.")
    expect(fault).to_be_in_viewport(ratio=1)


def test_nothing_is_made_by_cancelling(site: Site) -> None:
    site.button(HOW).click()
    site.dialog().get_by_role("button", name="Cancel").click()
    expect(site.dialog()).to_have_count(0)
    expect(site.button(HOW)).to_be_focused()
    assert list((site.server.vault / "backups").iterdir()) == []


class TestOfAnEncryptedVault:
    @pytest.fixture
    def server(self, encrypted: LiveServer) -> LiveServer:
        return encrypted

    def test_back_up_now_does_as_the_settings_say(self, visit: Callable[..., Site]) -> None:
        site = visit()
        expect(site.page.get_by_text("Encrypted, like your profile.")).to_be_visible()
        audit(site.page)
        site.button("Back up now").click()
        expect(site.notice("Everything is backed up")).to_contain_text("Encrypted")
        assert made_by(site).name.endswith(".zip.age")
        # This computer opens it without asking.
        site.rows().get_by_role("button", name="Check").click()
        expect(site.notice("This backup is whole")).to_be_visible()

    def test_a_plain_one_can_be_had(self, visit: Callable[..., Site]) -> None:
        site = visit()
        site.button(HOW).click()
        expect(site.dialog().get_by_role("radio", name="Encrypted for this vault")).to_be_checked()
        expect(site.dialog()).to_contain_text("your recovery kit anywhere")
        site.dialog().get_by_role("radio", name="As it is").check()
        expect(site.dialog().get_by_role("checkbox", name="Put API keys")).to_be_hidden()
        site.button("Make the backup").click()
        expect(site.notice("Everything is backed up")).to_be_visible()
        assert zipfile.is_zipfile(made_by(site))

    def test_the_settings_can_ask_for_plain_ones(
        self, visit: Callable[..., Site], encrypted: LiveServer
    ) -> None:
        change = {"name": "encryption.encrypt_auto_backups", "value": False}
        assert encrypted.client.patch("/api/config", json=change).status_code == 200
        site = visit()
        expect(site.page.get_by_text("Encrypted, like your profile.")).to_be_hidden()
        site.button(HOW).click()
        expect(site.dialog().get_by_role("radio", name="As it is")).to_be_checked()
        site.dialog().get_by_role("radio", name="Encrypted for this vault").check()
        site.button("Make the backup").click()
        expect(site.notice("Everything is backed up")).to_contain_text(".zip.age")


def test_the_keys_of_the_settings_are_enough(
    visit: Callable[..., Site], server: LiveServer
) -> None:
    public = x25519.Identity.generate().to_public()
    config = server.vault / "config.yaml"
    config.write_text(f"encryption:\n  recipients: [{public}]\n")
    site = visit()
    site.button(HOW).click()
    site.dialog().get_by_role("radio", name="Encrypted for this vault").check()
    expect(site.dialog()).to_contain_text("Only the keys in your settings open it (1).")
    site.button("Make the backup").click()
    expect(site.notice("Everything is backed up")).to_contain_text(".zip.age")
