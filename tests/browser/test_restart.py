"""The server is killed under an open page, and started again: the page says what happened."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site
from tests.support.api_server import LiveServer, live_server
from tests.support.holds import HOLDING, Holds

# On the port that the page knows.
SAME_PORT = """
serve = server.serve
server.serve = lambda vault, host, _port, **options: serve(vault, host, {port}, **options)
"""


@pytest.fixture
def server(sample_vault: Path, holds: Holds) -> Iterator[LiveServer]:
    with live_server(sample_vault, before=HOLDING, env={"HOLD": str(holds.folder)}) as running:
        yield running


# Killed by SIGKILL after the commit point, before it was tidied up.
KILLED_ONCE_COMMITTED = """
import os, signal
from autoresumefiller.vault import transaction
assert callable(transaction._conclude)
transaction._conclude = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
"""


def look_again(site: Site) -> None:
    site.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_an_import_that_was_killed_is_told_as_undone(
    visit: Callable[..., Site], server: LiveServer
) -> None:
    server.post("/api/backup/create?wait=true", status=201)
    site = visit()
    file, _ = site.a_changed_vault()
    site.holds.at("committing")
    site.rows().get_by_role("button", name="Restore").click()
    site.button("Import now").click()
    expect(site.job()).to_contain_text("Making it final")
    server.process.kill()
    server.process.wait()
    site.holds.let_go()
    look_again(site)
    expect(site.notice("The server does not answer")).to_be_visible()
    port = server.address.rpartition(":")[2]
    with live_server(server.vault, before=SAME_PORT.format(port=port)) as again:
        assert again.address == server.address
        look_again(site)
        expect(site.notice("The server does not answer")).to_have_count(0)
        expect(site.job()).to_have_count(0)
        expect(site.notice("restart")).to_be_visible()
        expect(site.page.locator("#attention")).to_contain_text(
            re.compile("An import had been interrupted. It was undone")
        )
        assert file.read_text() == "changed since the backup"
        expect(site.rows().filter(has_text="Made by you")).to_have_count(1)


class TestKilledWhenEverythingWasInPlace:
    @pytest.fixture
    def server(self, sample_vault: Path) -> Iterator[LiveServer]:
        with live_server(sample_vault, before=KILLED_ONCE_COMMITTED) as running:
            yield running

    def test_an_import_that_was_killed_is_told_as_finished_in_every_tab(
        self, visit: Callable[..., Site], server: LiveServer
    ) -> None:
        server.post("/api/backup/create?wait=true", status=201)
        site = visit()
        file, before = site.a_changed_vault()
        site.rows().get_by_role("button", name="Restore").click()
        site.button("Import now").click()
        server.process.wait()
        # Or it would find the new server by itself, and have told before it is looked at.
        site.page.goto("about:blank")
        site.faults.clear()  # which is elsewhere
        port = server.address.rpartition(":")[2]
        with live_server(server.vault, before=SAME_PORT.format(port=port)) as again:
            # Nothing is known any more but the ids of this tab's jobs.
            site.page.goto(again.address)
            expect(site.notice("There is no such job")).to_contain_text("restart")
            finished = "after everything was in place. It was finished"
            expect(site.page.locator("#attention")).to_contain_text(finished)
            other = site.page.context.new_page()
            other.goto(again.address)
            expect(other.locator("#attention")).to_contain_text(finished)
            assert file.read_bytes() == before
            expect(site.button("Undo the last import …")).to_be_visible()
            site.page.reload()
            site.ready()
            expect(site.notice("There is no such job")).to_have_count(0)  # once is enough


def test_a_vault_that_cannot_be_looked_at_is_no_empty_page(
    visit: Callable[..., Site], server: LiveServer
) -> None:
    site = visit()
    site.page.route("**/api/vault", lambda route: route.abort())
    site.page.reload()
    expect(site.heading("Your vault cannot be looked at")).to_be_visible()
    expect(site.page.get_by_role("alert")).to_contain_text("The server does not answer")
