"""Import: chosen, dropped or restored; the plan, the answer, the result, and back again."""

import base64
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_access import audit, nothing_sticks_out


@pytest.fixture
def archive(site: Site, tmp_path: Path) -> Path:
    """A backup that left the vault."""
    made = site.server.vault / "backups" / site.a_backup()
    return Path(shutil.move(made, tmp_path / "from my old laptop.zip"))


def test_an_import_shows_its_plan_and_happens_on_a_yes(site: Site, archive: Path) -> None:
    file, before = site.a_changed_vault()
    own = site.server.vault / "cover_letters/only here.txt"
    own.write_text("kept")
    gone = site.server.vault / "resumes/software_engineer.pdf"
    gone.unlink()
    site.choose(archive)
    dialog = site.dialog()
    expect(dialog).to_contain_text("Import over what is here?")
    expect(dialog).to_contain_text("from my old laptop.zip")
    expect(dialog.get_by_role("row", name="Resumes")).to_have_text("Resumes910")
    expect(dialog.get_by_role("row", name="Cover letters")).to_have_text("Cover letters501")
    dialog.get_by_text("Show every file").click()
    expect(dialog).to_contain_text("Added (1)resumes/software_engineer.pdf")
    expect(dialog).to_contain_text("Kept (1)cover_letters/only here.txt")
    expect(dialog.get_by_role("checkbox", name="Back up what is here first")).to_be_checked()
    assert file.read_bytes() != before
    site.button("Import now").click()
    expect(dialog).to_have_count(0)
    done = site.notice("Imported: 19 files are in place")
    expect(done).to_contain_text("pre_import_backup_")
    expect(site.rows().filter(has_text="Before an import")).to_have_count(1)
    assert file.read_bytes() == before
    assert gone.exists()
    assert own.read_text() == "kept"


def test_an_import_is_undone_from_its_result(site: Site, archive: Path) -> None:
    file, before = site.a_changed_vault()
    site.choose(archive)
    site.button("Import now").click()
    site.notice("Imported").get_by_role("button", name="Undo the import").click()
    expect(site.dialog()).to_contain_text("Undo the last import?")
    assert file.read_bytes() == before
    site.dialog().get_by_role("button", name="Undo the import").click()
    expect(site.notice("The import was undone")).to_be_visible()
    assert file.read_text() == "changed since the backup"


def test_the_undo_that_there_is_stands_on_the_page(site: Site, archive: Path) -> None:
    site.choose(archive)
    site.button("Import now").click()
    expect(site.notice("Imported")).to_be_visible()
    site.page.reload()
    site.ready()
    file, _ = site.a_changed_vault()
    site.button("Undo the last import …").click()
    expect(site.dialog()).to_contain_text("changed after the import")
    expect(site.dialog()).to_contain_text("resumes/plain text.txt")
    site.button("Keep the import").click()
    assert file.read_text() == "changed since the backup"


def test_an_undo_that_another_tab_did_meanwhile_is_not_undone_again(
    site: Site, archive: Path
) -> None:
    site.choose(archive)
    site.button("Import now").click()
    expect(site.notice("Imported")).to_be_visible()
    other = Site(page=site.page.context.new_page(), server=site.server, holds=site.holds)
    other.page.goto(site.server.address)
    for tab in (site, other):
        tab.button("Undo the last import …").click()
        expect(tab.dialog()).to_be_visible()
    site.dialog().get_by_role("button", name="Undo the import").click()
    expect(site.notice("The import was undone")).to_be_visible()
    other.dialog().get_by_role("button", name="Undo the import").click()
    expect(other.notice("Something changed meanwhile")).to_be_visible()
    kinds = [job["kind"] for job in site.server.get("/api/jobs")["jobs"]]
    assert kinds[:2] == ["undo", "import"]


