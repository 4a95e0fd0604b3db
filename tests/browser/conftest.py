"""The page in a real browser, with a real server behind it.

Every test's page must stay clean: no script error, no breach of the content
security policy, no request to anywhere but its own server.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.api.conftest import server  # noqa: F401 - a fixture
from tests.support import environment
from tests.support.api_server import LiveServer, live_server
from tests.support.holds import HOLDING, Holds

PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


# Not for the whole session: its event loop would be in the way of other tests' own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if sys.platform != "linux":
        pytest.skip("only on Linux: elsewhere there is no browser of the system to drive")
    found = filter(None, map(shutil.which, BROWSERS))
    program = next(found, None) or environment.require_tool("chromium")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=sandbox)
        yield running
        running.close()


@pytest.fixture(scope="session")
def holds(tmp_path_factory: pytest.TempPathFactory) -> Holds:
    return Holds(tmp_path_factory.mktemp("holds"))


@pytest.fixture(scope="session")
def shared_server(
    pristine_sample_vault: Path, tmp_path_factory: pytest.TempPathFactory, holds: Holds
) -> Iterator[LiveServer]:
    vault = tmp_path_factory.mktemp("served") / "vault"
    shutil.copytree(pristine_sample_vault, vault, symlinks=True)
    with live_server(vault, before=HOLDING, env={"HOLD": str(holds.folder)}) as running:
        yield running


@dataclass(kw_only=True)
class Site:
    """A person in front of the page.

    Attributes:
        faults: What must not happen on any page, whatever the test is about.

    """

    page: Page
    server: LiveServer
    holds: Holds
    faults: list[str] = field(default_factory=list)

    def button(self, name: str, **options: Any) -> Locator:
        return self.page.get_by_role("button", name=name, **options)

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name)

    def rows(self) -> Locator:
        return self.page.locator("#backups > li")

    def job(self) -> Locator:
        return self.page.locator("#jobs .job")

    def notice(self, text: str) -> Locator:
        return self.page.locator("#notices .notice").filter(has_text=text)

    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def ready(self) -> None:
        self.page.wait_for_selector("body:not(.loading)")

    def back_up(self) -> None:
        """Press the button, and wait until the list shows what came of it.

        The page tells how a job ended, and only then looks at the list anew: who acts
        between the two acts on rows that are about to go. What the page tells may still
        be of the backup before, so the server is asked first.
        """
        with self.page.expect_response(lambda answer: answer.request.method == "POST") as answer:
            self.button("Back up now").click()
        self.server.ended(answer.value.json()["id"])
        expect(self.notice("Everything is backed up")).to_be_visible()
        self.all_listed()

    def all_listed(self) -> None:
        """Wait until the list has every backup that there is."""
        names = [path.name for path in (self.server.vault / "backups").iterdir()]
        expect(self.rows()).to_have_count(len(names))
        for name in names:
            expect(self.page.locator(f'[data-filename="{name}"]')).to_be_visible()

    def choose(self, archive: Path) -> None:
        self.page.locator("#import-file").set_input_files(archive)

    def cancel(self) -> None:
        """Cancel the job; on return the server knows, and what is held may go on."""
        with self.page.expect_response(lambda answer: answer.request.method == "DELETE"):
            self.job().get_by_role("button", name="Cancel").click()

    def a_backup(self) -> str:
        """Make one behind the page's back; its name."""
        made = self.server.post("/api/backup/create?wait=true", status=201)
        name: str = made["filename"]
        return name

    def a_changed_vault(self) -> tuple[Path, bytes]:
        """Change a file; it, and what it held."""
        file = self.server.vault / "resumes/plain text.txt"
        before = file.read_bytes()
        file.write_text("changed since the backup")
        return file, before


@pytest.fixture
def context_options() -> dict[str, Any]:
    return {"viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def visit(
    browser: Browser,
    server: LiveServer,  # noqa: F811 - the fixture of that name
    holds: Holds,
    context_options: dict[str, Any],
) -> Iterator[Callable[..., Site]]:
    """Open the page by a one-time link, each time in a browser profile of its own."""
    contexts: list[BrowserContext] = []
    sites: list[Site] = []

    def open_page(**options: Any) -> Site:
        settings = {"timezone_id": "Europe/Berlin", "locale": "en-GB"}
        context = browser.new_context(**settings, **{**context_options, **options})
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        site = Site(page=context.new_page(), server=server, holds=holds)
        sites.append(site)
        context.on("page", lambda page: watch(page, site))
        watch(site.page, site)
        site.page.goto(server.post("/api/session/link", status=201)["link"])
        site.page.wait_for_url(f"{server.address}/")
        site.ready()
        return site

    yield open_page
    holds.let_go()
    for context in contexts:
        context.close()
    assert [fault for site in sites for fault in site.faults] == []


def watch(page: Page, site: Site) -> None:
    page.on("pageerror", lambda error: site.faults.append(f"script: {error}"))

    def console(message: Any) -> None:
        # A status above 399 is logged as well: what the page makes of it is tested.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            site.faults.append(message.text)

    def request(request: Any) -> None:
        if not request.url.startswith(f"{site.server.address}/"):
            site.faults.append(f"a request to {request.url}")

    page.on("console", console)
    page.on("request", request)


@pytest.fixture
def site(visit: Callable[..., Site]) -> Site:
    return visit()
