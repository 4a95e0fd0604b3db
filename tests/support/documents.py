"""The project's Markdown: its fenced code blocks and its links."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

_FENCE = re.compile(
    r"(?:^<!-- (?P<directive>[^\n]*?) -->\n)?^```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced code block.

    Attributes:
        language: What stands behind the fence.
        code: The lines between the fences.
        directive: The HTML comment on the line before, or "":
            ``not run: <reason>`` or ``given: a sample vault``.
        line: Where it begins, from 1.

    """

    language: str
    code: str
    directive: str
    line: int


def documents() -> list[Path]:
    """Every Markdown file that readers are sent to."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def blocks(document: Path) -> list[Block]:
    text = document.read_text()
    return [
        Block(
            language=match["language"],
            code=match["code"],
            directive=match["directive"] or "",
            line=text.count("\n", 0, match.start()) + 1,
        )
        for match in _FENCE.finditer(text)
    ]


def links(document: Path) -> list[str]:
    """Targets of links to other files of the project, without what follows a #."""
    without_code = _FENCE.sub("", document.read_text())
    targets = (match["target"].partition("#")[0] for match in _LINK.finditer(without_code))
    return [target for target in targets if target and "://" not in target]
