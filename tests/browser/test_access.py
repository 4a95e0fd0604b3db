"""For everybody: small and large screens, light and dark, keyboard alone, screen readers."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

SIZES = {"phone": {"width": 360, "height": 740}, "wide": {"width": 1600, "height": 1000}}


def audit(page: Page) -> None:
    """Look with axe for everything that keeps people out, once everything has appeared."""
    page.evaluate(
        """() => Promise.allSettled(
          document.getAnimations()
            .filter((animation) => animation.effect.getComputedTiming().iterations !== Infinity)
            .map((animation) => animation.finished))"""
    )
    found = Axe().run(page).response["violations"]
    assert found == [], json.dumps(
        [
            (fault["id"], fault["help"], [node["html"] for node in fault["nodes"]])
            for fault in found
        ],
        indent=1,
    )


def nothing_sticks_out(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert (
        page.evaluate(
            """[...document.querySelectorAll("dialog, dialog *, main *")].filter((element) => {
          const box = element.getBoundingClientRect();
          return box.width > 1 && (box.right > innerWidth + 1 || box.left < -1);
        }).map((element) => element.outerHTML.slice(0, 80))"""
        )
        == []
    )


# Colours depend on the scheme and what fits on the size: two pairs show all four.
@pytest.mark.parametrize(
    ("size", "scheme"), [(SIZES["phone"], "dark"), (SIZES["wide"], "light")], ids=SIZES
)
def test_every_state_of_the_page_is_for_everybody(
    visit: Callable[..., Site], size: dict[str, int], scheme: str
) -> None:
    site = visit(viewport=size, color_scheme=scheme)
    looks = 0

    def look() -> None:
        nonlocal looks
        audit(site.page)
        nothing_sticks_out(site.page)
        looks += 1

    look()  # nothing backed up yet
    site.holds.at("writing")
    site.button("Back up now").click()
    expect(site.job()).to_contain_text("Writing the backup")
    look()
    site.holds.let_go()
    expect(site.notice("Everything is backed up")).to_be_visible()
    (
        site.server.vault / "backups/a name without any place to break it 0123456789abcdef.zip"
    ).write_bytes(b"no archive")
    site.page.reload()
    expect(site.rows()).to_have_count(2)
    site.rows().last.get_by_text("What is inside").click()
    site.rows().filter(has_text="Cannot be read").get_by_role("button", name="Check").click()
    expect(site.page.get_by_role("alert")).to_be_visible()
    look()
    site.rows().filter(has_text="Made by you").last.get_by_role("button", name="Delete").click()
    look()
    site.button("Keep it").click()
    site.rows().filter(has_text="Not checked").get_by_role("button", name="Restore").click()
    site.dialog().get_by_text("Show every file").click()
    look()
    site.button("Import now").click()
    expect(site.notice("Imported")).to_be_visible()
    look()
    site.button("Clean up …").click()
    expect(site.dialog()).to_contain_text("Nothing would go")
    look()
    assert looks == 7


def test_a_row_fits_from_a_laptop_zoomed_to_four_times_its_size_up(site: Site) -> None:
    site.a_backup()
    site.page.reload()
    expect(site.rows()).to_have_count(1)
    for width in (320, 360, 390, 768):
        site.page.set_viewport_size({"width": width, "height": 256})
        nothing_sticks_out(site.page)
        buttons = [one.bounding_box() for one in site.rows().locator(".acts .button").all()]
        assert len({round(box["y"]) for box in buttons if box}) == 1  # in one line


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, name: str) -> None:
    """Go on with Tab alone until something of that name has the focus."""
    script = """() => {
      const active = document.activeElement;
      return active.getAttribute("aria-label") ?? active.textContent.trim();
    }"""
    names = []
    for _ in range(60):
        press(page, "Tab")
        names.append(page.evaluate(script))
        if names[-1].startswith(name):
            ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert ring != "none", f"{name}: the focus cannot be seen"
            return
    raise AssertionError(f"Tab does not reach {name!r}: {names}")


def test_everything_can_be_done_with_the_keyboard_alone(site: Site) -> None:
    page = site.page
    tab_to(page, "Back up now")
    press(page, "Enter")
    expect(site.notice("Everything is backed up")).to_be_visible()
    site.all_listed()
    tab_to(page, "Check the newest now")
    press(page, "Enter")
    expect(site.rows()).to_contain_text("Proven")
    expect(site.heading("Your data is backed up")).to_be_focused()  # the button is gone
    site.a_changed_vault()
    tab_to(page, "Restore the backup of")
    press(page, "Enter")
    expect(site.dialog()).to_be_visible()
    expect(site.button("Don’t import")).to_be_focused()
    tab_to(page, "Import now")
    press(page, "Enter")
    expect(site.notice("Imported")).to_be_visible()
    page.reload()
    site.ready()
    tab_to(page, "Skip to the backups")
    press(page, "Enter")
    tab_to(page, "Delete the backup of")
    press(page, "Enter")
    expect(site.button("Keep it")).to_be_focused()
    press(page, "Tab", "Enter")
    expect(site.notice("The backup was deleted")).to_be_visible()
    expect(site.heading("Backups").first).to_be_focused()


def test_what_happens_is_said_to_a_screen_reader(site: Site) -> None:
    said: list[str] = []

    def heard(sentence: str) -> None:
        said.append(sentence)

    site.page.expose_function("heard", heard)
    site.page.evaluate(
        """new MutationObserver(() => heard(document.querySelector("#announcer").textContent))
          .observe(document.querySelector("#announcer"), { childList: true })"""
    )
    assert site.page.locator("#announcer").get_attribute("role") == "status"
    site.back_up()
    expect(site.page.locator("#announcer")).to_contain_text("Everything is backed up")
    assert "Backing up your vault: Reading the backup back" in said
    assert len(said) < 20  # the steps, and not every byte


def test_who_wants_no_motion_gets_none(visit: Callable[..., Site]) -> None:
    def moving(**options: Any) -> int:
        site = visit(**options)
        site.holds.at("preparing")
        site.button("Back up now").click()
        expect(site.job()).to_be_visible()
        count: int = site.page.evaluate(
            """[...document.querySelectorAll("*")].filter((element) => {
              const style = getComputedStyle(element);
              return style.animationName !== "none" || style.transitionDuration !== "0s";
            }).length"""
        )
        site.cancel()
        site.holds.let_go()
        expect(site.job()).to_have_count(0)
        return count

    assert moving(reduced_motion="no-preference") > 0
    assert moving(reduced_motion="reduce") == 0