def test_a_mirror_lists_what_goes_and_removes_it_only_on_its_own_yes(
    site: Site, archive: Path
) -> None:
    file, before = site.a_changed_vault()
    extra = [site.server.vault / f"resumes/extra {number}.txt" for number in range(3)]
    for one in extra:
        one.write_text("not in the backup")
    site.choose(archive)
    dialog = site.dialog()
    mirror = dialog.get_by_role("checkbox", name="Remove what the backup does not have")
    expect(mirror).not_to_be_checked()
    expect(dialog).not_to_contain_text("are removed from your vault")
    mirror.check()
    warning = dialog.locator(".callout.bad")
    expect(warning).to_contain_text("These 3 files are not in the backup.")
    for one in extra:
        expect(warning).to_contain_text(f"resumes/{one.name}")
    expect(dialog.get_by_role("row", name="Resumes")).to_have_text("Resumes10003")
    expect(mirror).to_be_checked()
    expect(mirror).to_be_focused()
    first = dialog.get_by_role("checkbox", name="Back up what is here first")
    expect(first).to_be_checked()
    expect(first).to_be_disabled()
    expect(site.button("Import now")).to_have_count(0)
    for width in (360, 1600):
        site.page.set_viewport_size({"width": width, "height": 800})
        audit(site.page)
        nothing_sticks_out(site.page)

    mirror.uncheck()
    expect(site.button("Import now")).to_be_visible()
    expect(warning).to_have_count(0)
    mirror.check()
    assert all(one.exists() for one in extra)
    assert file.read_bytes() != before
    site.button("Import and remove 3 files").click()
    expect(site.notice("Imported")).to_contain_text("pre_import_backup_")
    assert not any(one.exists() for one in extra)
    assert file.read_bytes() == before
    site.notice("Imported").get_by_role("button", name="Undo the import").click()
    site.dialog().get_by_role("button", name="Undo the import").click()
    expect(site.notice("The import was undone")).to_be_visible()
    assert all(one.read_text() == "not in the backup" for one in extra)


def test_a_mirror_with_nothing_to_remove_says_so(site: Site, archive: Path) -> None:
    site.choose(archive)
    site.dialog().get_by_role("checkbox", name="Remove what the backup does not have").check()
    expect(site.dialog()).to_contain_text("Nothing would go")
    expect(site.dialog().get_by_role("checkbox", name="Back up what is here")).to_be_enabled()
    expect(site.button("Import now")).to_be_visible()
    site.page.keyboard.press("Escape")
    expect(site.dialog()).to_have_count(0)
    site.button("See what it would do").click()  # it is asked about again, and as a mirror
    expect(site.dialog()).to_contain_text("Nothing would go")


def test_a_no_changes_nothing(site: Site, archive: Path) -> None:
    file, _ = site.a_changed_vault()
    site.choose(archive)
    site.button("Don’t import").click()
    expect(site.notice("Nothing was imported")).to_be_visible()
    expect(site.job()).to_have_count(0)
    assert file.read_text() == "changed since the backup"
    assert list((site.server.vault / "backups").iterdir()) == []


def test_without_the_tick_nothing_is_backed_up_first(site: Site, archive: Path) -> None:
    site.choose(archive)
    site.dialog().get_by_role("checkbox", name="Back up what is here first").uncheck()
    site.button("Import now").click()
    expect(site.notice("Imported")).to_be_visible()
    assert list((site.server.vault / "backups").iterdir()) == []


def test_a_question_that_was_put_off_can_be_opened_again_also_after_a_reload(
    site: Site, archive: Path
) -> None:
    file, before = site.a_changed_vault()
    site.choose(archive)
    expect(site.dialog()).to_be_visible()
    site.page.keyboard.press("Escape")
    expect(site.dialog()).to_have_count(0)
    expect(site.job()).to_contain_text("Waiting for your answer")
    site.button("See what it would do").click()
    expect(site.dialog()).to_be_visible()
    site.page.reload()
    expect(site.dialog()).to_contain_text("from my old laptop.zip")
    site.button("Import now").click()
    expect(site.notice("Imported")).to_be_visible()
    assert file.read_bytes() == before


def test_a_vault_that_changed_meanwhile_is_shown_anew(site: Site, archive: Path) -> None:
    site.choose(archive)
    expect(site.dialog()).to_be_visible()
    site.a_changed_vault()
    (site.server.vault / "resumes/new.txt").write_text("new")
    site.button("Import now").click()
    expect(site.dialog().locator(".callout")).to_be_visible()
    expect(site.dialog().get_by_role("row", name="Resumes")).to_have_text("Resumes1001")
    site.button("Import now").click()
    expect(site.notice("Imported")).to_be_visible()


