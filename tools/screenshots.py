"""Take the pictures of the page that the README and docs/page.md show.

    python -m tools.screenshots docs/images

On a sample vault in a temporary folder, with the system's own browser.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from autoresumefiller import UserDataManager
from tools.sample_vault import build_sample_vault

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ZONE = "Europe/Berlin"

# A page of few colours: a palette makes a third of the size, and nobody sees it.
COLOURS = 192

_LINK = re.compile(r"(http://\S+/login#\S+)")

# How old the backups of the pictures are, newest first.
_MANUAL_AGES = (timedelta(hours=3), timedelta(days=16))
_AUTO_AGES = (timedelta(hours=5), timedelta(days=2), timedelta(days=9))

WIDE: ViewportSize = {"width": 1280, "height": 830}
PHONE: ViewportSize = {"width": 360, "height": 1080}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        vault = _vault(Path(temporary) / "vault")
        with _page(vault) as page:
            _take_all(page, vault, folder)
    return 0


def _vault(root: Path) -> Path:
    build_sample_vault(root, target_bytes=12_000_000)
    manager = UserDataManager(root)
    for age in reversed(_MANUAL_AGES):
        _date(manager.export_all()["output_path"], age)
    for age in reversed(_AUTO_AGES):
        profile = manager.load_user_profile()
        manager.save_user_profile(profile)
        newest = manager.list_backups()[0]["path"]
        _date(newest, age)
    return root


def _date(archive: Path, age: timedelta) -> None:
    """Have a backup be from a while ago: its name says so."""
    made = datetime.now(UTC) - age
    name = re.sub(r"\d{8}_\d{6}(_\d+)?", made.strftime("%Y%m%d_%H%M%S"), archive.name)
    archive.rename(archive.with_name(name))


@contextmanager
def _page(vault: Path) -> Iterator[Page]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        sys.exit(f"no browser found: one of {', '.join(BROWSERS)} is needed")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    command = [sys.executable, "-m", "autoresumefiller", "--vault", str(vault), "serve"]
    with (
        subprocess.Popen([*command, "--port", "0"], stderr=subprocess.PIPE, text=True) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=sandbox)
        try:
            context = browser.new_context(timezone_id=ZONE, locale="en-GB", reduced_motion="reduce")
            page = context.new_page()
            page.goto(_link(server))
            page.wait_for_url(re.compile(r"/$"))
            yield page
        finally:
            browser.close()
            server.terminate()


def _link(server: subprocess.Popen[str]) -> str:
    assert server.stderr is not None  # noqa: S101 - it is a pipe
    for line in server.stderr:
        match = _LINK.search(line)
        if match is not None:
            return match[1]
    sys.exit("the server did not start")


def _take_all(page: Page, vault: Path, folder: Path) -> None:
    rows = page.locator("#backups > li")
    expect(rows).to_have_count(len(_MANUAL_AGES) + len(_AUTO_AGES))
    page.get_by_role("button", name="Check the newest now").click()
    expect(rows.first).to_contain_text("Proven")
    page.get_by_role("button", name="Dismiss").click()
    for scheme, name in (("light", "page-light"), ("dark", "page-dark")):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        _take(page, WIDE, folder / f"{name}.png")
    page.emulate_media(color_scheme="light")
    _take(page, PHONE, folder / "page-phone.png")
    next((vault / "resumes").glob("*.pdf")).unlink()
    (vault / "resumes/new since then.txt").write_text("stays\n", encoding="utf-8")
    rows.first.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    _take(page, {"width": 1280, "height": 760}, folder / "page-import.png")
    page.get_by_role("button", name="Don’t import").click()


def _take(page: Page, size: ViewportSize, file: Path) -> None:
    page.set_viewport_size(size)
    page.evaluate("scrollTo(0, 0)")
    picture = Image.open(BytesIO(page.screenshot()))
    small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(file, optimize=True)
    print(f"{file}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    raise SystemExit(main())
