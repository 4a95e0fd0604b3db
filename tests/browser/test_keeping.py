"""What is done with backups that are kept: check, fetch, delete, filter, clean up."""

import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Site


def test_a_backup_is_checked_and_says_since_when_it_is_proven(site: Site) -> None:
    site.back_up()
    expect(site.rows()).to_contain_text("Not checked yet")
    site.button("Check the newest now").click()
    expect(site.notice("This backup is whole")).to_be_visible()
    expect(site.rows()).to_contain_text("Proven just now")
    expect(site.page.locator("#facts")).not_to_contain_text("Never")


def test_a_damaged_backup_is_told_with_its_faults_and_a_way_out(site: Site) -> None:
    site.back_up()
    (archive,) = (site.server.vault / "backups").iterdir()
    content = bytearray(archive.read_bytes())
    content[len(content) // 3] ^= 0xFF
    archive.write_bytes(content)
    site.rows().get_by_role("button", name="Check").click()
    problem = site.page.get_by_role("alert")
    expect(problem).to_contain_text("This backup cannot be used")
    expect(problem.get_by_role("listitem").first).to_be_visible()
    expect(site.heading("None of your backups can be used")).to_be_visible()
    expect(site.rows()).to_contain_text("Cannot be used")
    problem.get_by_role("button", name="Back up now").click()
    expect(site.heading("Your data is backed up")).to_be_visible()


def test_a_backup_is_downloaded_under_its_own_name(site: Site, tmp_path: Path) -> None:
    site.back_up()
    (archive,) = (site.server.vault / "backups").iterdir()
    for link in (
        site.rows().get_by_role("link", name="Download"),
        site.page.get_by_role("link", name="Download the newest"),
    ):
        with site.page.expect_download() as started:
            link.click()
        assert started.value.suggested_filename == archive.name
        started.value.save_as(tmp_path / "fetched.zip")
        assert (tmp_path / "fetched.zip").read_bytes() == archive.read_bytes()
        assert zipfile.ZipFile(tmp_path / "fetched.zip").testzip() is None


def test_a_backup_is_deleted_only_after_asking(site: Site) -> None:
    site.back_up()
    backups = site.server.vault / "backups"
    site.rows().get_by_role("button", name="Delete").click()
    expect(site.dialog()).to_contain_text("This cannot be undone.")
    expect(site.button("Keep it")).to_be_focused()
    site.button("Keep it").click()
    expect(site.rows().get_by_role("button", name="Delete")).to_be_focused()
    assert len(list(backups.iterdir())) == 1
    site.rows().get_by_role("button", name="Delete").click()
    site.button("Delete for good").click()
    expect(site.notice("The backup was deleted")).to_be_visible()
    expect(site.rows()).to_have_count(0)
    expect(site.page.get_by_text("No backups yet")).to_be_visible()
    assert list(backups.iterdir()) == []


def test_a_backup_that_is_gone_already_is_told_in_the_words_of_the_api(site: Site) -> None:
    site.back_up()
    (archive,) = (site.server.vault / "backups").iterdir()
    archive.unlink()
    site.rows().get_by_role("button", name="Restore").click()
    expect(site.page.get_by_role("alert")).to_contain_text("There is no backup named")
    expect(site.rows()).to_have_count(0)  # the list was looked at again
    site.back_up()
    (archive,) = (site.server.vault / "backups").iterdir()
    archive.unlink()
    site.rows().get_by_role("button", name="Delete").click()
    site.button("Delete for good").click()
    expect(site.rows()).to_have_count(0)


def test_the_list_is_filtered_by_type(visit: Callable[..., Site], server) -> None:
    server.post("/api/backup/create?wait=true", status=201)
    server.client.put("/api/user-data", json=server.get("/api/user-data"))
    site = visit()
    expect(site.rows()).to_have_count(2)
    site.page.get_by_role("radio", name="Automatic 1").check(force=True)
    expect(site.rows()).to_have_count(1)
    expect(site.rows()).to_contain_text("profile and settings only")
    site.page.get_by_role("radio", name="Before import 0").check(force=True)
    expect(site.rows()).to_have_count(0)
    expect(site.page.get_by_text("Importing keeps what was there before")).to_be_visible()


def test_what_is_inside_a_backup_is_shown(site: Site) -> None:
    site.back_up()
    site.rows().get_by_text("What is inside").click()
    inside = site.rows().locator(".inside")
    expect(inside).to_contain_text("19 files, 207 kB")
    expect(inside).to_contain_text("ai_providers.openai.api_key")


def test_a_long_list_comes_in_page_fuls(visit: Callable[..., Site], server) -> None:
    made = server.post("/api/backup/create?wait=true", status=201)["filename"]
    backups = server.vault / "backups"
    for number in range(119):
        (backups / f"copy_{number:03}.zip").hardlink_to(backups / made)
    site = visit()
    expect(site.rows()).to_have_count(50)
    site.button("Show 50 more").click()
    site.button("Show 20 more").click()
    expect(site.rows()).to_have_count(120)


def test_a_clean_up_says_what_goes_and_why_and_then_does_it(
    visit: Callable[..., Site], server
) -> None:
    profile = server.get("/api/user-data")
    for _ in range(4):
        server.client.put("/api/user-data", json=profile)
    server.post("/api/backup/create?wait=true", status=201)
    site = visit()
    expect(site.rows()).to_have_count(5)
    site.button("Clean up …").click()
    expect(site.dialog()).to_contain_text("Nothing would go")
    expect(site.dialog().get_by_role("button", name="Delete")).to_be_disabled()
    site.dialog().get_by_role("spinbutton").fill("1")
    expect(site.dialog()).to_contain_text("3 backups go, 2 stay.")
    expect(site.dialog()).to_contain_text("older than the newest 1 auto backups")
    site.dialog().get_by_text("These stay").click()
    expect(site.dialog()).to_contain_text("manual backups are kept")
    assert len(list((server.vault / "backups").iterdir())) == 5
    site.button("Delete 3 backups").click()
    expect(site.notice("3 backups were deleted")).to_be_visible()
    expect(site.rows()).to_have_count(2)
