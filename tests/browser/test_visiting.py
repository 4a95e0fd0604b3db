"""The first visit, the state of the vault in words, and names that mean harm."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Site, watch
from tests.browser.test_access import audit, nothing_sticks_out
from tests.support.api_server import TOKEN


def test_the_link_opens_the_page_and_leaves_no_code_in_the_address(site: Site) -> None:
    assert site.page.url == f"{site.server.address}/"
    expect(site.heading("You have no backup yet")).to_be_visible()
    assert "#" not in site.page.evaluate("location.href")


def test_a_link_that_was_used_says_so(site: Site) -> None:
    link = site.server.post("/api/session/link", status=201)["link"]
    site.page.goto(link)
    site.page.wait_for_url(f"{site.server.address}/")
    site.page.goto("about:blank")
    site.faults.clear()  # about:blank is elsewhere
    site.page.goto(link)
    expect(site.page.get_by_role("status")).to_contain_text("This link has been used")


def test_a_link_is_pasted_where_the_way_in_is_open_already(site: Site) -> None:
    site.button("Close this session").click()
    site.page.wait_for_url("**/login")
    site.page.goto(site.server.post("/api/session/link", status=201)["link"])
    expect(site.heading("You have no backup yet")).to_be_visible()
    assert "#" not in site.page.evaluate("location.href")


def test_a_session_that_was_closed_leads_to_the_way_in(site: Site) -> None:
    site.button("Close this session").click()
    site.page.wait_for_url("**/login")
    expect(site.page.get_by_text("arf serve --open")).to_be_visible()


def test_who_types_the_address_is_told_the_way_in_and_comes_in_with_the_token(
    site: Site,
) -> None:
    for scheme, width in (("light", 1600), ("dark", 360)):
        page = site.page.context.browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 800}
        ).new_page()
        watch(page, site)
        for path in ("/", "/docs"):
            response = page.goto(f"{site.server.address}{path}")
            assert response is not None
            assert response.status == 401
            expect(page.get_by_text("arf serve --open")).to_be_visible()
        audit(page)
        nothing_sticks_out(page)
        page.get_by_label("Token").fill("not the token of this vault")
        page.get_by_role("button", name="Let me in").click()
        expect(page.get_by_role("status")).to_contain_text("This is not the token of this vault")
        audit(page)
        page.get_by_label("Token").fill(f"  {TOKEN} ")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site.server.address}/")
        expect(page.get_by_role("heading", name="You have no backup yet")).to_be_visible()
        page.context.close()


def test_a_session_that_ended_elsewhere_leads_to_the_way_in(site: Site) -> None:
    site.page.context.clear_cookies()
    site.button("Back up now").click()
    site.page.wait_for_url("**/login")


def test_an_empty_vault_says_what_to_do(visit: Callable[..., Site], server) -> None:
    for folder in ("data", "resumes", "cover_letters"):
        shutil.rmtree(server.vault / folder)
        (server.vault / folder).mkdir()
    site = visit()
    expect(site.heading("Your vault is empty")).to_be_visible()
    expect(site.page.get_by_text("Import a backup from your old computer")).to_be_visible()
    expect(site.page.locator("#contents")).to_contain_text("none yet")


def test_a_backup_of_an_empty_vault_protects_nothing(visit: Callable[..., Site], server) -> None:
    for folder in ("data", "resumes", "cover_letters"):
        shutil.rmtree(server.vault / folder)
        (server.vault / folder).mkdir()
    site = visit()
    site.button("Back up now").click()
    expect(site.notice("Backed up, but your vault is empty")).to_be_visible()
    site.all_listed()
    expect(site.page.get_by_text("Import a backup from your old computer")).to_be_visible()
    expect(site.page.locator("#safety")).not_to_contain_text("everything is back")
    (server.vault / "resumes/cv.txt").write_text("written since then")
    site.page.reload()
    expect(site.heading("Your documents are not backed up")).to_be_visible()


def test_it_says_what_is_in_the_vault_and_since_when_it_is_safe(site: Site) -> None:
    expect(site.page.locator("#contents")).to_contain_text("Resumes10 files")
    site.back_up()
    expect(site.heading("Your data is backed up")).to_be_visible()
    expect(site.page.locator("#facts")).to_contain_text("just now")
    # In the person's zone, which is not the server's.
    expect(site.page.locator("#facts")).to_contain_text(re.compile(r"\d{2}:\d{2}:\d{2} CES?T"))


def test_a_backup_of_the_profile_alone_is_not_taken_for_a_full_one(
    visit: Callable[..., Site], server
) -> None:
    server.client.put("/api/user-data", json=server.get("/api/user-data"))
    site = visit()
    expect(site.rows()).to_have_count(1)
    expect(site.heading("Your documents are not backed up")).to_be_visible()


def test_an_old_backup_is_told_by_its_age(visit: Callable[..., Site], server) -> None:
    made = server.post("/api/backup/create?wait=true", status=201)["filename"]
    backups = server.vault / "backups"
    (backups / made).rename(backups / "autoresumefiller_backup_20250101_120000.zip")
    site = visit()
    expect(site.heading(re.compile(r"Your last backup is \d+ days old"))).to_be_visible()


def test_what_the_vault_warns_of_needs_attention(visit: Callable[..., Site], server) -> None:
    (server.vault / "resumes/link.pdf").symlink_to("/etc/hostname")
    (server.vault / "backups/holiday.zip").write_bytes(b"no archive")
    site = visit()
    expect(site.heading("Needs your attention")).to_be_visible()
    attention = site.page.locator("#attention")
    expect(attention).to_contain_text("1 backup cannot be used")
    expect(site.rows().filter(has_text="Cannot be read")).to_have_count(1)


HOSTILE = [
    "<svg onload=document.title=1>.zip",
    "<img src=x onerror=alert(1)>.zip",
    "&lt;b&gt; \"'`${1}.zip",
    "\u202epiz.exe.zip",
    "zero\u200bwidth \u200fand \u061cmarks.zip",
]
UNPRINTABLE = re.compile("[\u202e\u200b\u200f\u061c]")


def test_hostile_file_names_are_text(visit: Callable[..., Site], server) -> None:
    made = server.post("/api/backup/create?wait=true", status=201)["filename"]
    backups = server.vault / "backups"
    for name in HOSTILE:
        shutil.copy(backups / made, backups / name)
    shutil.copy(backups / made, server.vault / "resumes/<svg onload=document.title=2>.zip")
    site = visit()
    expect(site.rows()).to_have_count(len(HOSTILE) + 1)
    for name in (UNPRINTABLE.sub("\ufffd", name) for name in HOSTILE):
        row = site.page.locator("#backups > li").filter(has=site.page.get_by_text(name, exact=True))
        expect(row).to_have_count(1)
        row.get_by_role("button", name="Check").click()
        expect(site.notice("This backup is whole").filter(has_text=name)).to_be_visible()
        expect(row).to_contain_text("Proven")  # the row is a new one
        row.get_by_role("button", name="Delete").click()
        expect(site.dialog()).to_contain_text(name)
        site.button("Delete for good").click()
        expect(row).to_have_count(0)
    assert site.page.locator("main svg, main img").count() == 0
    assert "AutoResumeFiller" in site.page.title()


def test_a_hostile_name_of_an_upload_is_text(site: Site, tmp_path: Path) -> None:
    name = site.a_backup()
    file = tmp_path / "<svg onload=document.title=1>.zip"
    shutil.copy(site.server.vault / "backups" / name, file)
    site.choose(file)
    expect(site.dialog()).to_contain_text("<svg onload=document.title=1>.zip")
    assert site.page.locator("dialog svg, #jobs svg").count() == 0
