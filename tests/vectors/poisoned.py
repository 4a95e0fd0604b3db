"""Archives whose every string tries to leave the place where it is shown.

What is said about them is looked at wherever it comes out: tests/cli and
tests/api.
"""

import json
from unicodedata import category

from tests.vectors.contents import PROFILE, VAULT, Story
from tests.vectors.zip_parts import Part

FORGED = "2026-01-01 00:00:00,000 CRITICAL forged: line"
POISON = (
    "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b31m\u202egpj.exe\u2066\u200b\ufeff\x00\t\x08\x7f"
    f"\r\n{FORGED}\n\u2028{FORGED}\u2029\x85\ud800\udcff[bold]<script>alert(1)</script>"
)
"""Escape sequences (7 and 8 bit), bidi, invisible characters, NUL, line breaks of every
kind, lone surrogates, and markup of the libraries that write."""

_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}


def unsafe_in(text: str, *, allowed: str = "") -> set[str]:
    """Return what must not reach a terminal or a log, written out."""
    return {
        f"U+{ord(character):04X}"
        for character in set(text) - _JOINERS - set(allowed)
        if category(character) in _UNSAFE
    }


def _metadata(**changes: object) -> Story:
    return Story(changes=changes)


_RECORDS = Story().metadata()["files"]
_TEXTS = {
    "notes": POISON,
    "backup_type": POISON,
    "missing_directories": [POISON],
    "redacted": [POISON, POISON],
    "skipped": [{"path": POISON, "reason": POISON}],
    POISON: {POISON: [POISON]},
}
_ESCAPED = "resumes/" + "".join(
    f"%{byte:02X}" for byte in POISON.replace("\x00", "").replace("\ud800", "").encode(
        "utf-8", "surrogateescape"
    )
)[:240]  # fmt: skip


def _escaped() -> Story:
    """Restore a file whose name is poison, as the format lets people have such names."""
    from autoresumefiller.archive.names import unescape

    story = Story(files={**VAULT, _ESCAPED: b"text"}, changes={"format_version": 1})
    records = story.metadata()["files"]
    records[-1]["original_path"] = unescape(_ESCAPED)
    story.changes = {"files": records, **_TEXTS}
    return story


def _profile() -> Story:
    fields = json.loads(PROFILE)
    fields["personal_info"]["first_name"] = POISON
    fields["skills"] = [POISON]
    return Story(files={**VAULT, "data/user_profile.json": json.dumps(fields).encode()})


_CONFIG = json.dumps({POISON.replace("\ud800", "").replace("\udcff", ""): {"api_key": "x"}})

ACCEPTED: dict[str, Story] = {
    "texts": _metadata(**_TEXTS),
    "a name that is restored": _escaped(),
    "settings": Story(files={**VAULT, "config.yaml": _CONFIG.encode()}),
}
REFUSED: dict[str, Story] = {
    "a newer version": _metadata(**_TEXTS, app_version=f"99.0+{POISON}"),
    "a version": _metadata(app_version=POISON),
    "a time": _metadata(export_timestamp=POISON),
    "a scope": _metadata(scope=POISON),
    "a key that occurs twice": Story(
        raw_metadata=json.dumps({POISON: 1})[:-1].encode()
        + b", "
        + json.dumps({POISON: 1})[1:].encode()
    ),
    "a file's time": _metadata(files=[{**_RECORDS[0], "modified": POISON}, *_RECORDS[1:]]),
    "a file's original name": _metadata(
        files=[{**_RECORDS[0], "original_path": POISON}, *_RECORDS[1:]]
    ),
    "a file that is not there": _metadata(files=[*_RECORDS, {**_RECORDS[0], "path": POISON}]),
    "a file that is not listed": Story(
        extra_parts=[Part(f"resumes/{POISON}".encode("utf-8", "surrogatepass"), b"x")]
    ),
    "a member's name": Story(
        extra_parts=[Part(f"resumes/{POISON[:40]}".encode("utf-8", "surrogatepass"), b"x")]
    ),
    "a list of checksums": Story(
        sums=b"0" * 64 + b"  " + POISON.replace("\n", "").encode("utf-8", "replace") + b"\n"
    ),
    "a profile that is invalid": Story(
        files={**VAULT, "data/user_profile.json": json.dumps({POISON: POISON}).encode()}
    ),
    "a profile": _profile(),
}
