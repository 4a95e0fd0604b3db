"""Back up, watch it, cancel it, lose it and find it again."""

import re
from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests.browser.conftest import Site
from tests.browser.test_access import SIZES, nothing_sticks_out
from tests.support.api_server import LiveServer


def test_a_backup_shows_how_far_it_is_and_then_stands_in_the_list(site: Site) -> None:
    site.holds.at("progress")
    site.button("Back up now").click()
    job = site.job()
    expect(job).to_contain_text(re.compile(r"[\d.]+ k?B?(bytes?)? of 208 kB"))
    expect(job.locator(".job-file")).to_have_text(re.compile(r"^(data|resumes|cover_letters)/"))
    bar = job.get_by_role("progressbar", name="Backing up your vault")
    assert 0 <= float(bar.get_attribute("value") or -1) < 1
    expect(site.button("Backing up …")).to_have_attribute("aria-disabled", "true")
    site.holds.let_go()
    expect(site.notice("Everything is backed up")).to_contain_text("19 files")
    expect(job).to_have_count(0)
    expect(site.rows()).to_have_count(1)
    expect(site.rows()).to_contain_text("Made by you")
    expect(site.button("Back up now")).to_have_attribute("aria-disabled", "false")


def test_a_double_click_means_one(site: Site) -> None:
    site.a_backup()
    site.page.reload()
    expect(site.rows()).to_have_count(1)
    with site.page.expect_response("**/verify?wait=false") as response:
        site.rows().get_by_role("button", name="Check").dblclick()
    site.server.ended(response.value.json()["id"])
    expect(site.notice("This backup is whole")).to_be_visible()
    site.button("Back up now").dblclick()
    expect(site.notice("Everything is backed up")).to_be_visible()
    site.all_listed()
    site.rows().last.get_by_role("button", name="Restore").dblclick()
    expect(site.dialog()).to_be_visible()
    expect(site.page.get_by_role("alert")).to_have_count(0)
    kinds = sorted(job["kind"] for job in site.server.get("/api/jobs")["jobs"][:3])
    assert kinds == ["create", "import", "verify"]


def test_a_backup_that_lacks_a_file_is_not_called_everything(site: Site) -> None:
    (site.server.vault / "resumes/link.pdf").symlink_to("software_engineer.pdf")
    site.button("Back up now").click()
    expect(site.notice("Backed up, but not everything")).to_contain_text("resumes/link.pdf")
    site.all_listed()


def test_a_backup_that_is_cancelled_leaves_nothing_and_says_so(site: Site) -> None:
    site.holds.at("writing")
    site.button("Back up now").click()
    expect(site.job()).to_contain_text("Writing the backup")
    site.cancel()
    site.holds.let_go()
    expect(site.notice("cancelled")).to_be_visible()
    expect(site.job()).to_have_count(0)
    expect(site.rows()).to_have_count(0)
    expect(site.heading("You have no backup yet")).to_be_visible()
    assert list((site.server.vault / "backups").iterdir()) == []


def test_a_job_is_found_again_after_a_reload(site: Site) -> None:
    site.holds.at("writing")
    site.button("Back up now").click()
    expect(site.job()).to_contain_text("Writing the backup")
    site.page.reload()
    expect(site.job()).to_contain_text("Writing the backup")
    expect(site.button("Backing up …")).to_be_visible()
    site.holds.let_go()
    expect(site.notice("Everything is backed up")).to_be_visible()
    expect(site.rows()).to_have_count(1)


def test_a_tab_that_nobody_sees_hangs_up_and_catches_up_later(site: Site) -> None:
    def be_hidden(hidden: bool) -> None:
        site.page.evaluate(
            """(hidden) => {
              Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
              document.dispatchEvent(new Event("visibilitychange"));
            }""",
            hidden,
        )

    site.holds.at("writing")
    site.button("Back up now").click()
    expect(site.job()).to_contain_text("Writing the backup")
    with site.page.expect_event("requestfailed", lambda request: "/events" in request.url):
        be_hidden(True)
    site.holds.let_go()
    job = site.server.get("/api/jobs")["jobs"][0]
    assert site.server.ended(job["id"])["state"] == "succeeded"
    be_hidden(False)
    expect(site.notice("Everything is backed up")).to_be_visible()
    expect(site.rows()).to_have_count(1)


