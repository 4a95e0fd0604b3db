"""Archives of the past: every format that was ever written stays importable."""

import hashlib
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from autoresumefiller.archive.validation import validate
from tests.support.sinks import Memory
from tests.vectors import differential
from tests.vectors.contents import DOCUMENT, LETTER, PROFILE
from tests.vectors.hostile import VECTORS

GOLDEN = Path(__file__).parents[1] / "vectors" / "golden"

COMMON = {
    "data/user_profile.json": PROFILE,
    "resumes/engineer.pdf": DOCUMENT,
    "resumes/2024/Lebenslauf Jürgen.pdf": DOCUMENT[::-1],
    "cover_letters/general.txt": LETTER,
}
FORMAT_1 = {
    **COMMON,
    "data/notes.txt": b"another file of the application\n",
    "resumes/empty.txt": b"",
    "resumes/履歴書.txt": LETTER,
    "resumes/Q: why?.txt": b"a name that is not portable\n",
    "resumes/CV.txt": b"one of twins\n",
    "resumes/cv.txt": b"the other twin\n",
    "resumes/con.txt": b"device\n",
    "resumes/caf\udce9.txt": b"a name that is not UTF-8\n",
}


def restored(name: str) -> tuple[Memory, Mapping[str, object]]:
    sink = Memory()
    with (GOLDEN / name).open("rb") as file:
        report = validate(file, app_version="1.0.0", sink=sink)
    assert (report.errors, report.warnings) == ([], [])
    assert report.profile is not None
    assert report.metadata is not None
    return sink, {"format": report.metadata.format_version, "redacted": report.metadata.redacted}


def test_format_1_is_restored_as_it_was() -> None:
    sink, metadata = restored("format-1.zip")
    config = sink.files.pop("config.yaml")
    assert sink.files == FORMAT_1
    assert sink.folders == ["cover_letters/unsent"]
    assert config.startswith(b"# API keys redacted for security\n")
    assert b"not-a-real-key" not in config
    assert metadata == {"format": 1, "redacted": ("ai_providers.openai.api_key",)}


def test_the_format_of_the_story_is_restored_as_it_was() -> None:
    sink, metadata = restored("story-infozip.zip")
    sink.files.pop("config.yaml")
    assert sink.files == COMMON
    assert metadata == {"format": None, "redacted": ()}


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("format-1.zip", "0d5efb8d46af6da95ef4005d4c7a7500cef3012bf2053b8aba2e30100826b8f5"),
        ("story-infozip.zip", "79beac55775e7eb50bd8e2ea9bbbefb3417e47459c556a7e46f388cd6f75644f"),
    ],
)
def test_a_golden_archive_is_never_changed(name: str, digest: str) -> None:
    assert hashlib.sha256((GOLDEN / name).read_bytes()).hexdigest() == digest


def test_anyone_can_check_format_1(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    unzip, sums = str(require_tool("unzip")), str(require_tool("sha256sum"))
    subprocess.run([unzip, "-q", str(GOLDEN / "format-1.zip")], cwd=tmp_path, check=True)
    subprocess.run([sums, "--quiet", "-c", "SHA256SUMS"], cwd=tmp_path, check=True)


def test_the_table_of_verdicts_is_of_these_vectors() -> None:
    lines = differential.DOCUMENT.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if "|" in line]
    documented = {row[0]: row[-1] for row in cells[2:]}
    assert documented == differential.rows()


def test_every_vector_is_of_a_class_and_the_page_counts_them() -> None:
    prefixes = [prefix for kinds in differential.CLASSES.values() for prefix in kinds]
    assert sorted(prefixes) == sorted({name.partition("-")[0] for name in VECTORS})
    assert differential.classes() in differential.DOCUMENT.read_text(encoding="utf-8")
