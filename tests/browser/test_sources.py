"""What can be seen in the files of the page, without a browser."""

import re
import subprocess
from pathlib import Path

import pytest

from autoresumefiller.api import routes
from tests.support.environment import require_tool

WEB = Path(routes.__file__).parents[2] / "web"
SCRIPTS = sorted(WEB.rglob("*.js"))
FILES = sorted(path for path in WEB.rglob("*") if path.is_file())

MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser"
    r"|setHTML|srcdoc|\beval\b|new Function|setTimeout\(\s*[\"'`]|javascript:"
)
ELSEWHERE = re.compile(r"(?<!xmlns=\")\bhttps?://|[\"'(]//|\bwss?://|importScripts|sendBeacon")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", re.IGNORECASE)


def test_there_is_a_page() -> None:
    assert (WEB / "index.html").is_file()
    assert len(SCRIPTS) > 10


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_turns_text_into_markup_or_code(script: Path) -> None:
    assert MARKUP.findall(script.read_text()) == []


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_no_file_leads_elsewhere(file: Path) -> None:
    assert ELSEWHERE.findall(file.read_text()) == []


def test_the_page_has_nothing_inline() -> None:
    assert INLINE.findall((WEB / "index.html").read_text()) == []


def test_every_script_is_well_formed() -> None:
    node = require_tool("node")
    for script in SCRIPTS:
        done = subprocess.run(
            [node, "--input-type=module", "--check"],
            input=script.read_bytes(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, f"{script.name}: {done.stderr.decode()}"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_script_stays_small_and_imports_what_is_there(script: Path) -> None:
    text = script.read_text()
    assert len(text.splitlines()) <= 250
    for name in re.findall(r'from "\./([\w-]+\.js)"', text):
        exported = (WEB / name).read_text()
        wanted = re.findall(rf'import \{{([^}}]*)\}} from "\./{re.escape(name)}"', text)
        for names in wanted:
            for one in filter(None, (part.strip() for part in names.split(","))):
                assert re.search(
                    rf"export (?:async )?(?:const|function|class|let) {one}\b", exported
                ), f"{script.name} takes {one} from {name}"


def test_every_icon_that_is_named_is_there_and_each_is_used() -> None:
    rules = set(re.findall(r"\.icon-([\w-]+) \{", (WEB / "css/icons.css").read_text()))
    there = {path.stem for path in (WEB / "icons").glob("*.svg")} - {"mark"}
    assert rules == there
    text = "".join(path.read_text() for path in FILES if path.suffix in {".js", ".html"})
    unused = [name for name in there if not re.search(rf"[\"-]{name}[\" ]", text)]
    assert unused == []
