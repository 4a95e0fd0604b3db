"""Validation: the words of the story, all faults at once, one pass into a sink."""

import errno
import io
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from autoresumefiller.archive import content_pass
from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.compression import Buffer, InflateStream
from autoresumefiller.archive.content import Outcome, check_content
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.structure import Member
from autoresumefiller.archive.validation import read_back, validate
from autoresumefiller.errors import NotEnoughSpaceError, StorageError
from tests.support.archives import story_metadata
from tests.support.sinks import Memory
from tests.vectors.contents import (
    CONFIG,
    DOCUMENT,
    LETTER,
    VAULT,
    Story,
    with_file,
    with_metadata,
    with_original,
    with_part_changed,
    with_record,
)
from tests.vectors.hostile import VECTORS
from tests.vectors.zip_parts import STORED, Part, build


def errors_of(data: bytes, **options: object) -> list[str]:
    return validate(io.BytesIO(data), app_version="1.0.0", **options).errors


def large_vault(count: int = 40, size: int = 60_000) -> Story:
    files = {f"resumes/{n:03}.bin": os.urandom(size // 2) + bytes(size // 2) for n in range(count)}
    return Story(files={**VAULT, **files})


# --- the story's words -------------------------------------------------------


def test_a_broken_file_is_a_zip_error() -> None:
    assert errors_of(b"not a zip")[0].startswith("Backup is corrupted (ZIP error)")
    assert errors_of(Story().bytes()[:-40])[0].startswith("Backup is corrupted (ZIP error)")


def test_a_newer_version_is_named_beside_ours() -> None:
    (error,) = errors_of(with_metadata(app_version="2.0.3"))
    assert error.startswith("Version mismatch: backup v2.0, current v1.0")
    assert "2.0.3" in error


def test_a_newer_patch_is_a_warning() -> None:
    report = validate(io.BytesIO(with_metadata(app_version="1.0.4")), app_version="1.0.0")
    assert report.importable
    (warning,) = report.warnings
    assert warning.startswith("Version mismatch (minor)")


@pytest.mark.parametrize(
    ("theirs", "ours", "verdict"),
    [
        ("1.0.0", "1.0.0", "fine"),
        ("0.9", "1.0.0", "fine"),
        ("1.0", "1.0.0", "fine"),
        ("1.0.0rc1", "1.0.0", "fine"),
        ("1.0.0+local", "1.0.0", "fine"),
        ("v1.0.0", "1.0.0", "fine"),
        ("1.2.0", "1.10.0", "fine"),
        ("1.0.0", "1.0.0rc1", "minor"),
        ("1.0.0.post1", "1.0.0", "minor"),
        ("1.0.1.dev1", "1.0.0", "minor"),
        ("1.0.1", "1.0.0", "minor"),
        ("1.1.0.dev1", "1.0.9", "mismatch"),
        ("2", "1.9", "mismatch"),
        ("1.10.0", "1.2.0", "mismatch"),
    ],
)
def test_versions_are_compared_as_pep_440_says(theirs: str, ours: str, verdict: str) -> None:
    report = validate(io.BytesIO(with_metadata(app_version=theirs)), app_version=ours)
    found = "mismatch" if report.errors else "minor" if report.warnings else "fine"
    assert found == verdict


def test_a_newer_format_is_refused_in_the_same_words() -> None:
    (error,) = errors_of(with_metadata(format_version=2))
    assert error.startswith("Version mismatch: backup format v2, current format v1")


def test_a_checksum_names_the_file_and_then_its_place() -> None:
    (error,) = errors_of(with_record(checksum_sha256="0" * 64))
    assert error.startswith("Checksum mismatch for engineer.pdf (resumes/engineer.pdf)")


def test_a_profile_that_was_changed_is_found_by_its_checksum() -> None:
    story = Story()
    story.changes = {"files": story_metadata(VAULT)["files"]}
    story.files["data/user_profile.json"] = VAULT["data/user_profile.json"].replace(
        b"Test", b"Best"
    )
    (error,) = errors_of(story.bytes())
    assert error.startswith("Checksum mismatch for user_profile.json")


def test_a_profile_against_the_schema_is_told_field_by_field() -> None:
    broken = b'{"personal_info": {"first_name": "Test", "email": "nobody"}}'
    (error,) = errors_of(with_file("data/user_profile.json", broken))
    assert error.startswith("Invalid user profile schema: ")
    assert "personal_info.last_name" in error
    assert "personal_info.email" in error
    assert "nobody" not in error


def test_a_size_that_differs_names_the_file() -> None:
    metadata = story_metadata(VAULT)
    metadata["files"][2]["size_bytes"] = 1
    total = sum(file["size_bytes"] for file in metadata["files"])
    (error,) = errors_of(with_metadata(files=metadata["files"], total_size_bytes=total))
    assert error.startswith("Size mismatch for engineer.pdf")


def test_every_fault_is_told_at_once() -> None:
    files = story_metadata(VAULT)["files"]
    files[2]["checksum_sha256"] = "0" * 64
    story = Story(changes={"files": files, "app_version": "9.0"})
    story.files["data/user_profile.json"] = b"{" + b" " * (len(VAULT["data/user_profile.json"]) - 1)
    story.extra_parts = [Part(b"resumes/../x", b"x"), Part(b"resumes/unlisted", b"x")]
    report = validate(io.BytesIO(story.bytes()), app_version="1.0.0")
    assert set(report.error_codes) >= {
        "unsafe_name",
        "version_mismatch",
        "unlisted_member",
        "checksum_mismatch",
        "profile_invalid",
    }
    assert sum("Checksum mismatch" in error for error in report.errors) == 2


def test_a_profile_that_was_exported_broken_is_intact_but_not_importable() -> None:
    report = validate(io.BytesIO(VECTORS["profile-exported-invalid"].make()), app_version="1.0.0")
    assert report.intact
    assert not report.importable
    assert report.errors[0].startswith("Invalid user profile schema")
    assert "when it was exported" in report.errors[0]
    assert report.profile is None


def test_a_newer_version_is_intact_but_not_importable() -> None:
    report = validate(io.BytesIO(with_metadata(app_version="3.0")), app_version="1.0.0")
    assert (report.intact, report.importable) == (True, False)
    assert report.metadata is not None


def test_an_encrypted_profile_is_told_as_a_warning() -> None:
    story = Story(files={"data/user_profile.json.enc": b"\0" * 40})
    report = validate(io.BytesIO(story.bytes()), app_version="1.0.0")
    assert report.importable
    assert [f.code for f in report.findings] == ["profile_not_checked"]


def test_an_empty_vault_is_importable() -> None:
    report = validate(io.BytesIO(Story(files={}).bytes()), app_version="1.0.0")
    assert report.importable
    assert [f.code for f in report.findings] == ["profile_missing"]


def test_the_profile_comes_with_the_report() -> None:
    report = validate(io.BytesIO(Story().bytes()), app_version="1.0.0")
    assert report.profile is not None
    assert report.profile.personal_info.first_name == "Test"


def test_free_space_counts_all_files_together() -> None:
    total = sum(len(part.data) for part in Story().parts())
    assert errors_of(Story().bytes(), limits=Limits(max_total_bytes=total)) == []
    (error,) = errors_of(Story().bytes(), limits=Limits(max_total_bytes=total - 1))
    assert f"{total:,}" in error


def test_junk_of_a_mac_says_what_to_do() -> None:
    (error,) = errors_of(with_file("__MACOSX/resumes/._a.pdf"))
    assert "zip -d" in error


# --- the sink ----------------------------------------------------------------


@pytest.mark.parametrize("workers", [None, 0, 1, 4])
def test_what_is_validated_is_what_is_written(workers: int | None) -> None:
    story = large_vault()
    story.extra_parts = [Part(b"resumes/empty/", method=STORED, attributes=0x10)]
    sink = Memory()
    report = validate(io.BytesIO(story.bytes()), app_version="1.0.0", sink=sink, workers=workers)
    assert report.errors == []
    assert sink.files == story.files
    assert sink.folders == ["resumes/empty"]
    assert report.directories == ("resumes/empty",)
    assert all(file.closed for file in sink.opened)


def test_the_sink_gets_original_names() -> None:
    sink = Memory()
    data = with_original("resumes/a%3Ab", "resumes/a:b")
    assert validate(io.BytesIO(data), app_version="1.0.0", sink=sink).importable
    assert "resumes/a:b" in sink.files


def test_folders_are_unescaped_only_in_our_own_format() -> None:
    folder = Part(b"resumes/a%3Ab/", method=STORED, attributes=0x10)
    for changes, name in (({}, "resumes/a%3Ab"), ({"format_version": 1}, "resumes/a:b")):
        sink = Memory()
        story = Story(extra_parts=[folder], changes=changes)
        assert validate(io.BytesIO(story.bytes()), app_version="1.0.0", sink=sink).importable
        assert sink.folders == [name]


def test_a_folder_whose_name_leaves_is_refused() -> None:
    folder = Part(b"resumes/%2E%2E/", method=STORED, attributes=0x10)
    story = Story(extra_parts=[folder], changes={"format_version": 1})
    report = validate(io.BytesIO(story.bytes()), app_version="1.0.0", sink=Memory())
    assert report.error_codes == ["original_path"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("workers", [0, 2])
def test_a_sink_that_fails_raises_our_error(number: int, workers: int) -> None:
    sink = Memory(
        fails=lambda path: OSError(number, os.strerror(number)) if "017" in path else None
    )
    kind = NotEnoughSpaceError if number == errno.ENOSPC else StorageError
    with pytest.raises(kind) as caught:
        validate(io.BytesIO(large_vault().bytes()), app_version="1.0.0", sink=sink, workers=workers)
    assert caught.value.errno == number
    assert all(file.closed for file in sink.opened)
    assert not worker_threads()


@pytest.mark.parametrize("watched", [True, False])
def test_the_first_failure_stops_the_others(watched: bool) -> None:
    sink = Memory(fails=lambda path: OSError(errno.ENOSPC, "full") if "/000" in path else None)
    with pytest.raises(NotEnoughSpaceError):
        validate(
            io.BytesIO(large_vault(400).bytes()),
            app_version="1.0.0",
            sink=sink,
            on_progress=(lambda *_: None) if watched else None,
            workers=2,
        )
    assert len(sink.opened) < 300


def worker_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "worker"]


# --- progress ----------------------------------------------------------------


@pytest.mark.parametrize("workers", [None, 0, 3])
def test_progress_names_every_file_on_this_thread(workers: int | None) -> None:
    story = large_vault()
    seen: dict[str, list[int]] = {}
    threads = set()
    plans: list[list[tuple[str, int]]] = []

    def note(name: str, done: int) -> None:
        threads.add(threading.current_thread())
        seen.setdefault(name, []).append(done)

    report = validate(
        io.BytesIO(story.bytes()),
        app_version="1.0.0",
        on_plan=lambda plan: plans.append([(member.name, member.size) for member in plan]),
        on_progress=note,
        workers=workers,
    )
    assert report.errors == []
    assert {name: steps[-1] for name, steps in seen.items()} == {
        name: len(data) for name, data in story.files.items()
    }
    assert all(steps == sorted(steps) for steps in seen.values())
    assert threads == {threading.current_thread()}
    assert plans == [[(name, len(data)) for name, data in story.files.items()]]


@pytest.mark.parametrize("workers", [None, 0, 2])
@pytest.mark.parametrize("at", [0, 7, 30])
def test_an_exception_in_the_callback_cancels_and_leaves_nothing(
    workers: int | None, at: int
) -> None:
    class EnoughError(OSError):
        pass

    calls = []

    def stop(name: str, done: int) -> None:
        calls.append(name)
        if len(calls) > at:
            raise EnoughError

    sink = Memory()
    with pytest.raises(EnoughError):
        validate(
            io.BytesIO(large_vault().bytes()),
            app_version="1.0.0",
            sink=sink,
            on_progress=stop,
            workers=workers,
        )
    assert not worker_threads()
    assert all(file.closed for file in sink.opened)


# --- large members -----------------------------------------------------------


@pytest.mark.parametrize("method", [STORED, 8])
def test_a_large_member_is_streamed(method: int, tmp_path: Path) -> None:
    data = (os.urandom(1 << 16) + LETTER * 100) * 50
    parts = Story(files={"resumes/large.bin": data}).parts()
    parts[0].method = method
    archive = tmp_path / "large.zip"
    archive.write_bytes(build(parts))
    sink = Memory()
    with archive.open("rb") as file:
        assert validate(file, app_version="1.0.0", sink=sink).errors == []
        assert read_back(file) == []
    assert sink.files["resumes/large.bin"] == data


@pytest.mark.parametrize("size", [0, 1, 4 << 20, (4 << 20) + 1, (5 << 20) + 7])
def test_the_two_ways_to_decompress_agree_at_their_border(size: int) -> None:
    story = Story(files={"resumes/a.txt": bytes(size)})
    assert errors_of(story.bytes()) == []


@pytest.mark.parametrize("by", [-1, 1])
def test_a_large_member_of_another_length_is_found(by: int) -> None:
    data = os.urandom(1 << 10) * (5 << 10)
    claimed = len(data) + by
    parts = Story(files={"resumes/a": data}, changes={}).parts()
    parts[0].local = parts[0].central = {"size": claimed}
    codes = validate(io.BytesIO(build(parts)), app_version="1.0.0").error_codes
    assert set(codes) == {"data_length", "size_mismatch"}


@pytest.mark.parametrize("claimed", [1000, 5 << 20], ids=["small", "streamed"])
def test_what_holds_more_than_it_claims_is_stopped_one_byte_later(
    claimed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    came_out: list[int] = []
    feed = InflateStream.feed

    def counting(self: InflateStream, chunk: Buffer, max_output: int) -> bytes:
        output = feed(self, chunk, max_output)
        came_out.append(len(output))
        return output

    monkeypatch.setattr(InflateStream, "feed", counting)
    story = Story(files={"resumes/a": bytes(12 << 20)})
    metadata = story_metadata(story.files)
    metadata["files"][0]["size_bytes"] = claimed
    story.changes = {"files": metadata["files"], "total_size_bytes": claimed}
    parts = story.parts()
    parts[0].local = parts[0].central = {"size": claimed}
    sink = Memory()
    report = validate(io.BytesIO(build(parts)), app_version="1.0.0", sink=sink)
    assert report.error_codes == ["data_length"]
    assert len(sink.files["resumes/a"]) <= claimed
    others = sum(len(part.data) for part in parts[1:])  # which are read as well
    # What is small is tried in one piece first, then looked at in pieces for what is wrong.
    assert sum(came_out) <= (2 if claimed == 1000 else 1) * (claimed + 1) + others


def test_two_members_are_checked_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1}, raising=False)
    size = 2 << 20  # too large to be read together with the next
    meeting = threading.Barrier(2, timeout=30)

    def check_in_company(file: ArchiveFile, member: Member, *rest: Any, **how: Any) -> Outcome:
        if member.size == size:
            meeting.wait()
        return check_content(file, member, *rest, **how)

    monkeypatch.setattr(content_pass, "check_content", check_in_company)
    data = large_vault(count=4, size=size).bytes()
    assert read_back(io.BytesIO(data)) == []
    assert errors_of(data) == []


def test_an_archive_that_shrinks_while_it_is_read_is_found(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(Story(files={"resumes/a": os.urandom(3 << 20)}).bytes())
    with archive.open("r+b") as file:
        report = validate(file, app_version="1.0.0", on_plan=lambda _: file.truncate(1 << 20))
    assert "truncated" in report.error_codes or "data_damaged" in report.error_codes


def test_an_archive_that_cannot_be_read_raises_our_error() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(StorageError) as caught:
        validate(Broken(Story().bytes()), app_version="1.0.0")
    assert caught.value.errno == errno.EIO


def test_read_back_finds_a_flipped_bit_anywhere_in_the_content() -> None:
    data = bytearray(Story().bytes())
    start = data.index(DOCUMENT)
    for at in (start, start + len(DOCUMENT) // 2, start + len(DOCUMENT) - 1):
        data[at] ^= 1
        assert [finding.code for finding in read_back(io.BytesIO(data))] == ["crc_mismatch"]
        data[at] ^= 1
    assert read_back(io.BytesIO(data)) == []


def test_config_and_metadata_are_not_mixed_up_with_the_sink() -> None:
    sink = Memory()
    validate(io.BytesIO(Story(sums=None).bytes()), app_version="1.0.0", sink=sink)
    assert "metadata.json" not in sink.files
    assert sink.files["config.yaml"] == CONFIG


def test_a_member_that_is_not_listed_is_not_written() -> None:
    sink = Memory()
    validate(io.BytesIO(VECTORS["unlisted"].make()), app_version="1.0.0", sink=sink)
    assert sink.files == {}


def test_a_stored_member_may_lie_beside_anything() -> None:
    assert errors_of(with_part_changed(2, attributes=0)) == []
