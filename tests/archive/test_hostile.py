"""Every archive of tests/vectors gets the verdict that is written beside it."""

import io
import json
import unicodedata
from pathlib import Path

import pytest

from autoresumefiller.archive.faults import Code
from autoresumefiller.archive.reader import read_metadata
from autoresumefiller.archive.salvage import salvage
from autoresumefiller.archive.validation import Report, read_back, validate
from tests.vectors.hostile import VECTORS
from tests.vectors.ordinary import ORDINARY


class Nowhere:
    """A sink that must not be used: a fault found before the content must keep it shut."""

    def open(self, record: object, path: str) -> io.BytesIO:
        raise AssertionError(f"{path} was written")

    def put(self, record: object, path: str, content: object) -> None:
        raise AssertionError(f"{path} was written")

    def make_directory(self, path: str) -> None:
        raise AssertionError(f"{path} was made")


BEFORE_CONTENT = {Code.UNSAFE_NAME, Code.TWIN_NAMES, Code.SPECIAL_FILE, Code.LOCAL_DIFFERS}
BEFORE_CONTENT |= {Code.UNEXPECTED_PLACE, Code.OVERLAP, Code.METADATA_INVALID, Code.ORIGINAL_PATH}


def report_on(name: str, **options: object) -> Report:
    case = VECTORS[name]
    return validate(io.BytesIO(case.make()), app_version="1.0.0", limits=case.limits, **options)


@pytest.mark.parametrize("name", VECTORS)
def test_a_hostile_archive_is_refused_for_its_fault_and_for_no_other(name: str) -> None:
    report = report_on(name)
    assert set(report.error_codes) == VECTORS[name].codes
    assert not report.importable


@pytest.mark.parametrize("name", VECTORS)
def test_what_is_said_about_a_hostile_archive_is_safe_to_print(name: str) -> None:
    for finding in report_on(name).findings:
        for text in (finding.message, finding.member or ""):
            assert text.isprintable() or set(text) & set("\u200c\u200d"), ascii(text)
            assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in text)
            assert len(text) < 3000
        assert finding.code in set(Code)


@pytest.mark.parametrize(
    "name", [name for name, case in VECTORS.items() if case.codes & BEFORE_CONTENT]
)
def test_nothing_is_written_once_a_fault_is_known(name: str) -> None:
    assert not report_on(name, sink=Nowhere()).importable


@pytest.mark.parametrize("name", VECTORS)
def test_the_other_readers_survive_it(name: str, tmp_path: Path) -> None:
    data = VECTORS[name].make()
    archive = tmp_path / "hostile.zip"
    archive.write_bytes(data)
    read_metadata(archive)
    read_back(io.BytesIO(data))
    folder = tmp_path / "deep" / "inside"
    salvage(io.BytesIO(data), folder, limits=VECTORS[name].limits)
    outside = [p for p in tmp_path.rglob("*") if p.is_file() and not p.is_relative_to(folder)]
    assert outside == [archive]
    assert not any(p.is_symlink() for p in folder.rglob("*"))


@pytest.mark.parametrize("name", ORDINARY)
def test_an_unusual_but_honest_archive_is_accepted(name: str) -> None:
    report = validate(io.BytesIO(ORDINARY[name]()), app_version="1.0.0")
    assert report.errors == []
    assert report.intact
    assert report.importable


@pytest.mark.parametrize("name", ORDINARY)
def test_an_honest_archive_reads_back(name: str) -> None:
    assert read_back(io.BytesIO(ORDINARY[name]())) == []


@pytest.mark.parametrize("name", ORDINARY)
def test_metadata_for_the_list_is_what_validation_finds(name: str, tmp_path: Path) -> None:
    data = ORDINARY[name]()
    archive = tmp_path / "a.zip"
    archive.write_bytes(data)
    assert read_metadata(archive) == validate(io.BytesIO(data), app_version="1.0.0").metadata


def test_every_code_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs/format.md").read_text()
    documented = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    assert {code.value for code in Code} <= documented


def test_every_code_for_an_error_has_a_vector() -> None:
    warnings = {"version_newer_patch", "profile_not_checked", "profile_missing", "more"}
    covered = {code for case in VECTORS.values() for code in case.codes}
    assert {code.value for code in Code} - covered == warnings


def test_endless_faults_are_told_a_hundred_times_at_most() -> None:
    from tests.vectors.contents import Story
    from tests.vectors.zip_parts import Part

    parts = [Part(f"evil/{number}".encode(), b"x") for number in range(500)]
    report = validate(io.BytesIO(Story(extra_parts=parts).bytes()), app_version="1.0.0")
    assert len(report.findings) <= 102
    assert json.dumps(report.errors)