def test_many_jobs_leave_room_for_what_else_is_done(
    visit: Callable[..., Site], server: LiveServer
) -> None:
    made = server.post("/api/backup/create?wait=true", status=201)["filename"]
    backups = server.vault / "backups"
    for number in range(7):  # a browser has six connections
        (backups / f"copy_{number}.zip").hardlink_to(backups / made)
    site = visit()
    site.holds.at("validating")
    for number in range(7):
        row = site.page.locator(f'[data-filename="copy_{number}.zip"]')
        row.get_by_role("button", name="Check").click()
    expect(site.job()).to_have_count(7)
    for size in SIZES.values():
        site.page.set_viewport_size(size)
        box = site.page.locator("#jobs").bounding_box()
        assert box is not None
        assert box["height"] < size["height"] / 2.5
        nothing_sticks_out(site.page)
        last = site.job().last.get_by_role("button", name="Cancel")
        last.focus()
        expect(last).to_be_in_viewport(ratio=1)
    site.page.locator(f'[data-filename="{made}"]').get_by_role("button", name="Delete").click()
    site.button("Delete for good").click()
    expect(site.rows()).to_have_count(7)
    site.holds.let_go()
    expect(site.job()).to_have_count(0)
    expect(site.rows().filter(has_text="Proven")).to_have_count(7)


def test_a_job_that_ended_while_nobody_looked_is_told_all_the_same(site: Site) -> None:
    site.holds.at("writing")
    site.button("Back up now").click()
    expect(site.job()).to_contain_text("Writing the backup")
    site.page.goto(f"{site.server.address}/docs")
    site.holds.let_go()
    job = site.server.get("/api/jobs")["jobs"][0]
    assert site.server.ended(job["id"])["state"] == "succeeded"
    site.page.goto(site.server.address)
    expect(site.notice("Everything is backed up")).to_be_visible()
    site.page.reload()
    site.ready()
    expect(site.rows()).to_have_count(1)
    expect(site.notice("Everything is backed up")).to_have_count(0)  # once is enough


def test_two_tabs_agree(site: Site) -> None:
    other_page = site.page.context.new_page()
    other_page.goto(site.server.address)
    other = Site(page=other_page, server=site.server, holds=site.holds)
    other.ready()
    site.holds.at("writing")
    site.button("Back up now").click()
    expect(other.job()).to_contain_text("Writing the backup")
    other.cancel()
    site.holds.let_go()
    expect(site.job()).to_have_count(0)
    expect(other.job()).to_have_count(0)
    site.back_up()
    expect(other.rows()).to_have_count(1)
    other.rows().get_by_role("button", name="Delete").click()
    other.button("Delete for good").click()
    expect(other.rows()).to_have_count(0)
    expect(site.rows()).to_have_count(0)
    expect(site.heading("You have no backup yet")).to_be_visible()


def test_what_ended_between_the_list_and_the_look_at_it_is_seen_all_the_same(site: Site) -> None:
    def as_if_it_ran(route: Route) -> None:
        answer = route.fetch()
        text = answer.text().replace('"state":"succeeded"', '"state":"running"')
        route.fulfill(response=answer, body=text)

    expect(site.rows()).to_have_count(0)
    site.a_backup()
    site.page.route("**/api/jobs", as_if_it_ran)
    with site.page.expect_response("**/api/jobs/*"):
        site.page.evaluate("new BroadcastChannel('autoresumefiller').postMessage('jobs')")
    expect(site.rows()).to_have_count(1)


def test_what_ended_before_a_tab_heard_of_it_is_seen_all_the_same(site: Site) -> None:
    site.a_backup()
    site.page.evaluate("new BroadcastChannel('autoresumefiller').postMessage('jobs')")
    expect(site.rows()).to_have_count(1)


def test_what_a_program_does_is_seen_on_coming_back(site: Site) -> None:
    site.a_backup()
    site.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(site.rows()).to_have_count(1)


def test_a_second_change_at_the_same_time_is_refused_in_the_words_of_the_api(site: Site) -> None:
    name = site.a_backup()
    site.page.reload()
    expect(site.rows()).to_have_count(1)
    site.holds.at("writing")
    site.button("Back up now").click()
    expect(site.job()).to_contain_text("Writing the backup")
    site.rows().get_by_role("button", name="Restore").click()
    refused = site.server.post("/api/backup/import", status=409, json={"filename": name})
    problem = site.page.get_by_role("alert")
    for part in (refused["detail"], refused["consequence"], refused["hint"]):
        expect(problem).to_contain_text(part.rstrip("."))
    problem.get_by_role("button", name="Dismiss").click()
    expect(problem).to_have_count(0)


def test_a_server_that_is_gone_is_told_and_noticed_when_it_is_back(
    visit: Callable[..., Site],
) -> None:
    site = visit()
    site.page.context.set_offline(True)
    site.button("Back up now").click()
    alert = site.page.get_by_role("alert")
    expect(alert).to_contain_text("The server does not answer")
    alert.evaluate("(card) => { card.dataset.seen = 'first'; }")
    with site.page.expect_event("requestfailed"):
        site.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(alert).to_have_attribute("data-seen", "first")  # and not told again and again
    site.page.context.set_offline(False)
    site.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(site.page.get_by_role("alert")).to_have_count(0)