def test_a_question_that_was_answered_in_another_tab_goes_away(site: Site, archive: Path) -> None:
    site.choose(archive)
    expect(site.dialog()).to_be_visible()
    job = site.server.get("/api/jobs")["jobs"][0]
    site.server.post(f"/api/jobs/{job['id']}/confirm", status=202, json={"proceed": False})
    expect(site.dialog()).to_have_count(0)
    expect(site.notice("Nothing was imported")).to_be_visible()


def test_an_import_is_cancelled_while_it_runs(site: Site, archive: Path) -> None:
    file, _ = site.a_changed_vault()
    site.holds.at("backing_up")
    site.choose(archive)
    site.button("Import now").click()
    expect(site.job()).to_contain_text("Backing up what is there")
    site.cancel()
    site.holds.let_go()
    expect(site.notice("cancelled")).to_be_visible()
    assert file.read_text() == "changed since the backup"


def test_an_upload_shows_how_far_it_is_and_is_cancelled(site: Site, tmp_path: Path) -> None:
    slow = site.page.context.new_cdp_session(site.page)
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1}
    slow.send("Network.emulateNetworkConditions", {**conditions, "uploadThroughput": 256 * 1024})
    large = tmp_path / "large.zip"
    large.write_bytes(bytes(8_000_000))
    site.choose(large)
    expect(site.job()).to_contain_text("Copying the file to the vault")
    expect(site.job()).to_contain_text("of 8 MB")
    site.job().get_by_role("button", name="Cancel").click()
    expect(site.notice("The import was cancelled")).to_be_visible()
    expect(site.job()).to_have_count(0)


def test_a_damaged_file_is_refused_with_every_fault_there_is(site: Site, archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-30])
    site.choose(archive)
    problem = site.page.get_by_role("alert")
    expect(problem).to_be_visible()
    job = site.server.job(site.server.get("/api/jobs")["jobs"][0]["id"])
    for part in (job["error"]["message"], job["error"]["hint"], *job["error"]["errors"]):
        expect(problem).to_contain_text(part)
    expect(site.dialog()).to_have_count(0)


def test_a_listed_backup_is_restored(site: Site) -> None:
    site.back_up()
    file, before = site.a_changed_vault()
    site.rows().get_by_role("button", name="Restore").click()
    expect(site.dialog()).to_contain_text("autoresumefiller_backup_")
    site.button("Import now").click()
    expect(site.notice("Imported")).to_be_visible()
    assert file.read_bytes() == before


def drop(page: Page, *files: Path) -> None:
    """Drag files from the desktop over the page and let go."""
    transfer = page.evaluate_handle(
        """files => {
          const transfer = new DataTransfer();
          for (const [name, content] of files) {
            const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
            transfer.items.add(new File([bytes], name, { type: "application/zip" }));
          }
          return transfer;
        }""",
        [(file.name, base64.b64encode(file.read_bytes()).decode()) for file in files],
    )
    page.dispatch_event("h1", "dragenter", {"dataTransfer": transfer})
    expect(page.get_by_text("Drop the backup to import it")).to_be_visible()
    page.dispatch_event("h1", "drop", {"dataTransfer": transfer})
    expect(page.get_by_text("Drop the backup to import it")).to_be_hidden()


def test_a_backup_is_dropped_on_the_page(site: Site, archive: Path) -> None:
    file, before = site.a_changed_vault()
    drop(site.page, archive)
    expect(site.dialog()).to_contain_text("from my old laptop.zip")
    site.button("Import now").click()
    expect(site.notice("Imported")).to_be_visible()
    assert file.read_bytes() == before


def test_of_two_files_that_are_dropped_none_is_taken(site: Site, archive: Path) -> None:
    drop(site.page, archive, archive)
    expect(site.notice("One backup at a time")).to_be_visible()
    assert site.server.get("/api/jobs")["jobs"][0]["kind"] != "import"
